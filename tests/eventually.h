// Waiting for what another thread or another program brings about.
#pragma once

#include <chrono>
#include <thread>

namespace lotmark::test {

// Until `holds` says true; false if it did not within `limit`, which is long, for a busy machine.
template <class Condition>
bool eventually(Condition&& holds, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

}  // namespace lotmark::test
