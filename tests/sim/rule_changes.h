// Operators who change the rules in the midst of a storm: members come and go, the quorum moves. One change after another, each
// drawn when the one before is settled. Now and then they want too much at once, which the nodes must refuse.
#pragma once

#include "tests/sim/ceremony.h"

namespace lotmark::sim {

class RuleChanges {
 public:
  // `cluster` must outlive it.
  RuleChanges(Cluster& cluster, Draw draw) : cluster_(cluster), draw_(draw), ceremony_(cluster) {}

  // ClusterOptions::changes of them, beginning within that time.
  void begin(Millis within);
  // Nothing new is begun; what is begun goes on to its end.
  void end();
  bool done() const { return ceremony_.done(); }

 private:
  void want();
  void change(Membership& next);
  void too_much(Membership& next);
  std::vector<const SimNode*> strangers(const Membership& m) const;

  Cluster& cluster_;
  Draw draw_;
  Ceremony ceremony_;
  bool over_ = false;
};

}  // namespace lotmark::sim
