// Promises that are not kept: a file, or none where an honest primary could not keep them.
#include "core/proof/evidence.h"
#include "ledger-node/evidence/evidence_store.h"
#include "ledger-node/evidence/promise_watch.h"
#include "ledger-node/evidence/witness.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

class Promised : public chain::ChainTest {
 protected:
  EvidenceStore store = *EvidenceStore::open(folder / "", c.anchor);
  PromiseWatch watch{store.database()};

  std::uint64_t ms() const { return static_cast<std::uint64_t>(to_ms(c.clock.now())); }
  void promise(const Bytes& application) {
    const Digest applied = *id_of(application);
    Release r{{application}, "CN-2026-7", Digest{{9}}, {}};
    const auto release = seal(r, *c.east.signer, c.chain);
    const Promise p{release->id, ms() + 30000};
    const auto sealed = seal(p, *c.supervisors[0].signer, c.chain);
    EXPECT_TRUE(watch.add(*open<Promise>(sealed->bytes, c.chain), release->bytes, applied));
  }
  void period(std::size_t voters = 3) {
    EXPECT_EQ(append(maker.period_block()), Errc::kOk);
    for (const auto& v : maker.votes(voters)) EXPECT_TRUE(chain.add_vote(v));
  }
  std::vector<Bytes> due() { return *watch.due(chain); }
  void pass(Millis time) { c.clock.advance(time); }
};

TEST_F(Promised, AndOnNoBlockTwoMinutesAfterTheDeadlineIsEvidence) {
  period();
  promise(application());
  pass(Millis{150000});
  period();
  EXPECT_TRUE(due().empty()) << "the block's time is the limit, not above it";
  pass(Millis{1});
  period();
  const auto files = due();
  ASSERT_EQ(files.size(), 1u);
  const auto judged = proof::verify_evidence(files[0], c.anchor);
  ASSERT_TRUE(judged.proven) << judged.why;
  EXPECT_EQ(judged.proven->by.kid, c.supervisors[0].kid());
  EXPECT_TRUE(*store.keep(files[0], {}, c.clock.now()));
  EXPECT_TRUE(due().empty()) << "it is remembered no longer";
}

TEST_F(Promised, AndPastItsDeadlineIsOverdueUntilAFinalBlockAnswers) {
  const auto counts = [&] {
    const auto n = *watch.count(chain, c.clock.now());
    return std::pair(n.held, n.overdue);
  };
  using Counts = std::pair<std::uint64_t, std::uint64_t>;
  const Bytes a = application();
  promise(a);
  pass(Millis{30000});
  EXPECT_EQ(counts(), Counts(1, 0)) << "the deadline is now";
  pass(Millis{1});
  EXPECT_EQ(counts(), Counts(1, 1));
  EXPECT_EQ(append(maker.lot_block(a)), Errc::kOk);
  EXPECT_EQ(counts(), Counts(1, 1)) << "a block that waits for its quorum";
  for (const auto& v : maker.votes(3)) EXPECT_TRUE(chain.add_vote(v));
  EXPECT_EQ(counts(), Counts(0, 0));
}

TEST_F(Promised, AWitnessTellsWhatIsOverdueAndWhatWasNotKept) {
  Witness witness(chain, store, c.east.kid());
  const auto tell = [&] {
    (void)witness.tick(c.clock.now());
    std::vector<double> out;
    for (const auto& [name, n] : witness.metrics()) {
      if (name.starts_with("lotmark_promises_")) out.push_back(n);
    }
    return out;
  };
  using Told = std::vector<double>;  // held, overdue, unmet
  period();
  promise(application());
  EXPECT_EQ(tell(), (Told{1, 0, 0}));
  pass(Millis{150001});
  EXPECT_EQ(tell(), (Told{1, 1, 0}));
  period();
  pass(Millis{5000});
  EXPECT_EQ(tell(), (Told{0, 0, 1}));
}

TEST_F(Promised, ABlockWithoutAQuorumShowsNoTime) {
  promise(application());
  pass(Millis{200000});
  period(1);
  EXPECT_TRUE(due().empty());
}

TEST_F(Promised, AndKeptAccusesNobody) {
  const Bytes a = application();
  promise(a);
  EXPECT_EQ(append(maker.lot_block(a)), Errc::kOk);
  pass(Millis{200000});
  period();
  EXPECT_TRUE(due().empty());
}

TEST_F(Promised, WhatAnotherReleaseOfTheLotMadeImpossibleAccusesNobody) {
  promise(application());
  Application other = open<Application>(application(), c.chain)->body;
  other.opening = Digest{{3}};
  EXPECT_EQ(append(maker.lot_block(seal(other, *c.enterprise.signer, c.chain)->bytes)), Errc::kOk);
  pass(Millis{200000});
  period();
  EXPECT_TRUE(due().empty());
}

}  // namespace
}  // namespace lotmark::node
