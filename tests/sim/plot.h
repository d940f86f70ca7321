// Blows that belong together. Faults drawn one by one seldom meet in the order in which a rule is needed; a plot waits for the
// very moment, by looking into the nodes, and strikes where only that rule still helps:
//
//   a vote is forgotten   a block is final by a quorum; the voters' side goes, one of them loses its disk and comes back among
//                         those who know nothing of the block, and one of these takes over
//   a turn is given       those whom two quorums share give their turn to one who lags, and hear of the old primary's next
//                         block before they hear of the new term; then the sides change
//   the rules change      the block that changes who votes is held by a few: the new quorum, or none; the others take over by the
//                         rules that they know, and one whom both sides share may forget in between
//
// While a plot is under way nothing else goes wrong. None of them asks for more than the product promises: one disk at a
// time (Cluster::may_lose_disk), and everything comes back in the end.
#pragma once

#include <deque>

#include "tests/sim/cluster.h"

namespace lotmark::sim {

class Plot {
 public:
  // `cluster` must outlive it.
  Plot(Cluster& cluster, Draw draw) : cluster_(cluster), draw_(draw) {}

  // One plot after another from now on, with a pause between.
  void begin();
  // The one under way is left; what it keeps down may start.
  void end();
  bool under_way() const { return !steps_.empty(); }
  bool keeps_down(const SimNode& n) const { return kept_down_.contains(n.index); }

 private:
  using Nodes = std::vector<SimNode*>;
  struct Cast {
    SimNode* primary;  // who signed the newest block
    Nodes others;      // that supervise, in an order that is drawn
    std::uint64_t quorum;
  };
  // Goes on when `when` holds; left when that takes longer than `patience`.
  struct Step {
    std::function<bool()> when;
    Millis patience;
    std::function<void()> then;
  };

  void look();
  void leave(std::string_view why);
  std::optional<Cast> cast();
  void choose();
  void forgotten_vote(const Cast& c);
  void given_turn(const Cast& c);
  void changed_rules(const Cast& c);
  void rules_by_few(SimNode* holder, const Nodes& fresh, const Nodes& old);
  void rules_by_quorum(SimNode* holder, const Membership& next, const Nodes& fresh,
                       const Nodes& old);

  void takes_over(SimNode& n);
  // The node forgets, if that may be, and starts at once; those named stay down until the plot is over.
  void forget(SimNode& n, const Nodes& down);
  void apart(const Nodes& a, const Nodes& b);
  void hide_votes(const Nodes& from, const Nodes& to);
  // Where one orders: what it was told comes to nobody but by other nodes; and it forgets everything.
  void keep_from_engine(const Nodes& nodes);
  void lose_engine();
  void wait(std::function<bool()> when, Millis patience, std::function<void()> then);
  void pause(Millis time, std::function<void()> then);
  static std::uint64_t longest(const Nodes& nodes);
  static bool all_up(const Nodes& nodes);

  Cluster& cluster_;
  Draw draw_;
  std::deque<Step> steps_;
  Time since_{};  // the first step waits
  Time next_{};   // plot not before
  std::set<std::size_t> kept_down_;
  bool over_ = true;
};

}  // namespace lotmark::sim
