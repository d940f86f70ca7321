#include "edge-agent/check/check.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/private_file.h"
#include "core/crypto/sha256.h"
#include "edge-agent/check/broker_trial.h"
#include "edge-agent/check/outbox_glance.h"
#include "edge-agent/clock/agent_clock.h"

namespace lotmark::agent {

namespace {

constexpr std::array kMarks = {"ok", "not-tried", "warning", "fault"};
constexpr std::chrono::seconds kTrialTimeout{5};
constexpr std::uint64_t kAckOldMs = 10 * 60 * 1000;

const char* name(Mark m) { return kMarks[static_cast<std::size_t>(m)]; }

Mark worst(const Findings& findings) {
  Mark out = Mark::kOk;
  for (const auto& f : findings) out = std::max(out, f.mark);
  return out == Mark::kNotTried ? Mark::kOk : out;
}

std::string mebibytes(std::uint64_t bytes) { return fmt::format("{} MiB", bytes >> 20); }

void check_disk(const Config& c, std::uint64_t kept, Findings& out) {
  // A folder that is not there yet is made by the agent, in the nearest one that is.
  auto folder = std::filesystem::absolute(c.state_dir);
  std::error_code ignored;
  while (!std::filesystem::exists(folder, ignored) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) {
    out.push_back({"disk", Mark::kFault, folder.string() + " cannot be written to"});
    return;
  }
  struct statvfs s {};
  if (::statvfs(folder.c_str(), &s) != 0) {
    out.push_back({"disk", Mark::kFault, folder.string() + ": its file system does not answer"});
    return;
  }
  const std::uint64_t free = std::uint64_t{s.f_bavail} * s.f_frsize;
  const std::uint64_t wanted = c.outbox_max_bytes - std::min(c.outbox_max_bytes, kept);
  const std::string text = fmt::format("{} free at {}, the outbox may grow by {}", mebibytes(free),
                                       folder.string(), mebibytes(wanted));
  // Pages of the database and its log need more than the objects do.
  out.push_back({"disk", free < wanted + wanted / 4 ? Mark::kWarn : Mark::kOk, text});
}

void check_acks(const OutboxGlance& o, const Clock& clock, Findings& out) {
  const std::string kept = fmt::format("{} of {} not acked", o.unacked, o.seq);
  if (!o.ack) {
    out.push_back({"ack", Mark::kWarn, "no node has acked anything yet; " + kept});
    return;
  }
  const auto now = static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(clock.now())));
  const std::uint64_t age = now > o.ack->time ? now - o.ack->time : 0;
  const bool late = o.unacked > 0 && age > kAckOldMs;
  out.push_back({"ack", late ? Mark::kWarn : Mark::kOk,
                 fmt::format("newest through {}, {} s ago by the node's clock; {}", o.ack->through,
                             age / 1000, kept)});
}

void check_outbox(const Config& c, const Clock& clock, Findings& out) {
  auto glance = glance_at(c.state_dir / "outbox.db", c.chain);
  if (!glance && glance.code() == Errc::kNotFound) {
    check_clock(clock, std::nullopt, out);
    check_disk(c, 0, out);
    out.push_back({"outbox", Mark::kNotTried, glance.error().text + ": the agent makes it"});
    return;
  }
  if (!glance) {
    check_clock(clock, std::nullopt, out);
    out.push_back({"outbox", Mark::kFault, glance.error().message()});
    return;
  }
  check_clock(clock, glance->ack ? std::optional(glance->ack->time) : std::nullopt, out);
  check_disk(c, glance->bytes, out);
  if (auto key = open_record_key(c.key); key && (*key)->kid() != glance->device) {
    out.push_back(
        {"outbox", Mark::kFault, "belongs to another key: give this one its own state_dir"});
    return;
  }
  if (glance->conflict) {
    out.push_back({"outbox", Mark::kFault,
                   "the node holds other bundles of this life: state_dir is an older copy, or two "
                   "agents run on copies of it; nothing is let go until a new life begins"});
    return;
  }
  check_acks(*glance, clock, out);
}

