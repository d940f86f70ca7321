#include "core/proof/verdict.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {
namespace {

using test::BlockMaker;
using test::Consortium;

class Chain : public ChainTest {};

TEST_F(Chain, TakesBlocksInOrderAndIsTheSameAfterReopening) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(append(maker.lot_block(application())), Errc::kOk);
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(chain.root(), maker.root());
  chain = open_chain();
  EXPECT_EQ(chain.size(), 4u);
  EXPECT_EQ(chain.root(), maker.root());
  EXPECT_EQ(chain.last_period(), 1u);
}

TEST_F(Chain, TheSameBlockAgainIsFineAndAnotherForItsNumberIsEvidence) {
  const Bytes first = maker.period_block();
  EXPECT_EQ(append(first), Errc::kOk);
  EXPECT_EQ(append(first), Errc::kOk);
  EXPECT_EQ(chain.size(), 2u);
  c.clock.advance(Millis{5});
  BlockMaker other(c);
  EXPECT_EQ(append(other.period_block()), Errc::kBlockFork);
}

TEST_F(Chain, EachBrokenLinkHasItsOwnError) {
  const auto sealed = [&](auto change, const test::Party& by) {
    Block b;
    b.kind = BlockKind::kPeriod;
    b.number = 1;
    b.prev = maker.tip();
    b.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
    b.body = PeriodBody{};
    change(b);
    return append(seal(b, *by.signer, c.chain)->bytes);
  };
  const auto& primary = c.supervisors[0];
  EXPECT_EQ(sealed([](Block& b) { b.number = 2; }, primary), Errc::kBlockNumber);
  EXPECT_EQ(sealed([](Block& b) { b.prev = Digest{{9}}; }, primary), Errc::kBlockPrev);
  EXPECT_EQ(sealed([](Block& b) { b.epoch = 1; }, primary), Errc::kBlockEpoch);
  EXPECT_EQ(sealed([](Block& b) { b.term = 1; }, primary), Errc::kBlockTerm);
  EXPECT_EQ(sealed([](Block& b) { b.time += 121'000; }, primary), Errc::kBlockTime);
  EXPECT_EQ(sealed([](Block& b) { b.time = 1; }, primary), Errc::kBlockTime);
  EXPECT_EQ(sealed([](Block&) {}, c.east), Errc::kBlockSigner);
  EXPECT_EQ(sealed([](Block& b) { std::get<PeriodBody>(b.body).number = 3; }, primary),
            Errc::kBlockNumber);
  EXPECT_EQ(sealed(
                [](Block& b) {
                  b.kind = BlockKind::kTerm;
                  b.body = {};
                },
                primary),
            Errc::kBlockTerm)
      << "a term block opens a higher term";
  EXPECT_EQ(sealed([](Block&) {}, primary), Errc::kOk);
}

TEST_F(Chain, OnlyTheTermsFirstSignerSignsItsBlocks) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  Block b;
  b.kind = BlockKind::kPeriod;
  b.number = 2;
  b.prev = maker.tip();
  b.time = static_cast<std::uint64_t>(to_ms(c.clock.now()));
  b.body = PeriodBody{1, {}, {}, {}, {}, {}};
  EXPECT_EQ(append(seal(b, *c.supervisors[1].signer, c.chain)->bytes), Errc::kBlockSigner);
}

TEST_F(Chain, AnApplicationEntersOnceWhateverReleaseIsAroundIt) {
  const Bytes a = application();
  EXPECT_EQ(append(maker.lot_block(a, "CN-1")), Errc::kOk);
  EXPECT_EQ(append(maker.lot_block(a, "CN-2")), Errc::kListDuplicate);
}

TEST_F(Chain, ASecondReleaseOfALotMustNameTheFirst) {
  EXPECT_EQ(append(maker.lot_block(application("A-1"))), Errc::kOk);
  BlockMaker elsewhere = maker;
  EXPECT_EQ(append(elsewhere.lot_block(application("A-1"))), Errc::kListDuplicate);
}

TEST_F(Chain, IsFinalFromTheQuorumOnAndForgetsNothingOnReopening) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(append(maker.lot_block(application())), Errc::kOk);
  const auto votes = maker.votes();
  EXPECT_TRUE(chain.add_vote(votes[0]));
  EXPECT_FALSE(chain.is_final(2));
  EXPECT_TRUE(chain.add_vote(votes[0]));
  EXPECT_FALSE(chain.is_final(2)) << "one vote twice is one vote";
  EXPECT_TRUE(chain.add_vote(votes[2]));
  EXPECT_TRUE(chain.is_final(2));
  chain = open_chain();
  EXPECT_TRUE(chain.is_final(2));
  EXPECT_EQ(chain.checkpoint()->votes.size(), 2u);
}

TEST_F(Chain, RefusesVotesThatAreNotOnItsOwnTree) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  const VoteClaims claims{1767600000, 2, 0, 0};
  const auto vote = [&](VoteClaims v, const Digest& root, const test::Party& by) {
    return chain.add_vote(*make_vote(v, root, *by.signer, c.chain)).code();
  };
  EXPECT_EQ(vote(claims, Digest{{1}}, c.supervisors[0]), Errc::kCoseSignature);
  EXPECT_EQ(vote(claims, maker.root(), c.east), Errc::kVoteSigner);
  EXPECT_EQ(vote({1767600000, 3, 0, 0}, maker.root(), c.supervisors[0]), Errc::kNeedSeq);
  EXPECT_EQ(vote({1767600000, 1, 0, 0}, maker.root(), c.supervisors[0]), Errc::kVoteSize);
  EXPECT_EQ(vote({1767600000, 2, 1, 0}, maker.root(), c.supervisors[0]), Errc::kVoteEpoch);
  EXPECT_EQ(vote({5, 2, 0, 0}, maker.root(), c.supervisors[0]), Errc::kVoteTime);
  EXPECT_EQ(vote(claims, maker.root(), c.supervisors[0]), Errc::kOk);
}

