#include "ledger-node/order/supervisor.h"

#include "ledger-node/chain/public/disclosures.h"

namespace lotmark::node {

Status Supervisor::take_disclosure(ByteView body, const Member& from, Time now) {
  LM_ASSIGN(auto told, chain::read_disclosure(body));
  if (told.block >= chain_.size()) return fail(Errc::kNotReady, "that block is not here yet");
  LM_ASSIGN(auto tx, open<Transaction>(told.disclosure.transaction.bytes, chain_.chain_id()));
  if (tx.kid != from.kid)
    return fail(Errc::kDenied, "a disclosure comes from the enterprise itself");
  return chain_.add_disclosure(told.block, told.disclosure, told.samples, now);
}

std::optional<Reply> Supervisor::peer(const Route& route, const Call& call, const Member& from,
                                      Time now) {
  if (call.method != "POST" || route.parts[2] != "disclosures") return std::nullopt;
  Status done = take_disclosure(call.body, from, now);
  if (!done) return reply_error(done.error());
  ++taken_;
  return reply_cbor(encode_list({}));
}

std::vector<std::pair<std::string, double>> Supervisor::metrics() const {
  return {{"lotmark_disclosures_taken_total", static_cast<double>(taken_)}};
}

}  // namespace lotmark::node
