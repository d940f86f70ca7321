// A chain whose lots expire soon after it begins, in a programme that keeps them no longer; and one that does.
#pragma once

#include "ledger-node/chain/public/cut_checks.h"
#include "ledger-node/chain/public/cut_store.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::chain {

class CutTest : public testing::Test {
 protected:
  test::Consortium c{{.retention = 0, .agency = true, .kept_retention = 1}};
  test::BlockMaker maker{c};
  test::TempFolder folder;
  PublicChain chain = open_chain();

  // D of both programmes.
  static constexpr std::uint64_t kReach = 3'600'000 + 600'000 + 6 * 600'000 + 120'000 + 600'000;
  static constexpr std::uint64_t kDay = 86'400'000;

  PublicChain open_chain(const std::string& file = "chain.db") {
    auto opened = PublicChain::open(folder / file, c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  std::uint64_t now() const { return static_cast<std::uint64_t>(to_ms(c.clock.now())); }
  void pass(std::uint64_t ms) { c.clock.advance(Millis{static_cast<std::int64_t>(ms)}); }
  Status append(ByteView block) { return chain.append(block, c.clock.now()); }
  void grow(ByteView block) {
    blocks.push_back(to_bytes(block));
    const Status done = append(block);
    ASSERT_TRUE(done) << done.error().message();
  }
  void finish() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
  }
  Bytes application(const std::string& lot, std::uint64_t expires = 20260106,
                    const std::string& programme = "vaccines",
                    std::optional<Digest> supersedes = {}) {
    Application a;
    a.start = Digest{{1}};
    a.programme = programme;
    a.gtin = test::Consortium::gtin();
    a.product = "Vaccine A";
    a.lot = {lot};
    a.expires = {expires};
    a.tx_count = c.programme.count + 1;
    a.supersedes = supersedes;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  void lot(const std::string& name, std::uint64_t expires = 20260106,
           const std::string& programme = "vaccines") {
    grow(maker.lot_block(application(name, expires, programme)));
  }
  // Two days of a period block, two lots and a refusal, then a period block on the third day; all final.
  void two_days() {
    for (int day = 0; day < 2; ++day) {
      merkle::MemoryTree log;
      for (int i = 0; i <= day; ++i) log.append_entry(as_bytes("x"));
      grow(maker.period_block(
          {maker.head(c.enterprise, LogKind::kIntake, log, static_cast<std::uint64_t>(day))}));
      lot("A-" + std::to_string(day));
      lot("B-" + std::to_string(day));
      grow(maker.refusal_block(Digest{{static_cast<std::uint8_t>(day + 1)}}));
      pass(kDay);
    }
    pass(kDay);
    grow(maker.period_block());
    finish();
  }
  CutPlan plan() {
    auto p = plan_cut(chain, {now(), chain.final_size()});
    EXPECT_TRUE(p) << p.error().message();
    return *std::move(p);
  }
  CutClaim claim(std::uint64_t first, std::uint64_t last) {
    auto made = make_cut_content(chain, first, last);
    EXPECT_TRUE(made) << made.error().message();
    return {first, last, made->archive, made->snapshot};
  }
  // Cuts what may go and drops it.
  void cut_all() {
    const CutPlan p = plan();
    ASSERT_FALSE(p.empty());
    grow(maker.cut_block(claim(p.first, p.last)));
    finish();
    while (true) {
      const auto dropped = chain.drop_bodies(3);
      ASSERT_TRUE(dropped) << dropped.error().message();
      if (*dropped == 0) break;
    }
    ASSERT_EQ(chain.dropped_end(), p.last + 1);
  }

  std::vector<Bytes> blocks;  // from 1 on
};

}  // namespace lotmark::chain
