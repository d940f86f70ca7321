// What nodes ask of this agent by signed commands (docs/format/device.md, command).
#include <fmt/format.h>

#include "core/base/log.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {

// With a clock that is not set only what does no harm late is done.
Status in_time(const Command& c, ClockState clock, Time now) {
  const bool harmless = c.command == CommandKind::kSealNow || c.command == CommandKind::kCheck ||
                        c.command == CommandKind::kDiag;
  if (clock == ClockState::kUnset)
    return harmless ? Status() : fail(Errc::kCommandExpired, "the clock is not set");
  if (from_ms(static_cast<std::int64_t>(c.expiry)) > now) return {};
  return fail(Errc::kCommandExpired,
              "it was good until " + to_iso(from_ms(static_cast<std::int64_t>(c.expiry))));
}

}  // namespace

void Agent::take_news(const CommandNews& news) {
  const Status done = obey(news.object);
  if (done) return;
  ++counts_.commands_refused;
  if (const auto more = commands_told_.due(std::chrono::steady_clock::now()))
    log::warn("command.refused", {{"error", done.error().message()}, {"left_out", *more}});
}

// Its counter is on disk before it is done: nothing is done twice, whenever the power goes.
Status Agent::obey(ByteView object) {
  LM_ASSIGN(const Command c, answers_.command(object));
  if (c.device != signer_->kid()) return fail(Errc::kDeviceUnknown, "for another device");
  if (c.counter <= outbox_.commanded())
    return fail(Errc::kCommandCounter,
                fmt::format("{} is not above {}", c.counter, outbox_.commanded()));
  LM_TRY(in_time(c, clock_.state(), clock_.now()));
  LM_TRY(outbox_.command(c.counter));
  LM_TRY(carry_out(c));
  ++counts_.commands;
  log::info("command.obeyed", {{"command", name(c.command)}, {"counter", c.counter}});
  return {};
}

Status Agent::carry_out(const Command& c) {
  switch (c.command) {
    case CommandKind::kSealNow: return seal_live();
    case CommandKind::kResend: uplink_->rewind_to(*c.from, std::chrono::steady_clock::now()); break;
    case CommandKind::kCheck:
    case CommandKind::kDiag:
    case CommandKind::kReload:
      if (!on_command_) return fail(Errc::kUnavailable, "nobody here does that");
      on_command_(c.command);
      break;
  }
  return {};
}

// A recorded source's window ends where its file says.
Status Agent::seal_live() {
  for (const auto& lane : lanes_) {
    if (!lane.source || lane.source->recorded()) continue;
    LM_TRY(bundler_.seal(lane.place, clock_.now(), clock_.state(), batch_.sealed));
  }
  seals_due_.emplace();  // at once
  return {};
}

}  // namespace lotmark::agent
