#include "ledger-node/review/delivery.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::review {

constexpr std::uint64_t kPauseMs = 500;
constexpr std::uint64_t kPauseMaxMs = 15000;

Delivery::Delivery(Bytes object, Digest id, Digest application, const Digest& chain,
                   ByteView promise)
    : object_(std::move(object)), id_(id), application_(application) {
  const auto given = lotmark::open<Promise>(promise, chain);
  if (!given) return;
  promise_ = given->bytes;
  asked_ = given->kid;
  deadline_ = given->body.deadline;
}

// A promise counts if the one asked signed it for this very object. That the application is decided needs none: its
// block is on the way, or will come with this node's copy of the chain.
void Delivery::take_reply(const chain::PublicChain& chain) {
  const node::Reply reply = *std::exchange(reply_, std::nullopt);
  if (reply.error && reply.error->code == Errc::kListDuplicate) return;
  const auto promise = reply.ok() ? lotmark::open<Promise>(reply.body, chain.chain_id())
                                  : Result<Signed<Promise>>(Errc::kNetwork);
  const Member* primary = asked_ ? chain.member(*asked_) : nullptr;
  if (promise && primary != nullptr && primary->has(Role::kSupervising) &&
      promise->kid == *asked_ && promise->body.object == id_ &&
      promise->verified_by(primary->public_key)) {
    promise_ = reply.body;
    chain.onlooker().promised(*promise, object_, application_);
    deadline_ = promise->body.deadline;
    return;
  }
  const std::string why =
      reply.error ? reply.error->message() : "status " + std::to_string(reply.status);
  log::warn("review.no_promise", {{"application", short_hex(application_)}, {"answer", why}});
}

std::vector<node::Outgoing> Delivery::tick(const chain::PublicChain& chain,
                                           const std::optional<KeyId>& primary, Time now) {
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  if (done_) return {};
  if (waiting_ && primary && asked_ != primary) waiting_ = false;  // a frozen one answers no more
  if (waiting_) return {};
  if (reply_) take_reply(chain);
  const auto decided = chain.block_of(application_);
  on_chain_ = decided && decided->has_value();
  if (on_chain_) {
    done_ = chain.is_final(**decided);
    return {};
  }
  if (!primary) return {};
  if (asked_ != primary) {  // another one orders now: it may know nothing of it
    asked_ = primary;
    deadline_ = 0;
    tries_ = 0;
    due_ = 0;
  }
  if (ms < due_ || ms < deadline_) return {};
  due_ = ms + std::min(kPauseMs << std::min(tries_++, 10u), kPauseMaxMs);
  waiting_ = true;
  std::vector<node::Outgoing> out;
  out.push_back({*primary, "POST", "/peer/v1/releases", object_,
                 [weak = weak_from_this(), attempt = ++attempt_](const node::Reply& reply) {
                   const auto self = weak.lock();
                   if (self == nullptr || self->attempt_ != attempt) return;
                   self->waiting_ = false;
                   self->reply_ = reply;
                 }});
  return out;
}

}  // namespace lotmark::review
