// The control routes of a lot's serials. docs/operate/peer.md.
#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/private/enterprise_json.h"

namespace lotmark::node {

// What an application named stays named.
static Status check_takes_serials(const chain::Batch& b) {
  if (b.state == chain::BatchState::kOpen) return {};
  return fail(Errc::kConflict, "the application of lot " + b.opening.body.lot->text +
                                   " is made: its serials do not change any more");
}

Result<Reply> Enterprise::State::take_serials(const Live& l, const Call& call) {
  LM_TRY(check_takes_serials(l.batch));
  LM_ASSIGN(const auto request, read_serials_page(call.body));
  LM_ASSIGN(const auto now_there, serials.take(l.batch.start(), request.page, request.serials));
  return reply_json(serials_json(now_there).dump());
}

Result<Reply> Enterprise::State::seal_serials(const Live& l, const Call& call) {
  LM_ASSIGN(const auto request, read_serials_seal(call.body));
  LM_ASSIGN(const auto before, serials.standing(l.batch.start()));
  if (!before.items) LM_TRY(check_takes_serials(l.batch));
  LM_ASSIGN(const auto after, serials.seal(l.batch.start(), request.count, request.through));
  if (!before.items && after.items) {
    log::info("enterprise.serials_sealed", {{"count", after.items->count},
                                            {"lot", l.batch.opening.body.lot->text},
                                            {"root", to_hex(after.items->root)}});
  }
  return reply_json(serials_json(after).dump());
}

Result<Reply> Enterprise::State::withdraw_serials(const Live& l) {
  LM_TRY(check_takes_serials(l.batch));
  LM_ASSIGN(const auto before, serials.standing(l.batch.start()));
  LM_ASSIGN(const auto after, serials.withdraw(l.batch.start()));
  const bool begins = before.state != chain::SerialsState::kNone &&
                      before.state != chain::SerialsState::kWithdrawing &&
                      before.state != chain::SerialsState::kWithdrawn;
  if (begins) {
    log::info("enterprise.serials_withdrawn", {{"lot", l.batch.opening.body.lot->text}});
  }
  return reply_json(serials_json(after).dump());
}

// Before the tool reads a file of ten million: an application made meanwhile would name none.
Result<Reply> Enterprise::State::announce_serials(const Live& l) {
  LM_ASSIGN(const auto before, serials.standing(l.batch.start()));
  if (!before.items) LM_TRY(check_takes_serials(l.batch));
  LM_ASSIGN(const auto after, serials.announce(l.batch.start()));
  return reply_json(serials_json(after).dump());
}

Result<Reply> Enterprise::State::declare_no_serials(const Live& l) {
  LM_TRY(check_takes_serials(l.batch));
  LM_ASSIGN(const auto after, serials.declare_none(l.batch.start()));
  return reply_json(serials_json(after).dump());
}

std::optional<Result<Reply>> Enterprise::State::lot_serials(const Route& route, const Call& call) {
  const auto& p = route.parts;
  if (p.size() < 5 || p.size() > 6 || p[4] != "serials") return std::nullopt;
  const bool post = call.method == "POST";
  const std::string what = p.size() == 6 ? p[5] : std::string();
  if (!post && (call.method != "GET" || !what.empty())) return std::nullopt;
  constexpr std::string_view kWhat[] = {"", "announce", "seal", "withdraw", "none"};
  if (std::ranges::find(kWhat, what) == std::end(kWhat)) return std::nullopt;
  const auto found = find_lot(p[3], route);
  if (!found) return Result<Reply>(found.error());
  const Live& l = **found;
  if (what == "announce") return announce_serials(l);
  if (what == "none") return declare_no_serials(l);
  if (what == "seal") return seal_serials(l, call);
  if (what == "withdraw") return withdraw_serials(l);
  if (post) return take_serials(l, call);
  const auto standing = serials.standing(l.batch.start());
  if (!standing) return Result<Reply>(standing.error());
  return Result<Reply>(reply_json(serials_json(*standing).dump()));
}

}  // namespace lotmark::node
