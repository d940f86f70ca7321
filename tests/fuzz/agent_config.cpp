// The agent's configuration: any file gives a configuration or a list of faults, and what is printed of one that
// was accepted is accepted again and prints the same.
#include "edge-agent/config/config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/target.h"

namespace lotmark::agent {
namespace {

// A file that is only memory, under a path.
class MemoryFile {
 public:
  explicit MemoryFile(ByteView content) : fd_(::memfd_create("config", 0)) {
    LM_ASSERT(fd_ >= 0);
    std::size_t done = 0;
    while (done < content.size()) {
      const auto n = ::write(fd_, content.data() + done, content.size() - done);
      LM_ASSERT(n > 0);
      done += static_cast<std::size_t>(n);
    }
  }
  ~MemoryFile() { ::close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void fuzz_agent_config(ByteView in) {
  const MemoryFile file(in);
  const auto config = load_config(file.path());
  if (!config) {
    LM_ASSERT(!config.error().text.empty());
    return;
  }
  const std::string printed = print_config(*config);
  const MemoryFile second(as_bytes(printed));
  const auto again = load_config(second.path());
  LM_ASSERT(again);
  LM_ASSERT(print_config(*again) == printed);
}

}  // namespace
LM_FUZZ_TARGET(agent_config, fuzz_agent_config);
}  // namespace lotmark::agent