TEST_F(Chain, RefusesVotesOfTermsNobodyOpenedAndOfTimesToCome) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  const auto vote = [&](std::uint64_t seconds, std::uint64_t term) {
    const VoteClaims claims{seconds, 2, 0, term};
    const auto bytes = make_vote(claims, maker.root(), *c.supervisors[0].signer, c.chain);
    return chain.add_vote(*bytes, c.clock.now()).code();
  };
  const auto now = static_cast<std::uint64_t>(to_ms(c.clock.now())) / 1000;
  EXPECT_EQ(vote(now, 1), Errc::kVoteTerm);
  EXPECT_EQ(vote(now, (1ULL << 53) - 1), Errc::kVoteTerm);
  EXPECT_EQ(vote((1ULL << 53) - 1, 0), Errc::kVoteTime);
  EXPECT_EQ(vote(now + 122, 0), Errc::kVoteTime);
  EXPECT_EQ(chain.votes(0)->size(), 0u);
  EXPECT_EQ(vote(now + 119, 0), Errc::kOk);
  EXPECT_EQ(vote(now + 60, 0), Errc::kOk);
  EXPECT_EQ(chain.votes(0)->size(), 1u) << "one a size, term and voter";
}

TEST_F(Chain, ItsReceiptVerifiesFromTheAnchorAlone) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_EQ(append(maker.lot_block(application())), Errc::kOk);
  auto receipt = chain.receipt(2);
  ASSERT_TRUE(receipt);
  auto r = proof::verify_receipt(*receipt, c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kNotFinal);
  vote_all();
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  vote_all();
  receipt = chain.receipt(2);
  ASSERT_TRUE(receipt);
  r = proof::verify_receipt(*receipt, c.anchor, {Consortium::gtin().text, "A-1"}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased);
  EXPECT_EQ(r.finality->votes, 3u);
  auto lot = chain.find_lot(Consortium::gtin(), {"A-1"});
  ASSERT_TRUE(lot && *lot);
  EXPECT_TRUE((*lot)->final);
  EXPECT_EQ((*lot)->enterprise, "yunhe");
}

TEST_F(Chain, HeadsMustContinueTheLastLoggedOne) {
  merkle::MemoryTree log;
  for (int i = 0; i < 5; ++i) log.append_entry(as_bytes(std::to_string(i)));
  EXPECT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log)})),
            Errc::kOk);
  EXPECT_EQ(chain.logged_head(c.enterprise.kid(), LogKind::kIntake)->size, 5u);
  for (int i = 5; i < 12; ++i) log.append_entry(as_bytes(std::to_string(i)));
  merkle::MemoryTree forged;
  for (int i = 0; i < 12; ++i) forged.append_entry(as_bytes(std::to_string(i + 1)));
  BlockMaker other = maker;
  EXPECT_EQ(append(other.period_block({maker.head(c.enterprise, LogKind::kIntake, forged, 5)})),
            Errc::kTreePath);
  other = maker;
  EXPECT_EQ(append(other.period_block({maker.head(c.enterprise, LogKind::kIntake, log, 3)})),
            Errc::kTreePath);
  other = maker;
  EXPECT_EQ(append(other.period_block({maker.head(c.east, LogKind::kIntake, log)})),
            Errc::kCoseKid);
  EXPECT_EQ(append(maker.period_block({maker.head(c.enterprise, LogKind::kIntake, log, 5)})),
            Errc::kOk);
}

TEST_F(Chain, StoredBytesThatWereChangedAreNamedOnOpening) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  {
    auto db = store::Database::open(folder / "chain.db");
    ASSERT_TRUE(db);
    ASSERT_TRUE(db->exec("UPDATE block SET bytes = zeroblob(length(bytes)) WHERE number = 1"));
  }
  auto opened = PublicChain::open(folder / "chain.db", c.anchor);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.code(), Errc::kCorrupt);
  EXPECT_NE(opened.error().text.find("block 1"), std::string::npos);
}

TEST_F(Chain, SaysWhetherItsDatabaseAnswers) {
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  EXPECT_TRUE(chain.answers());
  auto other = store::Database::open(folder / "chain.db");
  ASSERT_TRUE(other);
  ASSERT_TRUE(other->exec("DELETE FROM block WHERE number = 1"));
  EXPECT_EQ(chain.answers().code(), Errc::kCorrupt);
  ASSERT_TRUE(other->exec("ALTER TABLE block RENAME TO gone"));
  EXPECT_EQ(chain.answers().code(), Errc::kStore);
}

TEST_F(Chain, AReadOnlyCopySeesWhatTheWriterAdds) {
  auto reader = PublicChain::open(folder / "chain.db", c.anchor, true);
  ASSERT_TRUE(reader) << reader.error().message();
  EXPECT_EQ(append(maker.period_block()), Errc::kOk);
  vote_all();
  EXPECT_EQ(reader->size(), 1u);
  ASSERT_TRUE(reader->refresh());
  EXPECT_EQ(reader->size(), 2u);
  EXPECT_TRUE(reader->is_final(1));
}

}  // namespace
}  // namespace lotmark::chain
