#include "core/proof/statements.h"

#include "core/crypto/sha256.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

namespace {

struct Opened {
  StatementObject object;
  std::vector<Sign1> signatures;
  Membership body;
};

// Steps 1 to 3: shape, headers of the signatures, payload.
Status open_statement(ByteView bytes, const Digest* chain, const KeyId& root, Opened& out) {
  if (bytes.size() > limits::kStatementObject) return Errc::kObjectTooLarge;
  LM_ASSIGN(out.object, decode<StatementObject>(bytes));
  for (const auto& s : out.object.signatures) {
    LM_ASSIGN(auto sign1, read_sign1(s.bytes, {"membership", chain, Unprotected::kEmpty, true}));
    out.signatures.push_back(sign1);
  }
  if (out.object.payload.size() > limits::kObject) return Errc::kObjectTooLarge;
  LM_ASSIGN(out.body, decode<Membership>(out.object.payload, &root));
  return {};
}

}  // namespace

Result<Statements> Statements::from_genesis(ByteView bytes, const PublicKey& root_key) {
  Statements s;
  s.root_key_ = root_key;
  s.root_kid_ = key_id(root_key);
  LM_ASSIGN(s.genesis_, open_genesis(bytes));
  const Block& b = s.genesis_.body;
  if (b.kind != BlockKind::kMembership || b.epoch != 0 || b.term != 0 || b.number != 0 || b.prev ||
      s.genesis_.kid != s.root_kid_) {
    return Errc::kGenesis;
  }
  if (!s.genesis_.verified_by(root_key)) return Errc::kCoseSignature;
  s.chain_ = s.genesis_.id;
  HeldStatement zero;
  LM_TRY(s.check(std::get<ObjectBytes>(b.body).bytes, true, zero));
  s.held_.push_back(std::move(zero));
  return s;
}

Result<Statements> Statements::from_anchor(const Anchor& anchor) {
  LM_ASSIGN(auto s, from_genesis(anchor.genesis.bytes, anchor.root_key));
  for (const auto& object : anchor.statements) LM_TRY(s.append(object));
  return s;
}

Status Statements::check(ByteView bytes, bool first, HeldStatement& out) const {
  const Digest* chain = first ? nullptr : &chain_;
  Opened o;
  LM_TRY(open_statement(bytes, chain, root_kid_, o));
  const Membership* before = first ? nullptr : &held_.back().body;
  if (o.body.epoch != (first ? 0 : before->epoch + 1)) return Errc::kStatementEpoch;
  if (first ? o.body.first != 0 : o.body.first <= before->first) return Errc::kStatementFirst;
  for (std::size_t i = 1; i < o.signatures.size(); ++i) {
    if (o.signatures[i].kid == o.signatures[i - 1].kid) return Errc::kListDuplicate;
    if (o.signatures[i].kid < o.signatures[i - 1].kid) return Errc::kListOrder;
  }
  bool root = false;
  std::uint64_t members = 0;
  for (const auto& s : o.signatures) {
    const PublicKey* key = nullptr;
    if (s.kid == root_kid_) {
      key = &root_key_;
      root = true;
    } else if (before != nullptr) {
      const Member* m = before->find(s.kid);
      if (m != nullptr && m->has(Role::kSupervising)) key = &m->public_key;
      ++members;
    }
    if (key == nullptr) return Errc::kStatementSigner;
    if (!verify_once(*key, s.id(o.object.payload), s.signature)) return Errc::kCoseSignature;
  }
  if (!root) return Errc::kStatementSigner;
  if (before != nullptr && members < before->quorum) return Errc::kStatementQuorum;
  out.identity = sha256(o.object.payload);
  out.body = std::move(o.body);
  out.object = to_bytes(bytes);
  return {};
}

Status Statements::append(ByteView object) {
  HeldStatement next;
  LM_TRY(check(object, false, next));
  held_.push_back(std::move(next));
  return {};
}

Status Statements::append_or_match(ByteView object, std::optional<std::uint64_t>& last_seen) {
  Opened o;
  LM_TRY(open_statement(object, &chain_, root_kid_, o));
  const std::uint64_t epoch = o.body.epoch;
  if (epoch <= newest().epoch) {
    const Membership* same = of_epoch(epoch);
    const bool follows = !last_seen || epoch == *last_seen + 1;
    if (same == nullptr || !follows || sha256(o.object.payload) != held_[epoch].identity) {
      return Errc::kStatementEpoch;
    }
    last_seen = epoch;
    return {};
  }
  LM_TRY(append(object));
  last_seen = epoch;
  return {};
}

const Membership* Statements::of_epoch(std::uint64_t epoch) const {
  return epoch < held_.size() ? &held_[epoch].body : nullptr;
}

std::optional<std::uint64_t> Statements::first_of(std::uint64_t epoch) const {
  const Membership* m = of_epoch(epoch);
  return m != nullptr ? std::optional{m->first} : std::nullopt;
}

const Membership* Statements::of_block(std::uint64_t number) const {
  for (auto it = held_.rbegin(); it != held_.rend(); ++it) {
    if (it->body.first <= number) return &it->body;
  }
  return nullptr;
}

const Membership* Statements::of_size(std::uint64_t size) const {
  for (auto it = held_.rbegin(); it != held_.rend(); ++it) {
    if (it->body.first < size) return &it->body;
  }
  return nullptr;
}

}  // namespace lotmark::proof
