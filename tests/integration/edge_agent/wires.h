// Lines for tests: a free TCP port, and a pair of pseudo terminals by socat.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent::test {

inline int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof a;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&a), size), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&a), &size), 0);
  ::close(fd);
  return ntohs(a.sin_port);
}

// What is written at one end comes out at the other; a pulled plug takes both away.
class Wire {
 public:
  explicit Wire(const TempDir& dir) : near_(dir / "near"), far_(dir / "far") {}
  ~Wire() { pull(); }
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;
  bool plug_in() {
    pull();
    socat_.start({"socat", "pty,raw,echo=0,link=" + near_, "pty,raw,echo=0,link=" + far_});
    return eventually(
        [&] { return std::filesystem::exists(near_) && std::filesystem::exists(far_); });
  }
  void pull() {
    socat_.end();
    std::filesystem::remove(near_);  // socat had no time to
    std::filesystem::remove(far_);
  }
  const std::string& near() const { return near_; }
  const std::string& far() const { return far_; }

 private:
  std::string near_;
  std::string far_;
  Child socat_;
};

}  // namespace lotmark::agent::test
