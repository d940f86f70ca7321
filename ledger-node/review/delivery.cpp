#include "ledger-node/review/delivery.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::review {

constexpr std::uint64_t kPauseMs = 1000;
constexpr std::uint64_t kPauseMaxMs = 30000;

// A promise counts if the primary signed it for this very object.
bool Delivery::promised(const chain::PublicChain& chain) const {
  if (!reply_->ok()) return false;
  const auto promise = lotmark::open<Promise>(reply_->body, chain.chain_id());
  const Member* primary = chain.member(primary_);
  return promise && primary != nullptr && primary->has(Role::kSupervising) &&
         promise->kid == primary_ && promise->body.object == id_ &&
         promise->verified_by(primary->public_key);
}

std::vector<node::Outgoing> Delivery::tick(const chain::PublicChain& chain, Time now) {
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  if (done_ || waiting_) return {};
  if (reply_) {
    done_ = promised(chain);
    if (!done_) {
      const std::string why =
          reply_->error ? reply_->error->message() : "status " + std::to_string(reply_->status);
      log::warn("review.no_promise", {{"application", short_hex(application_)}, {"answer", why}});
    }
    reply_.reset();
  }
  if (done_ || ms < due_) return {};
  const auto decided = chain.block_of(application_);
  done_ = decided && decided->has_value();
  if (done_) return {};
  due_ = ms + std::min(kPauseMs << std::min(tries_++, 10u), kPauseMaxMs);
  waiting_ = true;
  std::vector<node::Outgoing> out;
  out.push_back({primary_, "POST", "/peer/v1/releases", object_,
                 [weak = weak_from_this()](const node::Reply& reply) {
                   const auto self = weak.lock();
                   if (self == nullptr) return;
                   self->waiting_ = false;
                   self->reply_ = reply;
                 }});
  return out;
}

}  // namespace lotmark::review
