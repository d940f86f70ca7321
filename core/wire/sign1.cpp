#include "core/wire/sign1.h"

#include "core/base/hex.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/complaint.h"
#include "core/wire/limits.h"
#include "core/wire/rollover.h"
#include "core/wire/usage.h"

namespace lotmark {

namespace {

constexpr std::string_view kTypePrefix = "application/vnd.lotmark.";
constexpr std::string_view kTypeSuffix = ".v1+cose";
constexpr std::uint8_t kTag18 = 0xd2;

bool is_type(std::string_view text, std::string_view name) {
  return text.size() == kTypePrefix.size() + name.size() + kTypeSuffix.size() &&
         text.starts_with(kTypePrefix) && text.ends_with(kTypeSuffix) &&
         text.substr(kTypePrefix.size(), name.size()) == name;
}

bool is_uint(std::optional<CborValue> v) {
  return v && v->type() == CborType::kInt && v->integer() >= 0;
}

Errc check_chain(std::optional<CborValue> claims, const Digest* chain) {
  if (chain == nullptr) return claims ? Errc::kCoseChain : Errc::kOk;
  if (!claims || claims->type() != CborType::kMap) return Errc::kCoseChain;
  auto c = claims->find(1);
  if (!c || c->type() != CborType::kText || c->text() != to_hex(*chain)) return Errc::kCoseChain;
  return Errc::kOk;
}

// Steps 10 and 11: no other header, no other claim.
Errc check_rest(CborValue header, std::optional<CborValue> claims, bool vote, VoteClaims& out) {
  std::size_t expected = 3 + (claims ? 1 : 0);
  if (vote) {
    auto vds = header.find(395);
    if (!vds || vds->type() != CborType::kInt || vds->integer() != 1) return Errc::kCoseProtected;
    ++expected;
  }
  if (header.count() != expected) return Errc::kCoseProtected;
  if (!claims) return Errc::kOk;
  if (!vote) return claims->count() == 1 ? Errc::kOk : Errc::kCoseProtected;
  const auto seconds = claims->find(6);
  const auto size = claims->find(-65537);
  const auto epoch = claims->find(-65538);
  const auto term = claims->find(-65539);
  if (claims->count() != 5 || !is_uint(seconds) || !is_uint(size) || !is_uint(epoch) ||
      !is_uint(term)) {
    return Errc::kCoseProtected;
  }
  out = {static_cast<std::uint64_t>(seconds->integer()),
         static_cast<std::uint64_t>(size->integer()), static_cast<std::uint64_t>(epoch->integer()),
         static_cast<std::uint64_t>(term->integer())};
  return Errc::kOk;
}

Errc check_header(CborValue header, const Expected& expected, Sign1& out) {
  if (header.type() != CborType::kMap) return Errc::kCoseProtected;
  auto alg = header.find(1);
  if (!alg || alg->type() != CborType::kInt || alg->integer() != -7) return Errc::kCoseAlg;
  auto kid = header.find(4);
  if (!kid || kid->type() != CborType::kBytes || kid->bytes().size() != KeyId::kSize) {
    return Errc::kCoseKid;
  }
  out.kid = *KeyId::from(kid->bytes());
  auto type = header.find(16);
  if (!type || type->type() != CborType::kText || !is_type(type->text(), expected.type)) {
    return Errc::kCoseType;
  }
  auto claims = header.find(15);
  if (Errc e = check_chain(claims, expected.chain); e != Errc::kOk) return e;
  return check_rest(header, claims, std::string_view(expected.type) == "vote", out.vote);
}

Errc check_unprotected(CborValue map, Unprotected want, Sign1& out) {
  if (want == Unprotected::kEmpty) return map.count() == 0 ? Errc::kOk : Errc::kCoseUnprotected;
  if (map.count() != 1) return Errc::kCoseUnprotected;
  if (want == Unprotected::kVotes) {
    auto votes = map.find(394);
    if (!votes || votes->type() != CborType::kArray) return Errc::kCoseUnprotected;
    CborValue v = votes->first();
    for (std::size_t i = 0; i < votes->count(); ++i, v = v.next()) {
      if (v.type() != CborType::kBytes) return Errc::kCoseUnprotected;
      out.votes.push_back(v.bytes());
    }
    return Errc::kOk;
  }
  auto proofs = map.find(396);
  if (!proofs || proofs->type() != CborType::kMap || proofs->count() != 1) {
    return Errc::kCoseUnprotected;
  }
  auto list = proofs->find(-1);
  if (!list || list->type() != CborType::kArray || list->count() != 1 ||
      list->first().type() != CborType::kBytes) {
    return Errc::kCoseUnprotected;
  }
  out.proof = list->first().bytes();
  return Errc::kOk;
}

}  // namespace

Digest Sign1::id(ByteView detached_payload) const {
  const lm_crypto hash = embedded_hash();
  Digest d;
  lm_cose_id(&hash, {protected_header.data(), protected_header.size()},
             {detached_payload.data(), detached_payload.size()}, d.data());
  return d;
}

namespace {

// The four places of an object; they point into its bytes.
struct Places {
  CborDoc doc;
  CborValue root() const { return doc.root(); }
  CborValue protected_header() const { return root().first(); }
  CborValue unprotected() const { return protected_header().next(); }
  CborValue payload() const { return unprotected().next(); }
  CborValue signature() const { return payload().next(); }
};

// Steps 2 and 3.
Result<Places> read_places(ByteView object) {
  const bool tagged = !object.empty() && object[0] == kTag18;
  LM_ASSIGN(auto doc, CborDoc::parse(tagged ? object.subspan(1) : object));
  const CborValue root = doc.root();
  if (!tagged || root.type() != CborType::kArray || root.count() != 4) return Errc::kCoseShape;
  Places p{std::move(doc)};
  const CborValue payload = p.payload();
  const CborValue signature = p.signature();
  if (p.protected_header().type() != CborType::kBytes || p.unprotected().type() != CborType::kMap ||
      (payload.type() != CborType::kBytes && !payload.is_null()) ||
      signature.type() != CborType::kBytes || signature.bytes().size() != Signature::kSize) {
    return Errc::kCoseShape;
  }
  return p;
}

}  // namespace

Result<Sign1> read_sign1(ByteView object, const Expected& expected) {
  const bool block = std::string_view(expected.type) == "block";
  if (object.size() > (block ? limits::kBlock : limits::kObject)) {
    return block ? Errc::kBlockTooLarge : Errc::kObjectTooLarge;
  }
  LM_ASSIGN(const Places p, read_places(object));
  Sign1 out;
  out.protected_header = p.protected_header().bytes();
  out.signature = *Signature::from(p.signature().bytes());
  LM_ASSIGN(auto header, CborDoc::parse(out.protected_header));
  if (Errc e = check_header(header.root(), expected, out); e != Errc::kOk) return e;
  if (Errc e = check_unprotected(p.unprotected(), expected.unprotected, out); e != Errc::kOk) {
    return e;
  }
  if (p.payload().is_null() != expected.detached) return Errc::kCosePayload;
  if (!p.payload().is_null()) out.payload = p.payload().bytes();
  return out;
}

Result<Digest> id_of(ByteView object, std::size_t max) {
  if (object.size() > max) return Errc::kObjectTooLarge;
  LM_ASSIGN(const Places p, read_places(object));
  if (p.payload().is_null()) return Errc::kCosePayload;
  Sign1 s;
  s.protected_header = p.protected_header().bytes();
  return s.id(p.payload().bytes());
}

std::optional<ObjectLabel> peek(ByteView object) {
  if (object.empty() || object[0] != kTag18 || object.size() > limits::kBlock) return std::nullopt;
  auto doc = CborDoc::parse(object.subspan(1));
  if (!doc || doc->root().type() != CborType::kArray || doc->root().count() != 4 ||
      doc->root().first().type() != CborType::kBytes) {
    return std::nullopt;
  }
  auto header = CborDoc::parse(doc->root().first().bytes());
  if (!header || header->root().type() != CborType::kMap) return std::nullopt;
  auto kid = header->root().find(4);
  auto type = header->root().find(16);
  if (!kid || kid->type() != CborType::kBytes || kid->bytes().size() != KeyId::kSize || !type ||
      type->type() != CborType::kText) {
    return std::nullopt;
  }
  std::string_view t = type->text();
  if (!t.starts_with(kTypePrefix) || !t.ends_with(kTypeSuffix) ||
      t.size() < kTypePrefix.size() + kTypeSuffix.size()) {
    return std::nullopt;
  }
  t.remove_prefix(kTypePrefix.size());
  t.remove_suffix(kTypeSuffix.size());
  return ObjectLabel{*KeyId::from(kid->bytes()), std::string(t)};
}

template <class T>
static Result<Signed<T>> finish(ByteView object, const Sign1& s) {
  LM_ASSIGN(auto body, decode<T>(s.payload, &s.kid));
  return Signed<T>{std::move(body), s.kid, s.id(), s.signature, to_bytes(object)};
}

template <class T>
Result<Signed<T>> open(ByteView object, const Digest& chain) {
  LM_ASSIGN(auto s, read_sign1(object, {SignedName<T>::value, &chain}));
  return finish<T>(object, s);
}

Result<Signed<Block>> open_genesis(ByteView object) {
  LM_ASSIGN(auto s, read_sign1(object, {"block", nullptr}));
  return finish<Block>(object, s);
}

Result<ReceiptBlock> open_receipt_block(ByteView object, const Digest& chain) {
  LM_ASSIGN(auto s, read_sign1(object, {"block", &chain, Unprotected::kVotes}));
  LM_ASSIGN(auto block, finish<Block>(object, s));
  ReceiptBlock out{std::move(block), {}};
  for (auto v : s.votes) out.votes.push_back(to_bytes(v));
  return out;
}

static Result<Sealed> write_object(const char* type, ByteView payload, bool detached,
                                   const Signer& signer, const Digest* chain) {
  const lm_crypto crypto = embedded_crypto(signer);
  const lm_cose_header header{signer.kid().data(), chain != nullptr ? chain->data() : nullptr, type,
                              nullptr};
  Sealed out;
  out.bytes.resize(payload.size() + 384);
  lm_cbor w;
  lm_cbor_init(&w, out.bytes.data(), out.bytes.size());
  if (lm_cose_sign1(&w, &header, {payload.data(), payload.size()}, detached, &crypto,
                    out.id.data()) != 0 ||
      !lm_cbor_ok(&w)) {
    return fail(Errc::kCrypto, "could not sign");
  }
  out.bytes.resize(w.len);
  return out;
}

Result<Sealed> seal_payload(const char* type, ByteView payload, const Signer& signer,
                            const Digest* chain) {
  return write_object(type, payload, false, signer, chain);
}

Result<Sealed> seal_statement_signature(ByteView payload, const Signer& signer,
                                        const Digest* chain) {
  return write_object("membership", payload, true, signer, chain);
}

#define LM_OPEN(T) template Result<Signed<T>> open<T>(ByteView, const Digest&);
// It would take each line for the one before gone on.
// clang-format off
LM_OPEN(Start) LM_OPEN(Birth) LM_OPEN(Bundle) LM_OPEN(Gap) LM_OPEN(Ack) LM_OPEN(Arrival)
LM_OPEN(Command) LM_OPEN(Opening) LM_OPEN(Transaction) LM_OPEN(Record) LM_OPEN(Application)
LM_OPEN(Report) LM_OPEN(Release) LM_OPEN(Refusal) LM_OPEN(Block) LM_OPEN(Head) LM_OPEN(Enrolment)
LM_OPEN(Membership) LM_OPEN(Revocation) LM_OPEN(Recall) LM_OPEN(Promise) LM_OPEN(Turn)
LM_OPEN(Delegation) LM_OPEN(Token) LM_OPEN(Rollover) LM_OPEN(Complaint) LM_OPEN(Ruling)
LM_OPEN(Usage) LM_OPEN(Mark)
// clang-format on
#undef LM_OPEN

}  // namespace lotmark
