// Archive files, read block by block: what is accepted holds together, and its hash is that of all of its bytes.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/crypto/sha256.h"
#include "ledger-node/archive/archive_reader.h"
#include "tests/fuzz/target.h"

namespace lotmark::node {
namespace {

// A file without a place on a disk.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView bytes) : fd_(::memfd_create("archive", MFD_CLOEXEC)) {
    LM_ASSERT(fd_ >= 0);
    LM_ASSERT(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void fuzz_archive(ByteView in) {
  const MemoryFile file(in);
  std::uint64_t blocks = 0;
  const auto read = read_archive(file.path(), fuzz::contract_chain(), [&](const Signed<Block>&) {
    ++blocks;
    return Status();
  });
  if (!read) return;
  LM_ASSERT(read->blocks == blocks && read->lots <= blocks);
  LM_ASSERT(read->hash == sha256(in));
  LM_ASSERT(read->header.first <= read->header.last);
}

}  // namespace
LM_FUZZ_TARGET(archive, fuzz_archive);
}  // namespace lotmark::node
