#include "tests/sim/rule_changes.h"

namespace lotmark::sim {

namespace {

constexpr unsigned kTries = 50;
constexpr std::size_t kFewest = 3;  // who supervise

void drop(Membership& m, Draw& draw) {
  std::vector<KeyId> supervising;
  for (const auto& x : m.members) {
    if (x.has(Role::kSupervising)) supervising.push_back(x.kid);
  }
  const KeyId gone = supervising[draw.below(supervising.size())];
  std::erase_if(m.members, [&](const Member& x) { return x.kid == gone; });
}

std::size_t supervising(const Membership& m) {
  return static_cast<std::size_t>(
      std::ranges::count_if(m.members, [](const Member& x) { return x.has(Role::kSupervising); }));
}

// More than half, and one may be down.
void draw_quorum(Membership& m, Draw& draw) {
  const auto n = static_cast<std::int64_t>(supervising(m));
  m.quorum = static_cast<std::uint64_t>(draw.between(n / 2 + 1, std::max(n / 2 + 1, n - 1)));
}

}  // namespace

void RuleChanges::begin(Millis within) {
  ceremony_.delegate_where_needed();
  ceremony_.root_takes(Millis{draw_.between(200, 4000)});
  for (std::uint64_t i = 0; i < cluster_.options.changes; ++i) {
    cluster_.timeline.after(Millis{draw_.between(0, within.count())}, [this] { want(); });
  }
}

// Not before a block is final: until then there is no place but at who orders first.
void RuleChanges::want() {
  if (over_) return;
  if (cluster_.witness.final_size() < 2) {
    return cluster_.timeline.after(Millis{1000}, [this] { want(); });
  }
  if (draw_.permille(300)) {
    return ceremony_.begin(
        "change too much at once", [this](Membership& next) { too_much(next); },
        Ceremony::Refused::kLetGo);
  }
  ceremony_.begin("change the rules", [this](Membership& next) { change(next); });
}

void RuleChanges::end() {
  over_ = true;
  ceremony_.no_more();
}

std::vector<const SimNode*> RuleChanges::strangers(const Membership& m) const {
  std::vector<const SimNode*> out;
  for (const auto& n : cluster_.nodes()) {
    if (m.find(cluster_.kid(n)) == nullptr) out.push_back(&n);
  }
  return out;
}

// A safe step that changes something; the same rules again if none is drawn.
void RuleChanges::change(Membership& next) {
  for (unsigned i = 0; i < kTries; ++i) {
    Membership m = next;
    const auto more = strangers(m);
    const auto kind = draw_.below(3);
    if (kind == 0 && !more.empty())
      m.members.push_back(cluster_.consortium.supervisor(more[draw_.below(more.size())]->index));
    if (kind == 1 && supervising(m) > kFewest) drop(m, draw_);
    draw_quorum(m, draw_);
    if (m.members.size() == next.members.size() && m.quorum == next.quorum) continue;
    if (!proof::safe_step(next, m)) continue;
    next = std::move(m);
    return;
  }
}

// Two go at once, or two are exchanged, so that quorums before and after need not meet.
void RuleChanges::too_much(Membership& next) {
  for (unsigned i = 0; i < kTries; ++i) {
    Membership m = next;
    const auto more = strangers(m);
    for (int two = 0; two < 2; ++two) drop(m, draw_);
    if (!more.empty() && draw_.permille(500))
      m.members.push_back(cluster_.consortium.supervisor(more[draw_.below(more.size())]->index));
    if (supervising(m) < 2) return;
    m.quorum = supervising(m) / 2 + 1;
    // Whether the step is too great the statement's own rule says, not the product's.
    std::set<KeyId> all;
    for (const auto* s : {&next, &m}) {
      for (const auto& x : s->members) {
        if (x.has(Role::kSupervising)) all.insert(x.kid);
      }
    }
    if (m.quorum + next.quorum > all.size()) continue;
    next = std::move(m);
    return;
  }
}

}  // namespace lotmark::sim
