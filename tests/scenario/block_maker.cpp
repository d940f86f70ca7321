#include "tests/scenario/block_maker.h"

#include <algorithm>
#include <map>

#include "core/crypto/sha256.h"
#include "core/wire/vote.h"
#include "tests/must.h"

namespace lotmark::test {

namespace {

// By kid of the signer, then id.
template <class T>
std::vector<ObjectBytes> sorted(const std::vector<Bytes>& objects, const Digest& chain) {
  std::vector<Signed<T>> opened;
  for (const auto& o : objects) opened.push_back(must(open<T>(o, chain)));
  std::sort(opened.begin(), opened.end(), [](const auto& a, const auto& b) {
    return std::tie(a.kid, a.id) < std::tie(b.kid, b.id);
  });
  std::vector<ObjectBytes> out;
  for (auto& o : opened) out.push_back({std::move(o.bytes)});
  return out;
}

}  // namespace

BlockMaker::BlockMaker(const Consortium& consortium) : c_(&consortium), tip_(consortium.chain) {
  tree_.append_entry(tip_.view());
}

Bytes BlockMaker::block(BlockKind kind, BlockBody body) {
  Block b;
  b.kind = kind;
  b.epoch = epoch_;
  b.term = term_;
  b.number = tree_.size();
  b.prev = tip_;
  b.time = static_cast<std::uint64_t>(to_ms(c_->clock.now()));
  b.body = std::move(body);
  auto sealed = must(seal(b, *c_->supervisors[holder_].signer, c_->chain));
  tip_ = sealed.id;
  tree_.append_entry(tip_.view());
  return sealed.bytes;
}

Bytes BlockMaker::term_block(std::size_t holder, std::uint64_t skip) {
  term_ += 1 + skip;
  holder_ = holder;
  return block(BlockKind::kTerm, std::monostate{});
}

Bytes BlockMaker::delegated_term_block(std::size_t holder, ByteView delegation) {
  ++term_;
  holder_ = holder;
  return block(BlockKind::kTerm, ObjectBytes{to_bytes(delegation)});
}

Bytes BlockMaker::period_block(std::vector<Bytes> heads, std::vector<Bytes> enrolments,
                               const std::vector<Bytes>& events,
                               const std::vector<Bytes>& transactions) {
  PeriodBody p;
  p.number = periods_++;
  p.heads = sorted<Head>(heads, c_->chain);
  p.enrolments = sorted<Enrolment>(enrolments, c_->chain);
  std::map<std::pair<KeyId, Digest>, Bytes> ordered;
  for (const auto& e : events) ordered[{peek(e)->kid, must(id_of(e))}] = e;
  for (const auto& [place, e] : ordered) p.events.push_back({e});
  p.transactions = sorted<Transaction>(transactions, c_->chain);
  return block(BlockKind::kPeriod, std::move(p));
}

Bytes BlockMaker::lot_block(ByteView application, std::string number,
                            std::optional<std::string> reason) {
  const auto a = must(open<Application>(application, c_->chain));
  Report report;
  report.application = a.id;
  report.decision = Decision::kRelease;
  const auto r = must(seal(report, *c_->east.signer, c_->chain));
  Release release{{to_bytes(application)}, std::move(number), r.id, std::move(reason)};
  return block(BlockKind::kLot,
               ObjectBytes{must(seal(release, *c_->east.signer, c_->chain)).bytes});
}

Bytes BlockMaker::refusal_block(const Digest& application) {
  Report report;
  report.application = application;
  report.findings = {{2, "value out of limits", {}}};
  const auto r = must(seal(report, *c_->east.signer, c_->chain));
  return block(
      BlockKind::kRefusal,
      ObjectBytes{must(seal(Refusal{application, r.id}, *c_->east.signer, c_->chain)).bytes});
}

Bytes BlockMaker::cut_block(const CutClaim& claim, std::size_t flags) {
  const Promise promise{sha256(encode(claim)), static_cast<std::uint64_t>(limits::kIntMax)};
  std::map<KeyId, ObjectBytes> sorted_flags;
  for (std::size_t i = 0; i < flags; ++i) {
    const auto& by = c_->supervisors[i];
    sorted_flags[by.kid()] = {must(seal(promise, *by.signer, c_->chain)).bytes};
  }
  CutBody body{claim.first, claim.last, claim.archive, claim.snapshot, {}};
  for (auto& [kid, flag] : sorted_flags) body.flags.push_back(std::move(flag));
  return block(BlockKind::kCut, std::move(body));
}

Bytes BlockMaker::membership_block(const Party* root) {
  Membership m = c_->statement;
  m.epoch = ++epoch_;
  m.first = tree_.size();
  m.size = tree_.size();
  m.root = tree_.root();
  m.enrolments.clear();
  StatementObject object;
  object.payload = encode(m);
  std::vector<const Party*> signers{root != nullptr ? root : &c_->root};
  for (const auto& s : c_->supervisors) signers.push_back(&s);
  std::sort(signers.begin(), signers.end(),
            [](const Party* a, const Party* b) { return a->kid() < b->kid(); });
  for (const auto* s : signers) {
    object.signatures.push_back(
        {must(seal_statement_signature(object.payload, *s->signer, &c_->chain)).bytes});
  }
  return block(BlockKind::kMembership, ObjectBytes{encode(object)});
}

Bytes BlockMaker::head(const Party& by, LogKind log, const merkle::MemoryTree& tree,
                       std::uint64_t prior) const {
  Head h;
  h.log = log;
  h.size = tree.size();
  h.root = tree.root();
  h.time = static_cast<std::uint64_t>(to_ms(c_->clock.now()));
  h.prior = prior;
  h.path = merkle::consistency_path(tree, prior, tree.size());
  return must(seal(h, *by.signer, c_->chain)).bytes;
}

std::vector<Bytes> BlockMaker::votes(std::size_t voters) const {
  VoteClaims claims;
  claims.seconds = static_cast<std::uint64_t>(to_ms(c_->clock.now())) / 1000;
  claims.size = tree_.size();
  claims.epoch = epoch_;
  claims.term = term_;
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < voters; ++i) {
    out.push_back(must(make_vote(claims, tree_.root(), *c_->supervisors[i].signer, c_->chain)));
  }
  return out;
}

}  // namespace lotmark::test
