// Every byte of every stored field of a replica of 100 blocks, flipped one after another: each is named at the next
// check, and made good again from the block, the vote, or another node. A tenth of the bytes, drawn by their number;
// all of them with LOTMARK_ALL_BYTES (scripts/soak). LOTMARK_PART=i/n takes every n-th of those.
#include "tests/unit/chain/damage.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <unordered_map>

#include "core/wire/rollover.h"
#include "ledger-node/chain/public/mend.h"
#include "tests/unit/chain/whole_chain.h"

namespace lotmark::chain {
namespace {

constexpr std::uint64_t kBlocks = 100;
constexpr std::uint64_t kOneIn = 10;

const WholeChain& whole() {
  static const WholeChain chain(kBlocks);
  return chain;
}

// What the node itself signed and promised: some mends leave it forgotten.
constexpr std::array<std::string_view, 7> kOwn = {"signing",  "standing", "own_vote", "past_vote",
                                                  "starting", "flag",     "store"};

class Damaged : public testing::Test {
 protected:
  void SetUp() override {
    for (const auto t : kOwn)
      run(fmt::format("CREATE TEMP TABLE kept_{0} AS SELECT * FROM {0}", t));
    run("CREATE TEMP TABLE kept_head AS SELECT * FROM head");
  }
  void restore_own() const {
    for (const auto t : kOwn)
      run(fmt::format("DELETE FROM {0}; INSERT INTO {0} SELECT * FROM kept_{0}", t));
  }
  void run(const std::string& sql) const { ASSERT_TRUE(chain.database().exec(sql)) << sql; }

  PublicChain chain = whole().make(":memory:");
  // Signatures over the same bytes are verified once.
  std::unordered_map<Digest, bool> known;
  ChainCheck check = begin();

