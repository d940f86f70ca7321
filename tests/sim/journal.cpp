#include "tests/sim/journal.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/base/log.h"
#include "tests/sim/timeline.h"

namespace lotmark::sim {

namespace {

constexpr std::size_t kKept = 60;
Journal* newest = nullptr;

}  // namespace

Journal::Journal(const Timeline& timeline) : timeline_(timeline), begin_(timeline.now()) {
  newest = this;
}

Journal::~Journal() {
  if (newest == this) newest = nullptr;
}

void Journal::keep(std::string line) {
  const auto ms = (timeline_.now() - begin_).count();
  line = fmt::format("{:>4}.{:03} {}", ms / 1000, ms % 1000, line);
  if (loud_) std::fprintf(stdout, "%s\n", line.c_str());
  tail_.push_back(std::move(line));
  if (tail_.size() > kKept) tail_.pop_front();
}

void Journal::count(std::string_view what) {
  for (const char c : what) {
    digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  }
  digest_ = (digest_ ^ static_cast<std::uint64_t>(to_ms(timeline_.now()))) * 0x100000001b3u;
}

void Journal::say(std::string_view what) {
  count(what);
  keep(std::string(what));
}

void Journal::note(std::string_view line) { keep(fmt::format("       {} logs: {}", who_, line)); }

Time Journal::now() const { return timeline_.now(); }

void Journal::violation(std::string what) {
  say("VIOLATION " + what);
  if (!broken_) broken_ = std::move(what);
}

std::string Journal::tail() const {
  std::string all;
  for (const auto& line : tail_) all += line + "\n";
  return all;
}

}  // namespace lotmark::sim

namespace lotmark::log {

void event(Level level, std::string_view name, const std::vector<Field>& fields) {
  if (level == Level::kDebug || sim::newest == nullptr) return;
  if (name == "peer.refused") return;  // the network tells it
  std::string line(name);
  for (const auto& f : fields) line += " " + f.key + "=" + f.value;
  sim::newest->note(line);
}

}  // namespace lotmark::log
