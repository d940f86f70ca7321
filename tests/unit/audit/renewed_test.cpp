// A node whose key was renewed by a statement, and that went on with the folder it had.
#include "ledger-node/chain/private/audit.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {
namespace {

class Renewed : public testing::Test {
 protected:
  Renewed() {
    run_lot(plant);
    plant.log_intake();
    plant.add_block(plant.blocks.lot_block(*plant.application()));
    plant.tick_until(70);
    Party renewed = make_party("yunhe", "yunhe", 50);
    for (auto& m : plant.c.statement.members) {
      if (m.kid != plant.c.enterprise.kid()) continue;
      m.kid = renewed.kid();
      m.public_key = renewed.key();
    }
    std::ranges::sort(plant.c.statement.members, {}, &Member::kid);
    plant.add_block(plant.blocks.membership_block());
    plant.c.enterprise = std::move(renewed);
    plant.reopen();
  }
  // Of the whole log, from its first row on: the chain holds none of the new key.
  void log_anew(const Bytes* other_leaf = nullptr) {
    Head head = plant.intake().head(0, plant.c.clock.now());
    if (other_leaf != nullptr) head.root = *Digest::from(*other_leaf);
    plant.add_block(
        plant.blocks.period_block({seal(head, *plant.c.enterprise.signer, plant.c.chain)->bytes}));
  }
  std::string faults() {
    plant.shut();
    auto report = chain::audit(plant.file("private.db"), plant.file("chain.db"), plant.c.anchor);
    EXPECT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->node, "yunhe");
    std::string out;
    for (const auto& f : report->faults) out += chain::to_line(f) + "\n";
    return out;
  }

  Plant plant;
};

TEST_F(Renewed, RowsOfBothKeysAreTheNodesOwn) {
  plant.start();
  auto request = plant.opening_request();
  request["lot"] = "A-2026/02";
  plant.json("POST", "batches", request, plant.c.qa);
  plant.measure(70, 72);
  log_anew();
  EXPECT_EQ(faults(), "");
}

TEST_F(Renewed, AHeadOfTheNewKeyOverOtherRowsIsNamed) {
  plant.start();
  const Bytes other(32, 7);
  log_anew(&other);
  EXPECT_NE(faults().find("are not the ones the chain logged (block"), std::string::npos);
}

}  // namespace
}  // namespace lotmark::test
