#include "core/wire/vote.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark {

Digest Vote::id(const Digest& root) const {
  Sign1 s;
  s.protected_header = protected_header;
  return s.id(root.view());
}

Result<Vote> read_vote(ByteView object, const Digest& chain, bool in_receipt) {
  const auto unprotected = in_receipt ? Unprotected::kProof : Unprotected::kEmpty;
  LM_ASSIGN(auto s, read_sign1(object, {"vote", &chain, unprotected, true}));
  Vote v{s.kid, s.vote, to_bytes(s.protected_header), s.signature, std::nullopt, to_bytes(object)};
  if (in_receipt) v.proof = to_bytes(s.proof);
  return v;
}

Result<Bytes> make_vote(const VoteClaims& claims, const Digest& root, const Signer& signer,
                        const Digest& chain) {
  const lm_crypto crypto = embedded_crypto(signer);
  const lm_vote_claims c{claims.seconds, claims.size, claims.epoch, claims.term};
  const lm_cose_header header{signer.kid().data(), chain.data(), "vote", &c};
  Bytes out(512);
  Digest id;
  lm_cbor w;
  lm_cbor_init(&w, out.data(), out.size());
  if (lm_cose_sign1(&w, &header, {root.data(), Digest::kSize}, true, &crypto, id.data()) != 0 ||
      !lm_cbor_ok(&w)) {
    return fail(Errc::kCrypto, "could not sign a vote");
  }
  out.resize(w.len);
  return out;
}

Bytes with_proof(const Vote& vote, const InclusionProof& proof) {
  const Bytes p = encode(proof);
  Bytes out = cbor_bytes([&](CborWriter& w) {
    w.array(4);
    w.bytes(vote.protected_header);
    w.map(1);
    w.uint(396);
    w.map(1);
    w.integer(-1);
    w.array(1);
    w.bytes(p);
    w.null();
    w.bytes(vote.signature.view());
  });
  out.insert(out.begin(), 0xd2);
  return out;
}

Result<Bytes> with_votes(ByteView block, const std::vector<Bytes>& votes) {
  if (block.empty()) return Errc::kCborTruncated;
  LM_ASSIGN(auto doc, CborDoc::parse(block.subspan(1)));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 4) return Errc::kCoseShape;
  const CborValue prot = root.first();
  const CborValue payload = prot.next().next();
  Bytes out = cbor_bytes([&](CborWriter& w) {
    w.array(4);
    w.bytes(prot.bytes());
    w.map(1);
    w.uint(394);
    w.array(votes.size());
    for (const auto& v : votes) w.bytes(v);
    w.bytes(payload.bytes());
    w.bytes(payload.next().bytes());
  });
  out.insert(out.begin(), 0xd2);
  return out;
}

}  // namespace lotmark