// A site's broker takes the client and its first filter.
std::optional<Result<std::string>> try_mqtt(const MqttOptions& o) {
  if (!o.broker.key_file.empty()) {
    if (const auto own = check_private_file(o.broker.key_file); !own)
      return Result<std::string>(own.error());
  }
  TrialOptions trial;
  trial.broker = {o.broker.url,      o.broker.ca_file, o.broker.cert_file,
                  o.broker.key_file, o.broker.user,    o.broker.password_file};
  trial.client_id = o.broker.client_id + "-check";
  trial.topic = o.channels.empty() ? o.senml_topics.at(0) : o.channels[0].topic;
  trial.timeout = kTrialTimeout;
  const auto report = try_broker(trial, [](ByteView) { return false; });
  if (!report) return Result<std::string>(report.error());
  return Result<std::string>(report->protocol + ", connected, subscribed to " + trial.topic);
}

}  // namespace

void check_key(const Config& c, Findings& out) {
  auto signer = open_record_key(c.key);
  if (!signer) {
    out.push_back({"key", Mark::kFault, signer.error().message()});
    return;
  }
  const Digest digest = sha256(as_bytes("lotmark-edge-agent check"));
  const auto signature = (*signer)->sign(digest);
  if (!signature) {
    out.push_back({"key", Mark::kFault, signature.error().message()});
  } else if (!verify_once((*signer)->public_key(), digest, *signature)) {
    out.push_back({"key", Mark::kFault, "what it signs does not verify"});
  } else {
    out.push_back({"key", Mark::kOk, "signs and verifies; kid " + to_hex((*signer)->kid())});
  }
}

void check_clock(const Clock& clock, std::optional<std::uint64_t> newest_ack_ms, Findings& out) {
  const Time now = clock.now();
  const auto state = state_of(clock);
  if (state == ClockState::kUnset) {
    out.push_back(
        {"clock", Mark::kFault, to_iso(now) + " is before this program could exist: set it"});
  } else if (newest_ack_ms && static_cast<std::uint64_t>(to_ms(now)) + 60'000 < *newest_ack_ms) {
    out.push_back({"clock", Mark::kFault,
                   fmt::format("{} is behind the newest ack by {} s", to_iso(now),
                               (*newest_ack_ms - static_cast<std::uint64_t>(to_ms(now))) / 1000)});
  } else if (state == ClockState::kFreeRunning) {
    out.push_back({"clock", Mark::kWarn, to_iso(now) + ", synchronised with nothing"});
  } else {
    out.push_back({"clock", Mark::kOk, to_iso(now) + ", synchronised"});
  }
}

void check_devices(const Config& c, Findings& out) {
  for (const auto& source : c.sources) {
    const auto* devices = std::get_if<MqttOptions>(&source.options);
    const auto tried = devices != nullptr ? try_mqtt(*devices) : try_source(source);
    const std::string name = "source." + source.name;
    if (!tried) {
      out.push_back({name, Mark::kNotTried, "this kind cannot be tried without reading from it"});
    } else if (!*tried) {
      out.push_back({name, Mark::kFault, tried->error().message()});
    } else {
      out.push_back({name, Mark::kOk, **tried});
    }
  }
}

Findings check(const Config& config, const Clock& clock, const CheckOptions& options) {
  Findings out;
  out.push_back(
      {"config", Mark::kOk,
       fmt::format("{} sources, {} alarms", config.sources.size(), config.alarms.size())});
  check_key(config, out);
  check_outbox(config, clock, out);
  check_devices(config, out);
  check_actions(config, out);
  check_calibrations(config, clock, out);
  check_certificates(config, clock, out);
  check_brokers(config, options, out);
  return out;
}

std::string check_text(const Findings& findings) {
  std::string out;
  for (const auto& f : findings)
    out += fmt::format("{:<10} {:<24} {}\n", name(f.mark), f.name, f.text);
  return out + "check " + name(worst(findings)) + "\n";
}

std::string check_json(const Findings& findings) {
  nlohmann::json j = {{"result", name(worst(findings))}, {"findings", nlohmann::json::array()}};
  for (const auto& f : findings) {
    j["findings"].push_back({{"name", f.name}, {"mark", name(f.mark)}, {"text", f.text}});
  }
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int check_exit(const Findings& findings) {
  const Mark m = worst(findings);
  return m == Mark::kFault ? 2 : m == Mark::kWarn ? 1 : 0;
}

}  // namespace lotmark::agent
