#include "ledger-node/order/turns.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/public/body_checks.h"
#include "ledger-node/chain/public/term_reach.h"

namespace lotmark::node {

Result<Bytes> give_turn(chain::PublicChain& chain, const Signer& signer, std::uint64_t term,
                        const KeyId& asker) {
  Turn turn;
  turn.term = term;
  turn.asker = asker;
  LM_ASSIGN(auto vote, chain.own_vote());
  if (vote) turn.vote = ObjectBytes{std::move(*vote)};
  LM_ASSIGN(auto sealed, seal(turn, signer, chain.chain_id()));
  LM_TRY(chain.store_standing({term, asker, sealed.bytes}));
  log::info("order.turn_given", {{"term", term}, {"asker", short_hex(asker)}});
  return std::move(sealed.bytes);
}

std::optional<Reply> TurnGiver::peer(const Route& route, const Call& call, const Member& from,
                                     Time now) {
  if (call.method != "POST" || route.parts[2] != "turns") return std::nullopt;
  auto turn = answer(call, from, now);
  return turn ? reply_cbor(*std::move(turn)) : reply_error(turn.error());
}

// Who asks sends its own turn, given to itself, and the delegation if there is one. Who was given nothing sees what
// stands in the way: the turn that another one has.
Result<Bytes> TurnGiver::answer(const Call& call, const Member& from, Time now) {
  LM_ASSIGN(auto list, decode_list(call.body, 2));
  if (list.empty()) return fail(Errc::kFieldType, "a turn is expected");
  LM_ASSIGN(auto asked, lotmark::open<Turn>(list[0], chain_.chain_id()));
  if (asked.kid != from.kid || !asked.verified_by(from.public_key)) return Errc::kCoseSignature;
  chain_.onlooker().turned(asked);
  if (!chain::term_may_be_asked(chain_, asked.body.term, now))
    return fail(Errc::kBlockTerm, "term " + std::to_string(asked.body.term) +
                                      " is too far above the open one, " +
                                      std::to_string(chain_.term()));
  if (asked.body.asker == signer_.kid()) {  // an offer
    offered_ = std::max(offered_, asked.body.term);
    return encode_list({});
  }
  if (asked.body.asker != from.kid) return fail(Errc::kDenied, "a turn is asked for oneself");
  if (chain_.onlooker().block_forker(from.kid))
    return fail(Errc::kDenied, "the asker is proven to have signed two blocks for one number");
  LM_ASSIGN(auto standing, chain_.standing());
  if (!standing || !may_sign_()) return fail(Errc::kNotReady, "this node is recovering");
  const std::uint64_t term = asked.body.term;
  if (standing->asker && term <= standing->term) return standing->turn;
  if (term < standing->term || term <= chain_.term()) {
    return fail(Errc::kBlockTerm,
                "term " + std::to_string(std::max(standing->term, chain_.term())) + " is reached");
  }
  LM_TRY(may_ask(asked.body, list, from));
  ++given_;
  return give_turn(chain_, signer_, term, from.kid);
}

Status TurnGiver::may_ask(const Turn& asked, const std::vector<Bytes>& list,
                          const Member& from) const {
  if (!delegated_) return {};
  const KeyId* holder = chain_.holder();
  if (list.size() == 1 && holder != nullptr && *holder == from.kid) return {};
  if (list.size() == 1) return fail(Errc::kDenied, "ordering here moves by delegation");
  LM_TRY(
      chain::check_delegation(chain_, list[1], chain_.statements().newest(), asked.term, from.kid));
  return {};
}

std::vector<std::pair<std::string, double>> TurnGiver::metrics() const {
  return {{"lotmark_turns_given_total", static_cast<double>(given_)},
          {"lotmark_chain_term", static_cast<double>(chain_.term())}};
}

}  // namespace lotmark::node
