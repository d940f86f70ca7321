#include "ledger-node/order/period.h"

#include "ledger-node/chain/public/body_checks.h"

namespace lotmark::node {

Status PeriodCollector::take_head(ByteView object, const KeyId& from) {
  LM_ASSIGN(auto head, open<Head>(object, chain_.chain_id()));
  if (head.kid != from) return fail(Errc::kDenied, "a head comes from its own signer");
  const auto logged = chain_.logged_head(head.kid, head.body.log);
  if (head.body.prior != (logged ? logged->size : 0)) {
    return fail(Errc::kNotReady, "the head does not start where the chain logged the last one");
  }
  const PeriodBody alone{
      chain_.has_period() ? chain_.last_period() + 1 : 0, {{head.bytes}}, {}, {}, {}, {}};
  chain::OnceIds once;
  LM_TRY(chain::check_period_body(chain_, alone, chain_.statements().newest(), once));
  const auto have = heads_.find({head.kid, head.body.log});
  if (have != heads_.end() && have->second.body.size > head.body.size) return {};
  heads_.insert_or_assign({head.kid, head.body.log}, std::move(head));
  return {};
}

PeriodBody PeriodCollector::body() const {
  PeriodBody b;
  b.number = chain_.has_period() ? chain_.last_period() + 1 : 0;
  std::map<std::pair<KeyId, Digest>, const Signed<Head>*> sorted;
  for (const auto& [place, head] : heads_) {
    auto on_chain = chain_.block_of(head.id);
    if (on_chain && !*on_chain) sorted[{head.kid, head.id}] = &head;
  }
  std::map<KeyId, bool> came;
  for (const auto& [place, head] : sorted) {
    b.heads.push_back({head->bytes});
    came[head->kid] = true;
  }
  for (const auto& m : chain_.statements().newest().members) {
    const bool keeps_log = m.has(Role::kKeeping) || m.has(Role::kReviewing);
    if (keeps_log && !came[m.kid]) b.missing.push_back(m.kid);
  }
  return b;
}

}  // namespace lotmark::node
