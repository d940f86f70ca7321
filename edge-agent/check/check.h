// Tries, beside a running agent or before it is started, all that it needs: what `lotmark-edge-agent check` does. Nothing is
// written, and nothing sent that a node would take for data.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "edge-agent/config/config.h"

namespace lotmark::agent {

enum class Mark { kOk, kNotTried, kWarn, kFault };

struct Finding {
  std::string name;  // "key", "source.air", "broker.certificate"
  Mark mark = Mark::kOk;
  std::string text;  // one sentence: what is, and where it helps what to do
};
using Findings = std::vector<Finding>;

struct CheckOptions {
  // Listens so long for an ack that the node signs meanwhile; 0: not at all.
  std::chrono::seconds wait{0};
};

// In the order in which one thing needs another. Takes up to 20 s a broker that does not answer.
Findings check(const Config& config, const Clock& clock, const CheckOptions& options);

// A line each, and a last one that sums up.
std::string check_text(const Findings& findings);
// {"result": "ok", "findings": [{"name": ..., "mark": ..., "text": ...}]}
std::string check_json(const Findings& findings);
// 0 ok, 1 warnings, 2 faults.
int check_exit(const Findings& findings);

// The parts, for tests.
void check_key(const Config& config, Findings& out);
void check_certificates(const Config& config, const Clock& clock, Findings& out);
void check_clock(const Clock& clock, std::optional<std::uint64_t> newest_ack_ms, Findings& out);
void check_devices(const Config& config, Findings& out);
// Programs of alarms and of [renewal], and the webhooks' CA. A warning where no source can feed an alarm's channel.
void check_actions(const Config& config, Findings& out);
// A warning where one is overdue, falls due within 30 days, is of a later day, or of a channel that no source can feed.
void check_calibrations(const Config& config, const Clock& clock, Findings& out);
void check_brokers(const Config& config, const CheckOptions& options, Findings& out);

}  // namespace lotmark::agent
