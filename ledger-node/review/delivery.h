// Brings one release or refusal to the primary until it promises it: the same bytes each time.
#pragma once

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/call.h"

namespace lotmark::review {

class Delivery : public std::enable_shared_from_this<Delivery> {
 public:
  // `object` is what is sent, `id` its id, `application` the one it decides.
  Delivery(KeyId primary, Bytes object, Digest id, Digest application)
      : primary_(primary), object_(std::move(object)), id_(id), application_(application) {}

  // Takes the reply and gives the next call if one is due. done() afterwards if it was promised, or the chain
  // already holds a decision on the application.
  std::vector<node::Outgoing> tick(const chain::PublicChain& chain, Time now);
  bool done() const { return done_; }

 private:
  bool promised(const chain::PublicChain& chain) const;

  KeyId primary_;
  Bytes object_;
  Digest id_;
  Digest application_;
  std::uint64_t due_ = 0;
  unsigned tries_ = 0;
  bool waiting_ = false;
  std::optional<node::Reply> reply_;
  bool done_ = false;
};

}  // namespace lotmark::review
