#include "edge-agent/operate/errands.h"

#include <sys/stat.h>

#include <algorithm>
#include <sstream>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "edge-agent/source/run_child.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kTimeout{3};

// This program, or the one that took its place when the package was renewed.
fs::path own_program() {
  std::error_code failed;
  std::string self = fs::read_symlink("/proc/self/exe", failed).string();
  constexpr std::string_view kDeleted = " (deleted)";
  if (self.ends_with(kDeleted)) self.resize(self.size() - kDeleted.size());
  return self;
}

// 20260105T080000Z
std::string stamp(Time now) {
  std::string out;
  for (const char c : to_iso(now).substr(0, 19)) {
    if (c != '-' && c != ':') out += c;
  }
  return out + "Z";
}

}  // namespace

Errands::Errands(fs::path config_file, fs::path folder)
    : config_file_(std::move(config_file)),
      folder_(std::move(folder)),
      thread_([this] { run(); }) {}

Errands::~Errands() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  stop_.set();
  wake_.notify_one();
  thread_.join();
}

void Errands::ask(CommandKind kind) {
  const std::lock_guard lock(mutex_);
  asked_.insert(kind);
  wake_.notify_one();
}

void Errands::run() {
  for (;;) {
    CommandKind kind{};
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !asked_.empty(); });
      if (ending_) return;
      kind = *asked_.begin();
      asked_.erase(asked_.begin());
    }
    kind == CommandKind::kCheck ? check() : diag();
  }
}

// Its exit code says what its last line says: warnings are no failure to check.
void Errands::check() const {
  ChildRun run;
  run.command = {"/bin/sh",     "-c",       "\"$@\" || [ $? -le 2 ]", "sh",
                 own_program(), "--config", config_file_.string(),    "check"};
  run.timeout = kTimeout;
  const auto said = run_child(run, stop_);
  if (!said) return log::error("check.failed", {{"error", said.error().message()}});
  std::istringstream lines(*said);
  for (std::string line; std::getline(lines, line);) log::info("check.said", {{"line", line}});
}

void Errands::diag() const {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  ::chmod(folder_.c_str(), 0700);
  make_room();
  const fs::path out = folder_ / ("diag-" + stamp(SystemClock().now()) + ".tar.gz");
  ChildRun run;
  run.command = {own_program(), "--config", config_file_.string(), "diag", "--out", out.string()};
  run.timeout = kTimeout;
  const auto said = run_child(run, stop_);
  if (!said) return log::error("diag.failed", {{"error", said.error().message()}});
  log::info("diag.written", {{"file", out.string()}});
}

void Errands::make_room() const {
  std::error_code ignored;
  std::vector<fs::path> kept;
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("diag-") && name.ends_with(".tar.gz")) kept.push_back(entry.path());
  }
  std::ranges::sort(kept);  // names sort as their times do
  for (std::size_t i = 0; i + kKept <= kept.size(); ++i) fs::remove(kept[i], ignored);
}

}  // namespace lotmark::agent
