// What a node's command asks of the program beside the agent's work: its checks, and a bundle for support. Each runs as a
// process of its own, one at a time; the same one asked for again before it began is one.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <thread>

#include "core/wire/device.h"
#include "edge-agent/source/child.h"

namespace lotmark::agent {

class Errands {
 public:
  static constexpr std::size_t kKept = 8;  // bundles for support in the folder; the oldest go

  // `config_file`: the agent's; `folder`: where bundles for support go, made if it is not there.
  Errands(std::filesystem::path config_file, std::filesystem::path folder);
  ~Errands();  // ends what runs

  // kCheck or kDiag, what it says goes to the log. From any thread; returns at once.
  void ask(CommandKind kind);

 private:
  void run();
  void check() const;
  void diag() const;
  void make_room() const;

  std::filesystem::path config_file_;
  std::filesystem::path folder_;
  StopEvent stop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::set<CommandKind> asked_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace lotmark::agent
