#include "tests/sim/plot.h"

#include <fmt/format.h>

namespace lotmark::sim {

namespace {

constexpr Millis kLook{20};
constexpr Millis kNextBlock{14'000};  // a period block comes by itself
// A new primary counts up to the term from which on one that forgot signs again.
constexpr Millis kTakeover{50'000};

std::string names(const std::vector<SimNode*>& nodes) {
  std::string out;
  for (const auto* n : nodes) out += (out.empty() ? "" : " ") + n->name;
  return out;
}

}  // namespace

void Plot::begin() {
  over_ = false;
  next_ = cluster_.timeline.now() + Millis{draw_.between(4000, 12'000)};
  look();
}

void Plot::end() {
  over_ = true;
  steps_.clear();
  kept_down_.clear();
}

void Plot::look() {
  if (over_) return;
  const Time now = cluster_.timeline.now();
  if (steps_.empty()) {
    if (now >= next_) choose();
  } else if (steps_.front().when()) {
    const auto then = std::move(steps_.front().then);
    steps_.pop_front();
    since_ = now;
    then();
    if (steps_.empty()) leave("is over");
  } else if (now > since_ + steps_.front().patience) {
    leave("comes to nothing");
  }
  cluster_.timeline.after(kLook, [this] { look(); });
}

void Plot::leave(std::string_view why) {
  cluster_.journal.say(fmt::format("the plot {}", why));
  steps_.clear();
  kept_down_.clear();
  cluster_.network.heal();
  cluster_.engine.mend_all();
  next_ = cluster_.timeline.now() + Millis{draw_.between(4000, 12'000)};
}

void Plot::wait(std::function<bool()> when, Millis patience, std::function<void()> then) {
  if (steps_.empty()) since_ = cluster_.timeline.now();
  steps_.push_back({std::move(when), patience, std::move(then)});
}

void Plot::pause(Millis time, std::function<void()> then) {
  wait([this, time] { return cluster_.timeline.now() >= since_ + time; }, time + Millis{1000},
       std::move(then));
}

std::uint64_t Plot::longest(const Nodes& nodes) {
  std::uint64_t most = 0;
  for (const auto* n : nodes) most = std::max(most, n->up() ? n->core->chain().size() : 0);
  return most;
}

bool Plot::all_up(const Nodes& nodes) {
  return std::ranges::all_of(nodes, [](const auto* n) { return n->up(); });
}

void Plot::apart(const Nodes& a, const Nodes& b) {
  for (const auto* x : a) {
    for (const auto* y : b) {
      cluster_.network.cut(cluster_.kid(*x), cluster_.kid(*y));
      cluster_.network.cut(cluster_.kid(*y), cluster_.kid(*x));
    }
  }
}

void Plot::hide_votes(const Nodes& from, const Nodes& to) {
  for (const auto* x : from) {
    for (const auto* y : to) {
      if (x == y) continue;
      cluster_.network.drop_next(10'000, Kind::kVotes, cluster_.kid(*x), cluster_.kid(*y));
      cluster_.network.drop_next(10'000, Kind::kVotesTold, cluster_.kid(*x), cluster_.kid(*y));
    }
  }
}

// All who supervise, when they are up and remember what they promised.
std::optional<Plot::Cast> Plot::cast() {
  const KeyId* newest = cluster_.witness.newest_signer();
  SimNode* primary = newest != nullptr ? cluster_.find(*newest) : nullptr;
  if (primary == nullptr || !cluster_.supervises(*primary)) return std::nullopt;
  Cast c{primary, {}, cluster_.rules().quorum};
  for (auto& n : cluster_.nodes()) {
    if (!cluster_.supervises(n)) continue;
    if (!n.up() || n.forgot) return std::nullopt;
    if (&n == primary) continue;
    const auto at =
        c.others.begin() + static_cast<std::ptrdiff_t>(draw_.below(c.others.size() + 1));
    c.others.insert(at, &n);
  }
  if (c.others.size() < c.quorum) return std::nullopt;  // nobody can lag
  return c;
}

void Plot::choose() {
  const auto c = cast();
  if (!c) return;
  cluster_.network.heal();
  const std::uint64_t kind = draw_.below(cluster_.options.changes > 0 ? 5 : 2);
  if (kind == 0) return forgotten_vote(*c);
  if (kind == 1) return given_turn(*c);
  changed_rules(*c);
}

void Plot::takes_over(SimNode& n) {
  cluster_.stop_delegating();
  if (n.up()) cluster_.delegate(n);
}

void Plot::forget(SimNode& n, const Nodes& down) {
  for (auto* d : down) {
    kept_down_.insert(d->index);
    cluster_.crash(*d);
  }
  cluster_.crash(n);
  if (cluster_.may_lose_disk(n)) cluster_.wipe(n);
  cluster_.start(n);
}

void Plot::keep_from_engine(const Nodes& nodes) {
  if (cluster_.options.ordering == Ordering::kLocal) return;
  for (const auto* n : nodes) cluster_.engine.cut(n->name);
}

void Plot::lose_engine() {
  if (cluster_.options.ordering == Ordering::kLocal) return;
  cluster_.journal.say("the engine is made anew");
  cluster_.engine.remake();
  cluster_.engine.mend_all();
}

void Plot::forgotten_vote(const Cast& c) {
  const auto split = c.others.begin() + static_cast<std::ptrdiff_t>(c.quorum) - 1;
  const Nodes lag(split, c.others.end());
  Nodes know(c.others.begin(), split);
  SimNode& victim = *know.front();
  if (!cluster_.may_lose_disk(victim)) return;
  know.front() = c.primary;
  cluster_.journal.say(fmt::format("a plot: {} will forget what it and {} make final, among {}",
                                   victim.name, names(know), names(lag)));
  apart(know, lag);
  apart({&victim}, lag);
  keep_from_engine(lag);
  const auto is_final = [c, lag] {
    return c.primary->up() && c.primary->core->chain().final_size() > longest(lag);
  };
  wait(is_final, kNextBlock, [this, know, lag, &victim] {
    cluster_.network.heal();
    lose_engine();
    forget(victim, know);
    takes_over(*lag.front());
  });
  pause(kTakeover, [] {});
}

// With n members and quorum q the two quorums share 2q - n; the old primary has the rest of the one, the new one of the other.
void Plot::given_turn(const Cast& c) {
  const auto at = [&c](std::size_t i) { return c.others.begin() + static_cast<std::ptrdiff_t>(i); };
  const std::size_t shared = 2 * c.quorum - (c.others.size() + 1);
  const Nodes both(at(0), at(shared));
  Nodes old(at(shared), at(c.quorum - 1));
  const Nodes lag(at(c.quorum - 1), c.others.end());
  SimNode* primary = c.primary;
  SimNode* next = lag.front();
  old.push_back(primary);
  cluster_.journal.say(
      fmt::format("a plot: {} will give {} their turns, and then hear of {}'s next block",
                  names(both), next->name, primary->name));
  apart(old, both);
  apart(old, lag);
  keep_from_engine(both);
  keep_from_engine(lag);
  const auto goes_beyond = [=] {
    return longest({primary}) > std::max(longest(both), longest(lag));
  };
  wait(goes_beyond, kNextBlock, [=, this] {
    lose_engine();
    takes_over(*next);
  });
  const auto term = [](const SimNode* n) { return n->up() ? n->core->chain().term() : 0; };
  const auto opened = [=] { return term(next) > term(primary) && all_up(old) && all_up(both); };
  wait(opened, kNextBlock, [=, this] {
    cluster_.stop_delegating();
    cluster_.network.heal();
    apart(old, lag);
    apart(both, lag);
    hide_votes(old, both);
    hide_votes(both, both);
  });
  const auto old_one_is_final = [=] {
    return primary->up() && primary->core->chain().final_size() > longest(lag) - 1;
  };
  wait(old_one_is_final, Millis{6000}, [=, this] {
    cluster_.network.heal();
    apart(old, both);
    apart(old, lag);
  });
  pause(Millis{15'000}, [] {});
}

// As soon as one holds the block that changes the rules.
void Plot::changed_rules(const Cast& c) {
  keep_from_engine(c.others);
  const auto first = [this, epoch = cluster_.rules().epoch]() -> SimNode* {
    for (auto& n : cluster_.nodes()) {
      if (n.up() && n.core->chain().statements().newest().epoch > epoch) return &n;
    }
    return nullptr;
  };
  wait([=] { return first() != nullptr; }, Millis{25'000},
       [=, this] {
         SimNode* holder = first();
         const Membership next = holder->core->chain().statements().newest();
         Nodes fresh;  // those who supervise by the new rules alone
         Nodes old = c.others;
         std::erase(old, holder);
         if (holder != c.primary) old.push_back(c.primary);
         for (auto& n : cluster_.nodes()) {
           if (next.find(cluster_.kid(n)) != nullptr && !cluster_.supervises(n))
             fresh.push_back(&n);
         }
         if (!all_up(fresh) || !all_up(old)) return;
         draw_.permille(500) ? rules_by_few(holder, fresh, old)
                             : rules_by_quorum(holder, next, fresh, old);
       });
}

// The old members make another block final in the statement's place; one of them forgets it and comes back among those
// who hold the statement.
void Plot::rules_by_few(SimNode* holder, const Nodes& fresh, const Nodes& old) {
  cluster_.journal.say(
      fmt::format("a plot: of those who supervised {} alone has the new rules, {} follow it",
                  holder->name, names(fresh)));
  const std::uint64_t size = holder->core->chain().size();
  apart({holder}, old);
  keep_from_engine(old);
  pause(Millis{draw_.between(0, 3000)}, [=, this] {
    apart(fresh, old);
    lose_engine();
    keep_from_engine(fresh);
    takes_over(*old.front());
  });
  const auto is_final = [=] {
    return old.front()->up() && old.front()->core->chain().final_size() >= size;
  };
  wait(is_final, kNextBlock, [=, this] {
    cluster_.stop_delegating();
    cluster_.network.heal();
    lose_engine();
    forget(*old.back(), Nodes(old.begin(), old.end() - 1));
  });
  pause(kTakeover, [] {});
}

// The new quorum makes the statement's block final, and nobody else knows; the others take over by the old rules, alone
// or with one of that quorum, who forgot.
void Plot::rules_by_quorum(SimNode* holder, const Membership& next, const Nodes& fresh,
                           const Nodes& old) {
  Nodes near{holder};
  Nodes far = fresh;
  for (auto* n : old) {
    const bool stays = next.find(cluster_.kid(*n)) != nullptr;
    (stays && near.size() < next.quorum ? near : far).push_back(n);
  }
  const auto heir = std::ranges::find_if(far, [&](auto* n) { return cluster_.supervises(*n); });
  if (near.size() < next.quorum || heir == far.end()) return;
  cluster_.journal.say(fmt::format(
      "a plot: the new rules are final for {}, and {} do not know them", names(near), names(far)));
  apart(near, far);
  keep_from_engine(far);
  const bool forgets = draw_.permille(600);
  wait([=] { return holder->up() && holder->core->chain().final_size() > next.first; }, kNextBlock,
       [=, this, next = *heir] {
         lose_engine();
         if (forgets) {
           cluster_.network.heal();
           forget(*near.back(), Nodes(near.begin(), near.end() - 1));
         } else {
           keep_from_engine(near);
         }
         takes_over(*next);
       });
  pause(forgets ? kTakeover : Millis{20'000}, [] {});
}

}  // namespace lotmark::sim
