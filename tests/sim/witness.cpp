#include "tests/sim/witness.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::sim {

Witness::Witness(const test::Consortium& consortium, Journal& journal)
    : consortium_(consortium), journal_(journal), tree_(consortium.chain) {
  for (const auto& p : consortium.supervisors) {
    auto v = Verifier::from(p.key());
    LM_ASSERT(v);
    verifiers_.emplace(p.kid(), *std::move(v));
  }
}

std::string Witness::who(const KeyId& kid) const {
  for (const auto& p : consortium_.supervisors) {
    if (p.kid() == kid) return p.name;
  }
  return short_hex(kid);
}

void Witness::note_signer(const TreeBlock& b) {
  highest_term_ = std::max(highest_term_, b.term);
  const auto primary = primaries_.emplace(b.term, b.signer).first;
  if (primary->second != b.signer) {
    journal_.violation(fmt::format("{} and {} both signed blocks of term {}", who(primary->second),
                                   who(b.signer), b.term));
  }
  const auto [it, first] = signed_.emplace(std::tuple{b.signer, b.term, b.number}, b.id);
  if (first || it->second == b.id) return;
  journal_.violation(fmt::format("{} signed two blocks {} in term {}: {} and {}", who(b.signer),
                                 b.number, b.term, short_hex(it->second), short_hex(b.id)));
}

void Witness::block(ByteView bytes) {
  if (auto place = tree_.add(bytes)) note_signer(tree_.at(*place));
}

void Witness::vote(ByteView bytes) {
  if (auto v = read_vote(bytes, consortium_.chain, false)) (void)resolve(*v);
}

std::optional<std::size_t> Witness::resolve(const Vote& vote) {
  const auto known = votes_.find(to_bytes(vote.signature.view()));
  if (known != votes_.end()) return known->second;
  std::optional<std::size_t>& on = votes_[to_bytes(vote.signature.view())];
  const auto verifier = verifiers_.find(vote.kid);
  if (verifier == verifiers_.end()) return on;
  for (const std::size_t place : tree_.numbered(vote.claims.size - 1)) {
    if (verifier->second.verify(vote.id(tree_.at(place).root), vote.signature)) on = place;
  }
  if (!on) {
    journal_.violation(fmt::format("{} voted in term {} on {} blocks that nobody holds",
                                   who(vote.kid), vote.claims.term, vote.claims.size));
    return on;
  }
  const auto [last, first] = voted_.emplace(std::pair{vote.kid, vote.claims.term}, *on);
  if (first || tree_.leads_to(*on, last->second)) return on;
  if (!tree_.leads_to(last->second, *on)) {
    journal_.violation(fmt::format(
        "{} cast two inconsistent votes in term {}: on block {} ({}) and on block {} ({})",
        who(vote.kid), vote.claims.term, tree_.at(last->second).number,
        short_hex(tree_.at(last->second).id), tree_.at(*on).number, short_hex(tree_.at(*on).id)));
  }
  last->second = *on;
  return on;
}

void Witness::look(const std::string& name, const node::EvidenceStore& evidence) {
  if (evidence.size() == 0) return;
  const auto list = evidence.list();
  journal_.violation(fmt::format("{} keeps evidence: {}", name,
                                 list ? list->front().file : list.error().message()));
}

Result<std::size_t> Witness::place_of(const chain::PublicChain& chain, std::uint64_t number) {
  if (number == 0) return std::size_t{0};
  const auto bytes = chain.block(number);
  if (bytes) return tree_.add(*bytes);
  if (bytes.code() != Errc::kBodyCut) return bytes.error();
  for (const std::size_t place : tree_.numbered(number)) {
    LM_ASSIGN(bool same, chain.has_id(number, tree_.at(place).id));
    if (same) return place;
  }
  return fail(Errc::kNotFound, "a leaf that is no block's");
}