  ChainCheck begin() {
    CheckOptions options;
    options.proven = [this](const Digest& claim, const std::function<bool()>& work) {
      const auto at = known.find(claim);
      return at != known.end() ? at->second : (known[claim] = work());
    };
    auto begun = ChainCheck::begin(chain.database(), whole().c.anchor, options);
    EXPECT_TRUE(begun);
    return std::move(*begun);
  }
  std::vector<Fault> faults() {
    std::vector<Fault> found;
    check.go_on_at({});
    while (true) {
      const auto done = check.step(1000, found);
      if (!done) {
        ADD_FAILURE() << done.error().message();
        return found;
      }
      if (*done) return found;
    }
  }
  // What another node would give.
  void ask(const Fault& fault, Mended what, Mend& mend) {
    if (what == Mended::kAskBlock) {
      ASSERT_TRUE(mend.put_block(*fault.block, whole().blocks[*fault.block]));
    } else if (what == Mended::kAskVotes) {
      const auto at = whole().votes.find(*fault.block + 1);
      ASSERT_NE(at, whole().votes.end());
      for (const auto& v : at->second) ASSERT_TRUE(chain.add_vote(v));
    } else if (what == Mended::kAskDisclosure) {
      for (const auto& [block, told] : whole().disclosures) {
        ASSERT_TRUE(
            chain.add_disclosure(block, told.disclosure, told.samples, whole().c.clock.now()));
      }
    }
  }
  static bool names(const std::vector<Fault>& found, const Flip& flip) {
    for (const auto& f : found) {
      if (f.table.starts_with("tree_") && flip.table.starts_with("tree_")) return true;
      if (f.table != flip.table) continue;
      if (f.column == flip.columns[flip.column] || flip.keys == 0) return true;
      for (const auto& row : {flip.before, flip.after}) {
        std::vector<std::string_view> columns(flip.columns.begin(), flip.columns.end());
        columns.resize(flip.keys);
        if (f.row == shown(columns, row)) return true;
      }
    }
    return false;
  }
  // A head that goes with the next period, since a newer one is final: where it moved to, it is named and goes at once.
  bool waits_to_go(const Flip& flip) const {
    if (flip.table != "head" || flip.columns[flip.column] != "block") return false;
    const auto newer = check.rows().read("SELECT 1 FROM head WHERE block > ? AND block < 97",
                                         {flip.before[flip.column]});
    return newer && !newer->empty();
  }
  static std::string list(const std::vector<Fault>& found) {
    std::string out;
    for (const auto& f : found) out += f.text() + "\n";
    return out;
  }
  void flip_and_mend(const Flip& flip) {
    if (!flip.apply(check.rows())) return;
    ++flipped;
    const auto found = faults();
    ASSERT_TRUE(names(found, flip)) << "not named: " << flip.text() << "\n" << list(found);
    if (flip.table == "checking" || flip.table == "dropped") return flip.undo(check.rows());
    Mend mend(check);
    bool forgotten = false;
    for (const auto& f : found) {
      const auto done = mend.mend(f);
      ASSERT_TRUE(done) << flip.text() << ": " << f.text() << ": " << done.error().message();
      ASSERT_NE(*done, Mended::kRebuild) << flip.text() << ": " << f.text();
      forgotten = forgotten || *done == Mended::kForgotten;
      ASSERT_NO_FATAL_FAILURE(ask(f, *done, mend));
    }
    const bool own = std::ranges::find(kOwn, flip.table) != kOwn.end();
    ASSERT_TRUE(!forgotten || (own && flip.table != "flag" && flip.table != "store"))
        << flip.text();
    if (!own && waits_to_go(flip)) run("INSERT OR IGNORE INTO head SELECT * FROM kept_head");
    if (!own) {
      ASSERT_TRUE(flip.undone(check.rows())) << flip.text() << "\n" << list(found);
    }
    if (own || flipped % 64 == 0) {  // the whole, with all that was mended since
      const auto left = faults();
      ASSERT_TRUE(left.empty()) << flip.text() << "\n" << list(found) << "left:\n" << list(left);
    }
    if (own) restore_own();
  }
  std::uint64_t flipped = 0;
};

TEST_F(Damaged, AWholeChainHasNoFault) { EXPECT_EQ(list(faults()), ""); }

// What the check finds in a chain that nothing happened to.
std::string found_in(const PublicChain& chain) {
  auto check = *ChainCheck::begin(chain.database(), chain.anchor_bytes());
  std::vector<Fault> found;
  for (bool done = false; !done;) {
    const auto step = check.step(1000, found);
    if (!step) return step.error().message();
    done = *step;
  }
  std::string out;
  for (const auto& f : found) out += f.text() + "\n";
  return out;
}

TEST(WholeChainCheck, StatementsOfANewRootKeyAreNoFault) {
  test::Consortium c;
  test::BlockMaker maker{c};
  const auto second = test::make_party("root-2", "root", 77);
  Anchor anchor = *read_anchor(c.anchor);
  anchor.links.push_back({seal(Rollover{second.key(), 1, 1}, *c.root.signer, c.chain)->bytes});
  auto chain = *PublicChain::open(":memory:", encode_anchor(anchor));
  ASSERT_TRUE(chain.append(maker.period_block(), c.clock.now()));
  ASSERT_TRUE(chain.append(maker.membership_block(&second), c.clock.now()));
  ASSERT_TRUE(chain.append(maker.period_block(), c.clock.now()));
  for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
  EXPECT_EQ(found_in(chain), "");
}

TEST(WholeChainCheck, VotesOnAStatementThatWasTakenBackAreNoFault) {
  test::Consortium c;
  test::BlockMaker maker{c};
  auto chain = *PublicChain::open(":memory:", c.anchor);
  ASSERT_TRUE(chain.append(maker.period_block(), c.clock.now()));
  test::BlockMaker other = maker;
  ASSERT_TRUE(chain.append(maker.membership_block(), c.clock.now()));
  ASSERT_TRUE(chain.add_vote(maker.votes(1).front()));
  ASSERT_TRUE(chain.append(maker.period_block(), c.clock.now()));
  ASSERT_TRUE(chain.store_own_vote(maker.votes(1).front())) << "and down before it was counted";
  std::vector<Bytes> theirs{other.term_block(1)};
  theirs.push_back(other.period_block());
  theirs.push_back(other.period_block());
  ASSERT_TRUE(chain.adopt(theirs, c.clock.now()));
  EXPECT_EQ(found_in(chain), "");
}

// It would judge a ruling alone: one more would settle here what is settled everywhere else.
TEST_F(Damaged, ALostSettlementIsNamedAndMadeAgainFromTheRulings) {
  run("DELETE FROM settled WHERE block = 32");
  const auto found = faults();
  ASSERT_EQ(found.size(), 1u) << list(found);
  EXPECT_EQ(found[0].table, "settled");
  EXPECT_EQ(*Mend(check).mend(found[0]), Mended::kDone);
  EXPECT_EQ(list(faults()), "");
}

TEST_F(Damaged, ASettlementThatNoQuorumMadeIsNamedAndGoes) {
  run("INSERT INTO settled SELECT complaint, 31, terms, text, penalised, rewarded, points, reward "
      "FROM settled WHERE block = 32");
  const auto found = faults();
  ASSERT_EQ(found.size(), 2u) << list(found);
  for (const auto& f : found) EXPECT_EQ(*Mend(check).mend(f), Mended::kDone);
  EXPECT_EQ(list(faults()), "");
}

// Moved to a block that is final too, it looked like the newer row for which the old one was removed.
TEST_F(Damaged, AHeadThatMovedDoesNotExcuseThatItIsMissing) {
  run("UPDATE head SET block = 97 WHERE block = 95");
  const auto found = faults();
  ASSERT_EQ(found.size(), 2u) << list(found);
  for (const auto& f : found) EXPECT_EQ(*Mend(check).mend(f), Mended::kDone);
  EXPECT_EQ(list(faults()), "");
  const auto heads = check.rows().read("SELECT 1 FROM head WHERE block = 95");
  EXPECT_EQ(heads->size(), 1u);
}

TEST_F(Damaged, EveryFlippedByteIsNamedAndMended) {
  const bool all = std::getenv("LOTMARK_ALL_BYTES") != nullptr;
  std::uint64_t part = 0;
  std::uint64_t parts = 1;
  if (const char* text = std::getenv("LOTMARK_PART")) {
    ASSERT_EQ(std::sscanf(text, "%lu/%lu", &part, &parts), 2);
  }
  const auto flips = all_flips(chain.database(), 1, [&](std::uint64_t n) {
    return (all || n % kOneIn == 0) && (n / (all ? 1 : kOneIn)) % parts == part;
  });
  std::printf("drawn=%zu\n", flips.size());
  for (const auto& flip : flips) ASSERT_NO_FATAL_FAILURE(flip_and_mend(flip));
  EXPECT_EQ(list(faults()), "");
  EXPECT_GT(flipped, flips.size() * 9 / 10) << "SQLite refused the others";
  std::printf("flipped=%lu of %zu drawn\n", flipped, flips.size());
}

}  // namespace
}  // namespace lotmark::chain
