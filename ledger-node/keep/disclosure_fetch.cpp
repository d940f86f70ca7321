#include "ledger-node/keep/disclosure_fetch.h"

#include "core/base/log.h"
#include "ledger-node/chain/public/disclosures.h"

namespace lotmark::node {

namespace {
constexpr Millis kRound{3600000};
constexpr Millis kPause{1000};
}  // namespace

std::optional<KeyId> DisclosureFetch::source() const {
  std::size_t n = 0;
  for (const auto& m : chain_.statements().newest().members) {
    if (m.has(Role::kSupervising) && m.kid != self_ && n++ == source_) return m.kid;
  }
  return std::nullopt;
}

void DisclosureFetch::next_source() {
  ++source_;
  from_ = 1;
}

std::vector<Outgoing> DisclosureFetch::tick(Time now) {
  now_ = now;
  if (busy_ || now < due_) return {};
  due_ = now + kPause;
  const auto to = source();
  if (!to) {  // all were asked
    source_ = 0;
    from_ = 1;
    due_ = now + kRound;
    return {};
  }
  const auto lacking = chain::undisclosed_from(chain_, from_);
  if (!lacking || !*lacking) {
    next_source();
    due_ = {};
    return {};
  }
  from_ = **lacking;
  busy_ = true;
  std::vector<Outgoing> out;
  out.push_back({*to,
                 "GET",
                 "/peer/v1/disclosures?from=" + std::to_string(from_),
                 {},
                 [this](const Reply& reply) { answered(reply); }});
  return out;
}

void DisclosureFetch::answered(const Reply& reply) {
  busy_ = false;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list || list->empty()) return next_source();
  const std::uint64_t asked_from = from_;
  for (const auto& bytes : *list) {
    const auto told = chain::read_disclosure(bytes);
    if (!told || told->block < from_) return next_source();
    from_ = told->block + 1;
    if (chain_.has_disclosure(told->block)) continue;
    const auto kept = chain::take_disclosure(chain_, bytes, now_);
    fetched_ += kept ? 1 : 0;
    if (kept) continue;
    if (kept.code() == Errc::kNotReady) return next_source();  // this node is behind
    ++refused_;
    log::warn("disclosure.refused", {{"block", told->block}, {"error", kept.error().message()}});
  }
  if (from_ > asked_from) due_ = {};
}

std::vector<std::pair<std::string, double>> DisclosureFetch::metrics() const {
  return {{"lotmark_disclosures_fetched_total", static_cast<double>(fetched_)},
          {"lotmark_disclosures_refused_total", static_cast<double>(refused_)}};
}

}  // namespace lotmark::node