void Witness::follow(const std::string& name, Seen& seen, const chain::PublicChain& chain) {
  if (seen.places.size() > chain.size()) seen.places.resize(chain.size());
  while (!seen.places.empty()) {
    const auto same = chain.has_id(seen.places.size() - 1, tree_.at(seen.places.back()).id);
    if (!same) return;  // it could not look
    if (*same) break;
    seen.places.pop_back();
  }
  for (std::uint64_t n = seen.places.size(); n < chain.size(); ++n) {
    const auto bytes = chain.block(n);
    if (n > 0 && !bytes && bytes.code() != Errc::kBodyCut) return;  // it could not look
    const auto place = place_of(chain, n);
    if (!place) {
      journal_.violation(fmt::format("{} holds a block {} that nobody can read: {}", name, n,
                                     place.error().message()));
      return;
    }
    if (n > 0) note_signer(tree_.at(*place));
    seen.places.push_back(*place);
  }
}

void Witness::look(const std::string& name, const chain::PublicChain& chain) {
  Seen& seen = seen_[name];
  if (seen.places.size() != chain.size() || tree_.at(seen.places.back()).id != chain.tip().id) {
    follow(name, seen, chain);
    if (seen.places.size() < seen.final_size) {
      journal_.violation(fmt::format("{} held {} blocks as final and now follows them only to {}",
                                     name, seen.final_size, seen.places.size()));
    }
  }
  const auto& c = chain.checkpoint();
  const std::uint64_t size = c ? c->checkpoint.size : 0;
  if (size < seen.final_size) {
    // Who begins behind a cut has no votes before the blocks behind it: what was cut is final all the same.
    if (chain.dropped_end() >= seen.final_size) return;
    journal_.violation(
        fmt::format("{} held {} blocks as final and now only {}", name, seen.final_size, size));
    return;
  }
  const bool changed = c && (size != seen.final_size || c->term != seen.final_term ||
                             c->votes.size() != seen.final_votes);
  const Membership* rules = chain.statements().of_size(size);
  if (changed && size <= seen.places.size() && rules != nullptr) {
    judge(name, seen, *c, *rules);
    note_receipts(chain);
  }
  if (chain.dropped_end() != seen.dropped_end) judge_dropped(name, seen, chain);
}

void Witness::note_receipts(const chain::PublicChain& chain) {
  for (const auto& [application, number] : final_applications_) {
    if (receipts_.contains(number) || !chain.is_final(number)) continue;
    if (auto receipt = chain.receipt(number)) receipts_.emplace(number, *std::move(receipt));
  }
}

