#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "bench/ingest/runs.h"

namespace lotmark::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

// utime and stime of /proc/PID/stat: places 14 and 15, counted behind the name in parentheses.
Result<double> cpu_of(int pid) {
  std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(in, line)) return fail(Errc::kNotFound, "no process " + std::to_string(pid));
  std::istringstream rest(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) rest >> skipped;
  double user = 0;
  double system = 0;
  rest >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// Counts what the node acked, device by device.
class Acked {
 public:
  explicit Acked(const Prepared& p)
      : prepared_(&p), through_(p.devices.size()), sent_(p.bundles.size()) {
    for (std::size_t i = 0; i < p.devices.size(); ++i) device_[p.devices[i].signer->kid()] = i;
    ack_ms_.reserve(p.bundles.size());
  }
  // Before the bundle is published.
  void sending(std::size_t i) { sent_[i] = SteadyClock::now().time_since_epoch().count(); }
  // On the bus's thread.
  void on_ack(const bus::Message& m) {
    auto ack = open<Ack>(m.payload, prepared_->chain);
    if (!ack || !device_.contains(ack->body.device)) return;
    const std::size_t device = device_.at(ack->body.device);
    auto& through = through_[device];
    measure(device, through, ack->body.through);
    if (ack->body.through > through) total_ += ack->body.through - through;
    through = std::max(through, ack->body.through);
    refused_ += ack->body.refused.size();
  }
  std::uint64_t total() const { return total_; }
  std::uint64_t refused() const { return refused_; }
  // Once everything is acked.
  std::vector<double> take_ack_ms() { return std::exchange(ack_ms_, {}); }

 private:
  // Bundles go out device by device in turn, so that number and device give the place.
  void measure(std::size_t device, std::uint64_t from, std::uint64_t through) {
    const auto now = SteadyClock::now().time_since_epoch();
    for (std::uint64_t seq = from + 1; seq <= through; ++seq) {
      const auto sent =
          SteadyClock::duration(sent_[(seq - 1) * prepared_->devices.size() + device]);
      ack_ms_.push_back(std::chrono::duration<double, std::milli>(now - sent).count());
    }
  }

  const Prepared* prepared_;
  std::map<KeyId, std::size_t> device_;
  std::vector<std::uint64_t> through_;
  std::vector<std::atomic<SteadyClock::rep>> sent_;
  std::vector<double> ack_ms_;
  std::atomic<std::uint64_t> total_ = 0;
  std::atomic<std::uint64_t> refused_ = 0;
};

// Waits until at least `wanted` are acked; unavailable if nothing moves for too long.
Status wait_for(const Acked& acked, std::uint64_t wanted, unsigned timeout_s) {
  std::uint64_t seen = acked.total();
  auto moved = SteadyClock::now();
  while (acked.total() < wanted) {
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    if (acked.refused() != 0)
      return fail(Errc::kConflict, "the node refused a bundle: see its log");
    if (acked.total() != seen) {
      seen = acked.total();
      moved = SteadyClock::now();
    } else if (SteadyClock::now() - moved > std::chrono::seconds(timeout_s)) {
      return fail(Errc::kUnavailable, "no ack for " + std::to_string(timeout_s) + " s after " +
                                          std::to_string(seen) + " bundles");
    }
  }
  return {};
}

Status publish_all(bus::Bus& bus, const Prepared& p, Acked& acked, const Broker& broker) {
  for (std::size_t i = 0; i < p.bundles.size(); ++i) {
    if (i >= broker.outstanding)
      LM_TRY(wait_for(acked, i - broker.outstanding + 1, broker.timeout_s));
    const auto& m = p.bundles[i].message;
    acked.sending(i);
    while (true) {
      Status sent = bus.publish(m.topic, m.payload, false, {});
      if (sent) break;
      if (!bus.connected() || sent.code() != Errc::kUnavailable) return sent;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }
  return wait_for(acked, p.bundles.size(), broker.timeout_s);
}

Status connect(bus::Bus& bus) {
  LM_TRY(bus.start());
  for (int i = 0; i < 1000; ++i) {
    if (bus.connected()) return {};
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return fail(Errc::kUnavailable, "the broker does not answer");
}

}  // namespace

Result<Records> run_records(const Prepared& p, const Broker& broker, int standby_pid) {
  const auto standby_cpu = [&]() -> Result<double> {
    return standby_pid == 0 ? Result<double>(0.0) : cpu_of(standby_pid);
  };
  Acked acked(p);
  LM_ASSIGN(auto bus, bus::make_paho(broker.paho));
  bus->subscribe("lotmark/v1/" + p.organisation + "/+/ack",
                 [&](const bus::Message& m) { acked.on_ack(m); });
  LM_TRY(connect(*bus));
  LM_ASSIGN(const double before, cpu_of(broker.node_pid));
  LM_ASSIGN(const double standby_before, standby_cpu());
  const double own_before = cpu_seconds();
  const auto start = SteadyClock::now();
  LM_TRY(publish_all(*bus, p, acked, broker));
  Records r;
  r.node.wall_s = std::chrono::duration<double>(SteadyClock::now() - start).count();
  LM_ASSIGN(const double after, cpu_of(broker.node_pid));
  LM_ASSIGN(const double standby_after, standby_cpu());
  r.node.cpu_s = after - before;
  r.standby_cpu_s = standby_after - standby_before;
  r.generator_cpu_s = cpu_seconds() - own_before;
  bus.reset();  // nothing writes times any more
  r.ack_ms = acked.take_ack_ms();
  std::ranges::sort(r.ack_ms);
  return r;
}

Result<Run> run_over_broker(const Prepared& p, const Broker& broker) {
  Acked acked(p);
  LM_ASSIGN(auto bus, bus::make_paho(broker.paho));
  bus->subscribe("lotmark/v1/" + p.organisation + "/+/ack",
                 [&](const bus::Message& m) { acked.on_ack(m); });
  LM_TRY(connect(*bus));
  LM_ASSIGN(const double before, cpu_of(broker.node_pid));
  const auto start = SteadyClock::now();
  LM_TRY(publish_all(*bus, p, acked, broker));
  const double wall = std::chrono::duration<double>(SteadyClock::now() - start).count();
  LM_ASSIGN(const double after, cpu_of(broker.node_pid));
  return Run{after - before, wall};
}

}  // namespace lotmark::bench
