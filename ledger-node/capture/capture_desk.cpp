#include "ledger-node/capture/capture_desk.h"

#include "core/base/log.h"

namespace lotmark::node {

namespace {

std::string_view word(CaptureOutcome::State s) {
  switch (s) {
    case CaptureOutcome::State::kStored: return "stored";
    case CaptureOutcome::State::kHeld: return "held";
    case CaptureOutcome::State::kRefused: break;
  }
  return "refused";
}

std::string json_of(const CaptureOutcome& outcome) {
  epcis::Json events = epcis::Json::array();
  for (const auto& item : outcome.items)
    events.push_back({{"state", word(item.state)}, {"id", item.id}, {"why", item.why}});
  const epcis::Json j = {
      {"job", outcome.job}, {"success", outcome.success}, {"events", std::move(events)}};
  return j.dump(-1, ' ', false, epcis::Json::error_handler_t::replace);
}

}  // namespace

Result<std::unique_ptr<CaptureDesk>> CaptureDesk::open(const std::filesystem::path& private_db,
                                                       Held held) {
  auto desk = std::make_unique<CaptureDesk>();
  LM_ASSIGN(desk->store_, EventStore::open(private_db));
  AccessDesk::Held entries_held;
  if (held) entries_held = [held](std::uint64_t moved) { return held(moved, kAllWait); };
  LM_ASSIGN(desk->accesses_, AccessDesk::open(private_db, std::move(entries_held)));
  desk->held_ = std::move(held);
  return desk;
}

bool CaptureDesk::serves(const Call& call, const Route& route) {
  const auto& p = route.parts;
  if (AccessDesk::is_access(call, route)) return true;
  return call.method == "POST" && p.size() == 3 && p[0] == "control" && p[1] == "v1" &&
         p[2] == "captures";
}

std::vector<std::pair<std::string, double>> CaptureDesk::metrics() const {
  auto out = store_->metrics();
  for (auto& each : accesses_->metrics()) out.push_back(std::move(each));
  return out;
}

Reply CaptureDesk::control(const Call& call, const Route& route, const KeyId& by, Time now) {
  if (AccessDesk::is_access(call, route)) return accesses_->control(call, route, by, now);
  auto request = decode_capture(call.body);
  if (!request) return reply_error(request.error());
  const auto outcome = clock_ != nullptr ? store_->capture(*std::move(request), *clock_)
                                         : store_->capture(*std::move(request), now);
  if (!outcome) {
    log::error("capture.not_taken", {{"error", outcome.error().message()}});
    return reply_error(outcome.error());
  }
  if (held_ && !held_(outcome->moved, kCapturesWait)) {
    return reply_error(
        fail(Errc::kUnavailable, "captured, but a standby does not hold it yet: send it again"));
  }
  return reply_json(json_of(*outcome));
}

}  // namespace lotmark::node
