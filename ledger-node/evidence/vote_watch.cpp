#include "ledger-node/evidence/vote_watch.h"

#include <algorithm>

namespace lotmark::node {

namespace {

using proof::VoteOnRoot;
using Place = std::pair<KeyId, std::uint64_t>;  // voter and term
constexpr std::uint64_t kTermsBack = 8;

// A vote and the history it is on: 0 this node's chain, i the i-th branch, nothing where only the root is known.
struct Placed {
  VoteOnRoot vote;
  std::optional<std::size_t> tree;
};

class Judgement {
 public:
  Judgement(const chain::PublicChain& chain, const Branches& branches, merkle::MemoryTree ours)
      : chain_(chain), branches_(branches), ours_(std::move(ours)) {}

  void open(std::size_t i) {
    number_ = i;
    tree_ = tree(i);
  }
  void place(const Vote& vote);
  // What the chain knows of those voters, and of those whose blocks were taken back.
  void place_recorded(const std::vector<Place>& past);
  // Recorded votes on the open tree, if none before had their root.
  void find_trees();
  Result<std::vector<Bytes>> files();

 private:
  std::optional<merkle::MemoryTree> tree(std::size_t i) const {
    return i > 0 ? Branches::tree(ours_, branches_.all()[i - 1]) : std::optional(ours_);
  }
  Status join(const Place& place);
  Result<std::optional<Bytes>> contradiction(const std::vector<Placed>& votes) const;
  Result<std::optional<Bytes>> split(const Placed& a, const Placed& b) const;

  const chain::PublicChain& chain_;
  const Branches& branches_;
  merkle::MemoryTree ours_;
  std::map<Place, std::vector<Placed>> votes_;
  std::size_t number_ = 0;  // of the tree that is open
  std::optional<merkle::MemoryTree> tree_;
};

void Judgement::find_trees() {
  if (!tree_) return;
  for (auto& [place, list] : votes_) {
    for (auto& p : list) {
      const std::uint64_t size = p.vote.vote.claims.size;
      if (!p.tree && size <= tree_->size() && tree_->root_at(size) == p.vote.root) p.tree = number_;
    }
  }
}

// On the open tree, if the voter signed its root.
void Judgement::place(const Vote& vote) {
  const VoteClaims& c = vote.claims;
  const Membership* judge = chain_.statements().of_epoch(c.epoch);
  const Member* m = judge != nullptr ? judge->find(vote.kid) : nullptr;
  if (m == nullptr || !tree_ || c.size == 0 || c.size > tree_->size()) return;
  if (number_ > 0 && c.size <= branches_.all()[number_ - 1].from) return;  // as on our chain
  const Digest root = tree_->root_at(c.size);
  if (!verify_once(m->public_key, vote.id(root), vote.signature)) return;
  votes_[{vote.kid, c.term}].push_back({{vote, root}, number_});
}

Status Judgement::join(const Place& place) {
  LM_ASSIGN(auto known, chain_.votes_of(place.first, place.second));
  for (auto& k : known) votes_[place].push_back({{std::move(k.vote), k.root}, {}});
  return {};
}

void Judgement::place_recorded(const std::vector<Place>& past) {
  std::vector<Place> places = past;
  for (const auto& [place, list] : votes_) places.push_back(place);
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  for (const auto& p : places) (void)join(p);
}

// Two histories part at one place: the votes on the most of each contradict each other if any do.
Result<std::optional<Bytes>> Judgement::split(const Placed& a, const Placed& b) const {
  const auto tree_a = tree(*a.tree);
  const auto tree_b = tree(*b.tree);
  if (!tree_a || !tree_b) return std::optional<Bytes>();
  auto parts =
      proof::find_split(*tree_a, a.vote.vote.claims.size, *tree_b, b.vote.vote.claims.size);
  if (!parts) return std::optional<Bytes>();
  LM_ASSIGN(auto file, proof::make_vote_fork(a.vote, b.vote, std::move(parts),
                                             proof::statements_for_evidence(chain_.statements())));
  return std::optional(std::move(file));
}

Result<std::optional<Bytes>> Judgement::contradiction(const std::vector<Placed>& votes) const {
  std::map<std::uint64_t, const Placed*> by_size;
  std::map<std::size_t, const Placed*> longest;  // on each tree
  for (const auto& p : votes) {
    const auto [same, first] = by_size.try_emplace(p.vote.vote.claims.size, &p);
    if (!first && same->second->vote.root != p.vote.root) {
      LM_ASSIGN(auto file,
                proof::make_vote_fork(same->second->vote, p.vote, {},
                                      proof::statements_for_evidence(chain_.statements())));
      return std::optional(std::move(file));
    }
    if (!p.tree) continue;
    const Placed*& most = longest[*p.tree];
    if (most == nullptr || most->vote.vote.claims.size < p.vote.vote.claims.size) most = &p;
  }
  for (auto a = longest.begin(); a != longest.end(); ++a) {
    for (auto b = std::next(a); b != longest.end(); ++b) {
      if (a->second->vote.vote.claims.size == b->second->vote.vote.claims.size) continue;
      LM_ASSIGN(auto file, split(*a->second, *b->second));
      if (file) return file;
    }
  }
  return std::optional<Bytes>();
}

Result<std::vector<Bytes>> Judgement::files() {
  std::vector<Bytes> out;
  for (const auto& [place, list] : votes_) {
    LM_ASSIGN(auto file, contradiction(list));
    if (file) out.push_back(*std::move(file));
  }
  return out;
}

}  // namespace

bool VoteWatch::strange(Vote vote, const KeyId& from) {
  auto& list = strange_[from];
  if (std::ranges::any_of(list, [&](const Vote& v) { return v.bytes == vote.bytes; })) return false;
  if (list.size() == kOfSource) list.pop_front();
  list.push_back(std::move(vote));
  return true;
}

bool VoteWatch::has_strange(const KeyId& voter) const {
  for (const auto& [from, list] : strange_) {
    if (std::ranges::any_of(list, [&](const Vote& v) { return v.kid == voter; })) return true;
  }
  return false;
}

Result<std::vector<Bytes>> VoteWatch::judge(const chain::PublicChain& chain,
                                            const Branches& branches) const {
  LM_ASSIGN(auto past, chain.past_voters(chain.term() - std::min(chain.term(), kTermsBack)));
  if (branches.all().empty() && past.empty()) return std::vector<Bytes>();
  LM_ASSIGN(auto ours, chain.tree_of(chain.size()));
  Judgement j(chain, branches, std::move(ours));
  for (std::size_t i = 0; i <= branches.all().size(); ++i) {
    j.open(i);
    for (const auto& [from, list] : strange_) {
      for (const auto& vote : list) j.place(vote);
    }
  }
  j.place_recorded(past);
  for (std::size_t i = 0; i <= branches.all().size(); ++i) {
    j.open(i);
    j.find_trees();
  }
  return j.files();
}

}  // namespace lotmark::node
