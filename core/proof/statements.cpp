#include "core/proof/statements.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

namespace {

struct Opened {
  StatementObject object;
  std::vector<Sign1> signatures;
  Membership body;
};

// Place 0 of a payload, whatever the rest of it is.
std::optional<std::uint64_t> epoch_said(ByteView payload) {
  const auto doc = CborDoc::parse(payload);
  if (!doc || doc->root().type() != CborType::kMap) return std::nullopt;
  const auto v = doc->root().find(0);
  if (!v || v->type() != CborType::kInt || v->integer() < 0) return std::nullopt;
  return static_cast<std::uint64_t>(v->integer());
}

// Steps 1 to 3: shape, headers of the signatures, payload. Which root key no member may have follows from the epoch;
// `next` is that of a payload that does not say one.
template <class RootOf>
Status open_statement(ByteView bytes, const Digest* chain, std::uint64_t next, const RootOf& root,
                      Opened& out) {
  if (bytes.size() > limits::kStatementObject) return Errc::kObjectTooLarge;
  LM_ASSIGN(out.object, decode<StatementObject>(bytes));
  for (const auto& s : out.object.signatures) {
    LM_ASSIGN(auto sign1, read_sign1(s.bytes, {"membership", chain, Unprotected::kEmpty, true}));
    out.signatures.push_back(sign1);
  }
  if (out.object.payload.size() > limits::kObject) return Errc::kObjectTooLarge;
  const KeyId kid = root(epoch_said(out.object.payload).value_or(next));
  LM_ASSIGN(out.body, decode<Membership>(out.object.payload, &kid));
  return {};
}

}  // namespace

Result<Statements> Statements::from_genesis(ByteView bytes, const PublicKey& root_key) {
  Statements s;
  s.roots_.push_back({root_key, key_id(root_key), 0, {}});
  LM_ASSIGN(s.genesis_, open_genesis(bytes));
  const Block& b = s.genesis_.body;
  if (b.kind != BlockKind::kMembership || b.epoch != 0 || b.term != 0 || b.number != 0 || b.prev ||
      s.genesis_.kid != s.roots_.front().kid) {
    return Errc::kGenesis;
  }
  if (!s.genesis_.verified_by(root_key)) return Errc::kCoseSignature;
  s.chain_ = s.genesis_.id;
  HeldStatement zero;
  LM_TRY(s.check(std::get<ObjectBytes>(b.body).bytes, true, zero));
  s.held_.push_back(std::move(zero));
  return s;
}

Result<Statements> Statements::from_roots(const Anchor& anchor) {
  LM_ASSIGN(auto s, from_genesis(anchor.genesis.bytes, anchor.root_key));
  LM_TRY(s.follow(anchor.links));
  return s;
}

Result<Statements> Statements::from_anchor(const Anchor& anchor) {
  LM_ASSIGN(auto s, from_roots(anchor));
  for (const auto& object : anchor.statements) LM_TRY(s.append(object));
  return s;
}

Status Statements::check(ByteView bytes, bool first, HeldStatement& out) const {
  const Digest* chain = first ? nullptr : &chain_;
  Opened o;
  const Membership* before = first ? nullptr : &held_.back().body;
  LM_TRY(open_statement(
      bytes, chain, first ? 0 : before->epoch + 1, [&](auto e) { return root_of(e).kid; }, o));
  if (o.body.epoch != (first ? 0 : before->epoch + 1)) return Errc::kStatementEpoch;
  if (first ? o.body.first != 0 : o.body.first <= before->first) return Errc::kStatementFirst;
  for (std::size_t i = 1; i < o.signatures.size(); ++i) {
    if (o.signatures[i].kid == o.signatures[i - 1].kid) return Errc::kListDuplicate;
    if (o.signatures[i].kid < o.signatures[i - 1].kid) return Errc::kListOrder;
  }
  const Root& root_now = root_of(o.body.epoch);
  bool root = false;
  std::uint64_t members = 0;
  for (const auto& s : o.signatures) {
    const PublicKey* key = nullptr;
    if (s.kid == root_now.kid) {
      key = &root_now.key;
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
  LM_TRY(open_statement(
      object, &chain_, newest().epoch + 1, [&](auto e) { return root_of(e).kid; }, o));
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

const Statements::Root& Statements::root_of(std::uint64_t epoch) const {
  for (auto it = roots_.rbegin(); it != roots_.rend(); ++it) {
    if (it->from <= epoch) return *it;
  }
  return roots_.front();
}

std::vector<std::uint64_t> Statements::rolled_at() const {
  std::vector<std::uint64_t> out;
  for (std::size_t i = 1; i < roots_.size(); ++i) out.push_back(roots_[i].from);
  return out;
}

// Two links of one root key show that it signed both, or that somebody else has it: neither is followed.
Status Statements::check_forks(const std::vector<Signed<Rollover>>& links) const {
  for (std::size_t i = 0; i < links.size(); ++i) {
    for (std::size_t k = i + 1; k < links.size(); ++k) {
      if (links[i].kid != links[k].kid || links[i].id == links[k].id) continue;
      const auto by = std::ranges::find_if(roots_, [&](auto& r) { return r.kid == links[i].kid; });
      const bool known = by != roots_.end();
      if (known && (!links[i].verified_by(by->key) || !links[k].verified_by(by->key))) continue;
      return fail(Errc::kRolloverFork,
                  "root key " + to_hex(links[i].kid) + " signed two links: neither is followed");
    }
  }
  return {};
}

Status Statements::follow(const std::vector<ObjectBytes>& objects) {
  std::vector<Signed<Rollover>> links;
  for (const auto& o : objects) {
    LM_ASSIGN(auto link, lotmark::open<Rollover>(o.bytes, chain_));
    links.push_back(std::move(link));
  }
  auto all = links;
  for (std::size_t i = 1; i < roots_.size(); ++i) all.push_back(roots_[i].link);
  LM_TRY(check_forks(all));
  Statements grown = *this;
  for (const auto& link : links) LM_TRY(grown.take_link(link));
  *this = std::move(grown);
  return {};
}

Status Statements::take_link(const Signed<Rollover>& link) {
  for (const auto& r : roots_) {
    if (r.from > 0 && r.link.id == link.id) return {};  // followed before
  }
  const Root& before = roots_.back();
  if (link.kid != before.kid) return Errc::kRolloverSigner;
  if (!link.verified_by(before.key)) return Errc::kCoseSignature;
  const KeyId kid = key_id(link.body.root_key);
  for (const auto& r : roots_) {
    if (r.kid == kid) return fail(Errc::kRolloverSigner, "it leads back to a key that was a root");
  }
  if (link.body.first <= before.from || (!held_.empty() && link.body.first <= newest().epoch))
    return fail(Errc::kRolloverFirst, "epoch " + std::to_string(link.body.first));
  roots_.push_back({link.body.root_key, kid, link.body.first, link});
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
