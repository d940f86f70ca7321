#include "ledger-node/replicate/head_sender.h"

#include "core/base/log.h"

namespace lotmark::node {

static constexpr Millis kAfterRefusal{500};

HeadSender::HeadSender(const chain::PublicChain& chain, const Signer& signer, PrimaryNow primary,
                       LogKind log, Millis least_pause, MakeHead make_head)
    : chain_(chain),
      signer_(signer),
      primary_(std::move(primary)),
      log_(log),
      pause_(least_pause),
      make_head_(std::move(make_head)) {}

std::vector<Outgoing> HeadSender::tick(Time now) {
  if (std::exchange(refused_, false)) due_ = std::min(due_, now + kAfterRefusal);
  const auto primary = primary_();
  if (primary && taken_ && taken_by_ != *primary) due_ = std::min(due_, now + kAfterRefusal);
  if (primary && sending_to_ && sending_to_ != primary) {  // a frozen one answers no more
    sending_to_.reset();
    due_ = now;
  }
  if (sending_to_ || now < due_ || !primary) return {};
  const auto logged = chain_.logged_head(signer_.kid(), log_);
  const std::uint64_t prior = logged ? logged->size : 0;
  const Head head = make_head_(
      prior, logged ? std::max(now, from_ms(static_cast<std::int64_t>(logged->time))) : now);
  if (head.size < prior) {
    log::error("head.log_shorter_than_logged",
               {{"log", name(log_)}, {"size", head.size}, {"logged", prior}});
    due_ = now + 10 * pause_;
    return {};
  }
  if (prior != 0 &&
      !merkle::verify_consistency(prior, logged->root, head.size, head.root, head.path)) {
    log::error("head.log_differs", {{"log", name(log_)}, {"size", head.size}, {"logged", prior}});
    due_ = now + 10 * pause_;
    return {};
  }
  const std::uint64_t period = chain_.has_period() ? chain_.last_period() + 1 : 0;
  if (taken_ == std::pair(prior, head.size) && taken_period_ == period && taken_by_ == *primary)
    return {};
  auto sealed = seal(head, signer_, chain_.chain_id());
  if (!sealed) {
    log::error("head.not_signed", {{"error", sealed.error().message()}});
    return {};
  }
  sending_to_ = primary;
  due_ = now + pause_;
  std::vector<Outgoing> out;
  out.push_back({*primary, "POST", "/peer/v1/heads", std::move(sealed->bytes),
                 [this, prior, size = head.size, period, to = *primary,
                  attempt = ++attempt_](const Reply& r) {
                   if (attempt != attempt_) return;
                   sending_to_.reset();
                   refused_ = !r.ok();
                   if (r.ok()) {
                     taken_ = {prior, size};
                     taken_period_ = period;
                     taken_by_ = to;
                   }
                 }});
  return out;
}

std::vector<std::pair<std::string, double>> HeadSender::metrics() const { return {}; }

}  // namespace lotmark::node
