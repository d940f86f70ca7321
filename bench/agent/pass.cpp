#include <atomic>
#include <chrono>
#include <thread>

#include "bench/agent/figures.h"
#include "core/store/database.h"

namespace lotmark::bench {

namespace {

using Steady = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(60);  // without any message

Result<std::vector<Bytes>> wires_of(const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, store::Database::open(private_db, {.read_only = true}));
  LM_ASSIGN(auto q, db.prepare("SELECT wire FROM intake_wire ORDER BY idx"));
  std::vector<Bytes> out;
  for (;;) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    out.push_back(to_bytes(q.blob(0)));
  }
}

Status wait_until(const std::function<bool()>& done, const std::atomic<std::uint64_t>& moves) {
  std::uint64_t seen = moves;
  auto moved = Steady::now();
  while (!done()) {
    std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (moves != seen) {
      seen = moves;
      moved = Steady::now();
    } else if (Steady::now() - moved > kPatience) {
      return fail(Errc::kUnavailable, "the broker passes nothing on");
    }
  }
  return {};
}

}  // namespace

Result<double> pass_seconds(const std::filesystem::path& private_db, const bus::PahoOptions& from,
                            const bus::PahoOptions& to, const std::string& topic) {
  LM_ASSIGN(auto wires, wires_of(private_db));
  std::atomic<std::uint64_t> arrived = 0;
  LM_ASSIGN(auto publisher, bus::make_paho(from));
  LM_ASSIGN(auto subscriber, bus::make_paho(to));
  subscriber->subscribe(topic, [&](const bus::Message&) { ++arrived; });
  LM_TRY(publisher->start());
  LM_TRY(subscriber->start());
  LM_TRY(wait_until([&] { return publisher->connected() && subscriber->connected(); }, arrived));
  const auto begin = Steady::now();
  for (std::size_t i = 0; i < wires.size(); ++i) {
    // As many under way as the agent has: what it is measured against does not queue for ever either.
    LM_TRY(wait_until([&] { return arrived + from.window > i; }, arrived));
    while (!publisher->publish(topic, wires[i], false, {})) {
      if (!publisher->connected()) return fail(Errc::kUnavailable, "the broker is gone");
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  }
  LM_TRY(wait_until([&] { return arrived >= wires.size(); }, arrived));
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

}  // namespace lotmark::bench
