#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "bench/agent/figures.h"
#include "core/base/random.h"
#include "edge-agent/outbox/outbox.h"

namespace lotmark::bench {

namespace {

constexpr std::size_t kWire = 1400;  // 60 readings of one channel

std::uint64_t proc_number(const char* file, const std::string& key) {
  std::ifstream in(file);
  std::string word;
  while (in >> word) {
    std::uint64_t v = 0;
    if (word == key + ":" && in >> v) return v;
  }
  return 0;
}

struct Way {
  const char* name;
  std::size_t bundles;  // a commit
  std::size_t behind;   // commits until they are acked; 0: after all of them, 64 at a time
};

class Filler {
 public:
  static Result<Filler> open(const std::filesystem::path& file) {
    LM_ASSIGN(auto outbox, agent::Outbox::open({file, KeyId{}, Digest{}, "boot"}));
    return Filler(std::move(outbox));
  }
  // Seals so many, and lets go up to `through`.
  Status commit(std::size_t bundles, std::uint64_t through) {
    agent::Batch b;
    b.ran_ms = ++ran_;
    for (std::size_t i = 0; i < bundles; ++i) {
      Bytes wire(kWire);
      fill_random(wire.data(), wire.size());
      b.sealed.push_back(
          {outbox_.chain().seq + i + 1, Digest{{1}}, std::move(wire), 60, agent::WhenFull::kBlock});
    }
    b.last["t"] = outbox_.chain().seq + bundles;
    b.sources["file"] = {{ran_, 0}, false};
    if (through > 0) {
      Ack a;
      a.through = through;
      a.id = Digest{{1}};
      b.ack = agent::KeptAck{a, Bytes(330), {}};
    }
    return outbox_.commit(b);
  }
  std::uint64_t sealed() const { return outbox_.chain().seq; }
  std::uint64_t bytes() const { return outbox_.bytes(); }

 private:
  explicit Filler(agent::Outbox outbox) : outbox_(std::move(outbox)) {}
  agent::Outbox outbox_;
  std::uint64_t ran_ = 0;
};

Status run(const Way& way, const std::filesystem::path& file, std::uint64_t commits) {
  LM_ASSIGN(auto filler, Filler::open(file));
  for (std::uint64_t i = 0; i < commits; ++i) {
    const bool acked = way.behind > 0 && i >= way.behind;
    LM_TRY(filler.commit(way.bundles, acked ? (i - way.behind + 1) * way.bundles : 0));
  }
  if (way.behind > 0) return {};
  for (std::uint64_t through = 64; through < filler.sealed(); through += 64)
    LM_TRY(filler.commit(0, through));
  return filler.commit(0, filler.sealed());
}

}  // namespace

Status write_figures(const std::filesystem::path& folder, std::uint64_t commits) {
  for (const Way& way : {Way{"one-a-commit", 1, 1}, Way{"four-a-commit", 4, 1},
                         Way{"sixteen-a-commit", 16, 2}, Way{"outage-four", 4, 0}}) {
    const auto file = folder / (std::string(way.name) + ".db");
    const std::uint64_t before = proc_number("/proc/self/io", "write_bytes");
    LM_TRY(run(way, file, commits));
    const auto written = proc_number("/proc/self/io", "write_bytes") - before;
    const auto bundles = static_cast<double>(commits * way.bundles * kWire);
    fmt::print("agent-written way={} written={} bundles={:.0f} ratio={:.2f}\n", way.name, written,
               bundles, static_cast<double>(written) / bundles);
  }
  return {};
}

Status fill_outbox(const std::filesystem::path& file, std::uint64_t bytes) {
  LM_ASSIGN(auto filler, Filler::open(file));
  while (filler.bytes() < bytes) LM_TRY(filler.commit(1000, 0));
  return {};
}

Status open_figures(const std::filesystem::path& file) {
  const auto begin = std::chrono::steady_clock::now();
  LM_ASSIGN(auto outbox, agent::Outbox::open({file, KeyId{}, Digest{}, "boot"}));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  fmt::print("agent-open bytes={} bundles={} ms={:.1f} peak_kib={}\n", outbox.bytes(),
             outbox.unacked(), took.count(), proc_number("/proc/self/status", "VmHWM"));
  return {};
}

}  // namespace lotmark::bench
