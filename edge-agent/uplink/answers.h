// What nodes answer: acks and arrivals, believed only with the signature of a key from the configuration.
#pragma once

#include <map>

#include "core/wire/sign1.h"
#include "edge-agent/outbox/outbox.h"

namespace lotmark::agent {

struct TrustedKeys {
  std::vector<PublicKey> enterprise;  // acks and arrivals
  std::vector<PublicKey> reviewers;   // arrivals
};

struct KeptArrival {
  Arrival body;
  Bytes bytes;
  KeyId kid;  // who signed it
  bool by_enterprise = false;
  bool by_reviewer = false;
};

class AnswerReader {
 public:
  // key-bad if a key is no point of the curve.
  static Result<AnswerReader> from(const Digest& chain, const TrustedKeys& keys);

  // cose-type: neither ack nor arrival; cose-kid: of a key that may not sign it; cose-signature; and the
  // errors of the object itself.
  Result<std::variant<KeptAck, KeptArrival>> read(ByteView object) const;
  // A command by an enterprise's key; whether it is for this device, and in time, is the caller's to see. Errors as read().
  Result<Command> command(ByteView object) const;

 private:
  struct Key {
    Verifier verifier;
    bool enterprise;
    bool reviewer;
  };
  explicit AnswerReader(const Digest& chain) : chain_(chain) {}
  struct Signed {
    ObjectLabel label;
    const Key* key;
  };
  // cose-shape or cose-kid; nothing is verified yet.
  Result<Signed> peek_at(ByteView object) const;

  Digest chain_;
  std::map<KeyId, Key> keys_;
};

}  // namespace lotmark::agent
