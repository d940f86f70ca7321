// What is measured: the yardstick, the intake log alone, and a whole node behind a broker.
#pragma once

#include "bench/ingest/prepared.h"

namespace lotmark::bench {

// Seconds of CPU, user and system, of this process so far.
double cpu_seconds();

// What no node can do without: for each bundle one verification and every hash that the format demands.
// `lean` hashes by the functions the product itself uses, else by EVP with one context for all.
double yardstick_seconds(const Prepared& p, bool lean);

struct Run {
  double cpu_s = 0;  // of the process measured
  double wall_s = 0;
};

// IntakeLog::take alone on a fresh private.db in `folder`, groups of `group` messages.
Result<Run> run_in_process(const Prepared& p, const std::filesystem::path& folder,
                           std::size_t group);

struct Broker {
  bus::PahoOptions paho;
  int node_pid = 0;               // whose CPU counts
  std::size_t outstanding = 512;  // bundles sent and not yet acked; a broker's queue is not endless
  unsigned timeout_s = 300;       // without any ack
};
// What people who compare ledgers ask for: how many a second, how long until the answer, what it costs.
struct Records {
  Run node;
  double standby_cpu_s = 0;
  double generator_cpu_s = 0;
  std::vector<double>
      ack_ms;  // of each bundle, from its publication to the ack that covers it; ascending
};
// As run_over_broker. `standby_pid` 0: there is none.
Result<Records> run_records(const Prepared& p, const Broker& broker, int standby_pid);

// Publishes everything and waits until every device's last bundle was acked.
Result<Run> run_over_broker(const Prepared& p, const Broker& broker);

}  // namespace lotmark::bench
