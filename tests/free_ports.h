// Ports of loopback for the servers that a test starts.
//
// A port that the kernel chooses lies in the range of outgoing connections, so any of those can take it before the
// server listens, or while it is started again. These lie below that range, and were free a moment ago.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <vector>

#include "core/base/assert.h"

namespace lotmark::test {

// `count` different ones: each is held until the last is chosen.
inline std::vector<int> free_ports(std::size_t count) {
  constexpr int kFirst = 10'000;  // above what is well known
  int end = 0;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> end;
  if (end < 2 * kFirst) end = 32'768;  // unreadable, or it leaves no room below
  std::random_device random;
  std::uniform_int_distribution<int> any(kFirst, end - 1);
  std::vector<int> held;
  std::vector<int> ports;
  for (int tries = 0; ports.size() < count; ++tries) {
    LM_ASSERT(tries < 10'000);
    sockaddr_in a{};
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int port = any(random);
    a.sin_port = htons(static_cast<std::uint16_t>(port));
    held.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(held.back(), reinterpret_cast<sockaddr*>(&a), sizeof a) == 0) ports.push_back(port);
  }
  for (const int fd : held) ::close(fd);
  return ports;
}

inline int free_port() { return free_ports(1).front(); }

}  // namespace lotmark::test
