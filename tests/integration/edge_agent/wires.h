// A serial line for tests: a pair of pseudo terminals by socat.
#pragma once

#include "tests/integration/edge_agent/agent_program.h"

namespace lotmark::agent::test {

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