void Witness::judge_dropped(const std::string& name, Seen& seen, const chain::PublicChain& chain) {
  constexpr Millis kClocks{25'000};  // how far any clock is ahead
  const auto kept = [&](const TreeBlock& b) {
    const bool over = expired_from(b.expires) <= journal_.now() + kClocks;
    return b.application && (!over || b.programme != consortium_.programme.id);
  };
  const std::uint64_t end = chain.dropped_end();
  const auto cut = chain::cut_of(chain, end - 1);
  if (cut && *cut) cuts_.insert((*cut)->block);
  if (end < seen.dropped_end || end > final_.size()) {
    journal_.violation(
        fmt::format("{} dropped bodies up to block {}, which is not final", name, end - 1));
    return;
  }
  for (std::uint64_t n = seen.dropped_end; n < end; ++n) {
    const TreeBlock& b = tree_.at(final_[n]);
    if (!kept(b)) continue;
    journal_.violation(fmt::format("{} dropped lot {} of programme {}, block {}, inside retention",
                                   name, b.lot.text, b.programme, n));
  }
  const Programme& p = consortium_.programme;
  const std::uint64_t reach =
      p.window + p.slots[0] + p.count * p.slots[1] + p.lateness + p.period_s * 1000;
  for (std::uint64_t n = end; n < final_.size(); ++n) {
    const TreeBlock& b = tree_.at(final_[n]);
    if (!kept(b) || n < chain.cut_end()) continue;
    if (tree_.at(final_[end - 1]).time + reach < b.time) break;
    journal_.violation(
        fmt::format("{} dropped block {}, whose heads lot {} may need", name, end - 1, b.lot.text));
    break;
  }
  seen.dropped_end = end;
}

// Who may vote and how many it takes: the statements were verified from the anchor, and are part of the chain.
void Witness::judge(const std::string& name, Seen& seen, const chain::FinalCheckpoint& c,
                    const Membership& rules) {
  const std::uint64_t size = c.checkpoint.size;
  const std::size_t place = seen.places[size - 1];
  std::set<KeyId> voters;
  for (const auto& v : c.votes) {
    const Member* m = rules.find(v.kid);
    if (m != nullptr && m->has(Role::kSupervising) && v.claims.size == size &&
        v.claims.term == c.term && resolve(v) == place)
      voters.insert(v.kid);
  }
  if (voters.size() < rules.quorum || tree_.at(place).root != c.checkpoint.root) {
    journal_.violation(fmt::format("{} holds {} blocks as final with {} good votes of {} needed",
                                   name, size, voters.size(), rules.quorum));
  }
  if (size != seen.final_size) {
    journal_.say(fmt::format("{} holds {} blocks as final, term {}", name, size, c.term));
    extend_final(name, place);
  }
  seen.final_size = size;
  seen.final_term = c.term;
  seen.final_votes = c.votes.size();
}

void Witness::extend_final(const std::string& name, std::size_t tip) {
  if (tree_.leads_to(tip, final_.back())) return;
  if (!tree_.leads_to(final_.back(), tip)) {
    journal_.violation(
        fmt::format("two final chains: {} holds block {} ({}) as final, another "
                    "node held block {} ({})",
                    name, tree_.at(tip).number, short_hex(tree_.at(tip).id), final_.size() - 1,
                    short_hex(tree_.at(final_.back()).id)));
    return;
  }
  const std::size_t from = final_.size();
  final_.resize(tree_.at(tip).number + 1);
  for (std::size_t n = final_.size(); n-- > from; tip = tree_.at(tip).parent) final_[n] = tip;
  for (std::size_t n = from; n < final_.size(); ++n) {
    const TreeBlock& b = tree_.at(final_[n]);
    if (!b.application) continue;
    if (!final_applications_.emplace(*b.application, n).second ||
        !final_lots_.emplace(b.gtin.text + "/" + b.lot.text, n).second) {
      journal_.violation(
          fmt::format("lot {} is final twice, the second time in block {}", b.lot.text, n));
    }
  }
}

std::optional<std::uint64_t> Witness::final_block(const Digest& application) const {
  const auto it = final_applications_.find(application);
  return it == final_applications_.end() ? std::nullopt : std::optional(it->second);
}

const KeyId* Witness::newest_signer() const {
  const TreeBlock* newest = nullptr;
  for (std::size_t i = 1; i < tree_.size(); ++i) {
    const TreeBlock& b = tree_.at(i);
    if (newest == nullptr ||
        std::pair(b.term, b.number) > std::pair(newest->term, newest->number)) {
      newest = &b;
    }
  }
  return newest == nullptr ? nullptr : &newest->signer;
}

void Witness::check_receipts(const std::string& name, const chain::PublicChain& chain, Time now) {
  const auto check = [&](ByteView receipt, const TreeBlock& b) {
    const auto r =
        proof::verify_receipt(receipt, consortium_.anchor, {b.gtin.text, b.lot.text}, now);
    const auto good =
        expired_from(b.expires) <= now ? VerdictKind::kExpired : VerdictKind::kReleased;
    if (r.verdict != good || !r.finality || r.finality->votes < r.finality->quorum ||
        r.block_id != b.id) {
      journal_.violation(fmt::format("{}'s receipt of lot {} says {}", name, b.lot.text,
                                     lotmark::name(r.verdict)));
    }
  };
  for (const auto& [number, receipt] : receipts_) check(receipt, tree_.at(final_[number]));
  for (const auto& [application, number] : final_applications_) {
    if (!chain.is_final(number) || number < chain.dropped_end()) continue;
    const TreeBlock& b = tree_.at(final_[number]);
    if (const auto receipt = chain.receipt(number)) {
      check(*receipt, b);
      continue;
    }
    journal_.violation(fmt::format("{} has no receipt of lot {}", name, b.lot.text));
  }
}

}  // namespace lotmark::sim
