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

Result<AnswerReader::Signed> AnswerReader::peek_at(ByteView object) const {
  const auto label = peek(object);
  if (!label) return fail(Errc::kCoseShape, "no signed object");
  const auto key = keys_.find(label->kid);
  if (key == keys_.end()) return fail(Errc::kCoseKid, "signed by an unknown key");
  return Signed{*label, &key->second};
}

Result<Command> AnswerReader::command(ByteView object) const {
  LM_ASSIGN(const auto by, peek_at(object));
  if (by.label.type != "command") return fail(Errc::kCoseType, by.label.type);
  if (!by.key->enterprise) return fail(Errc::kCoseKid, "not the enterprise's key");
  LM_ASSIGN(auto command, open<Command>(object, chain_));
  if (!by.key->verifier.verify(command.id, command.signature)) return Errc::kCoseSignature;
  return command.body;
}

Result<std::variant<KeptAck, KeptArrival>> AnswerReader::read(ByteView object) const {
  LM_ASSIGN(const auto by, peek_at(object));
  const auto verified = [&](const auto& o) -> Status {
    if (o.kid == by.label.kid && by.key->verifier.verify(o.id, o.signature)) return {};
    return Errc::kCoseSignature;
  };
  using Answer = std::variant<KeptAck, KeptArrival>;
  if (by.label.type == "ack") {
    if (!by.key->enterprise) return fail(Errc::kCoseKid, "not the enterprise's key");
    LM_ASSIGN(auto ack, open<Ack>(object, chain_));
    LM_TRY(verified(ack));
    return Answer(KeptAck{std::move(ack.body), std::move(ack.bytes), ack.kid});
  }
  if (by.label.type == "arrival") {
    LM_ASSIGN(auto arrival, open<Arrival>(object, chain_));
    LM_TRY(verified(arrival));
    return Answer(KeptArrival{arrival.body, std::move(arrival.bytes), arrival.kid,
                              by.key->enterprise, by.key->reviewer});
  }
  return fail(Errc::kCoseType, by.label.type);
}

}  // namespace lotmark::agent
