#include "core/base/private_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace lotmark {

Status check_private_file(const std::filesystem::path& file) {
  struct stat st {};
  if (::stat(file.c_str(), &st) != 0) {
    return fail(Errc::kIo, "cannot read " + file.string() + ": " + std::strerror(errno));
  }
  if ((st.st_mode & 077) == 0) return {};
  return fail(Errc::kDenied, file.string() + " can be read by others: chmod 600 it");
}

}  // namespace lotmark
