#include "edge-agent/uplink/answers.h"

namespace lotmark::agent {

Result<AnswerReader> AnswerReader::from(const Digest& chain, const TrustedKeys& keys) {
  AnswerReader reader(chain);
  const auto add = [&](const PublicKey& key, bool enterprise) -> Status {
    LM_ASSIGN(auto verifier, Verifier::from(key));
    const auto [at, fresh] =
        reader.keys_.try_emplace(key_id(key), std::move(verifier), false, false);
    (enterprise ? at->second.enterprise : at->second.reviewer) = true;
    return {};
  };
  for (const auto& key : keys.enterprise) LM_TRY(add(key, true));
  for (const auto& key : keys.reviewers) LM_TRY(add(key, false));
  return reader;
}

Result<std::variant<KeptAck, KeptArrival>> AnswerReader::read(ByteView object) const {
  const auto label = peek(object);
  if (!label) return fail(Errc::kCoseShape, "no signed object");
  const auto key = keys_.find(label->kid);
  if (key == keys_.end()) return fail(Errc::kCoseKid, "signed by an unknown key");
  const auto verified = [&](const auto& o) -> Status {
    if (o.kid == label->kid && key->second.verifier.verify(o.id, o.signature)) return {};
    return Errc::kCoseSignature;
  };
  using Answer = std::variant<KeptAck, KeptArrival>;
  if (label->type == "ack") {
    if (!key->second.enterprise) return fail(Errc::kCoseKid, "not the enterprise's key");
    LM_ASSIGN(auto ack, open<Ack>(object, chain_));
    LM_TRY(verified(ack));
    return Answer(KeptAck{std::move(ack.body), std::move(ack.bytes), ack.kid});
  }
  if (label->type == "arrival") {
    LM_ASSIGN(auto arrival, open<Arrival>(object, chain_));
    LM_TRY(verified(arrival));
    return Answer(KeptArrival{arrival.body, std::move(arrival.bytes), arrival.kid,
                              key->second.enterprise, key->second.reviewer});
  }
  return fail(Errc::kCoseType, label->type);
}

}  // namespace lotmark::agent
