// Brings one release or refusal to whoever orders, the same bytes each time, until the chain holds a final decision on
// its application: a promise alone may be lost with the primary that gave it.
#pragma once

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/call.h"

namespace lotmark::review {

class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  // `object` is what is sent, `id` its id, `application` the one it decides, `promise` the newest one that was
  // given for it, empty if none was.
  Delivery(Bytes object, Digest id, Digest application, const Digest& chain, ByteView promise);

  // Takes the reply and gives the next call if one is due. `primary`: who orders now; when that is another one than was
  // asked, no answer is waited for.
  std::vector<node::Outgoing> tick(const chain::PublicChain& chain,
                                   const std::optional<KeyId>& primary, Time now);
  // The newest promise, a signed object: what the primary owes. Kept by who may have to prove that it was broken.
  const std::optional<Bytes>& promise() const { return promise_; }
  // It was promised, or the chain holds a decision which may not be final yet.
  bool taken() const { return promise_.has_value() || on_chain_; }
  // The chain holds a final decision on the application.
  bool done() const { return done_; }

 private:
  void take_reply(const chain::PublicChain& chain);

  Bytes object_;
  Digest id_;
  Digest application_;
  std::optional<KeyId> asked_;
  std::uint64_t due_ = 0;
  unsigned tries_ = 0;
  bool waiting_ = false;
  std::uint64_t attempt_ = 0;  // the one that is waited for
  std::optional<node::Reply> reply_;
  std::optional<Bytes> promise_;
  std::uint64_t deadline_ = 0;  // of the promise by the one asked last, 0: none
  bool on_chain_ = false;
  bool done_ = false;
};

}  // namespace lotmark::review
