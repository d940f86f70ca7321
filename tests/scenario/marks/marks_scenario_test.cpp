// A pharmacy's marks of use, over real nodes: from its enrolment by the agency to a final block on every node.
#include "core/base/hex.h"
#include "ledger-node/chain/public/usages.h"
#include "ledger-node/marks/mark_reader.h"
#include "tests/scenario/marks/shop_marks.h"

namespace lotmark::test {
namespace {

class ShopMarks : public ShopMarksTest {
 protected:
  std::vector<chain::SerialUse> uses(const Party& at, const std::string& serial) {
    return must(chain::serial_uses(net->node(at).chain(), Consortium::gtin(), {"A-1"}, serial));
  }
};

TEST_F(ShopMarks, AMarkEndsInAFinalBlockWhereEveryNodeFindsItsSerial) {
  EXPECT_EQ(bring(shop, mark(shop, "S-17")), "taken") << "by the shop itself";
  EXPECT_EQ(bring(c.examiner_west, mark(shop, "S-18")), "taken") << "by somebody else";
  EXPECT_EQ(bring(c.examiner_west, mark(shop, {}, 40)), "taken");
  a_period();
  a_period();
  for (const Party* at : {&c.west, &c.enterprise, &c.supervisors[1]}) {
    const auto found = uses(*at, "S-17");
    ASSERT_EQ(found.size(), 1u) << at->name;
    EXPECT_TRUE(found[0].final);
    EXPECT_EQ(found[0].kind, UsageKind::kSold);
    EXPECT_EQ(found[0].agency, c.west.kid());
  }
  EXPECT_TRUE(uses(c.west, "S-19").empty());
  const json use = net->control(c.enterprise, c.qa, "GET", "/control/v1/usage?" + lot, {});
  EXPECT_EQ(use["reports"], 1);
  EXPECT_EQ(use["units"]["sold"], 42);
  const json kept = marks(lot);
  ASSERT_EQ(kept.size(), 3u);
  for (const auto& m : kept) {
    EXPECT_EQ(m["report_state"], "final");
    EXPECT_EQ(m["report"], to_hex(uses(c.west, "S-17")[0].report));
  }
  const auto reader = must(node::MarkReader::open(folder / "nodes" / "drug-west" / "marks.db"));
  EXPECT_EQ(must(reader.of_serial(Consortium::gtin(), {"A-1"}, "S-18"))[0].signer, shop.kid());
}

TEST_F(ShopMarks, WhatMustNotBeTakenIsNot) {
  EXPECT_EQ(bring(shop, mark(c.qa, "S-17")), "mark-signer");
  EXPECT_EQ(bring(shop, mark(shop, "S-17", 1, "A-2")), "usage-lot-unknown");
  EXPECT_EQ(bring(c.qa, mark(shop, "S-17")), "denied") << "no operator of the agency";
  const auto elsewhere = net->control_raw(c.east, c.examiner, "POST", "/control/v1/marks",
                                          node::encode_list({mark(shop, "S-17")}));
  EXPECT_EQ(elsewhere.error->code, Errc::kNotFound) << "no agency";
  EXPECT_NE(elsewhere.error->text.find("a node with the role agency does"), std::string::npos)
      << elsewhere.error->text;
  const Bytes before = mark(shop, "S-17");
  EXPECT_EQ(bring(shop, before), "taken");
  submit("revocation", encode(Revocation{shop.kid(), 0, RevokedReason::kLost, {}}));
  net->advance(std::chrono::seconds(30));
  EXPECT_EQ(bring(c.examiner_west, mark(shop, "S-18")), "key-revoked");
  EXPECT_EQ(bring(c.examiner_west, before), "held");
  EXPECT_EQ(marks(lot).size(), 1u);
}

TEST_F(ShopMarks, WhoIsNotNamedAsAnOperatorBringsMarksAndDoesNothingElse) {
  net = nullptr;
  net = std::make_unique<Network>(c, folder / "nodes", std::vector<node::CalibrationEntry>{},
                                  [this](const Party& at, node::NodeConfig& config) {
                                    if (at.kid() == c.west.kid())
                                      config.control_operators = {{c.examiner_west.name}};
                                  });
  EXPECT_EQ(bring(shop, mark(shop, "S-17")), "taken");
  const auto refused = [&](const Party& by, const char* method, const std::string& path) {
    const auto reply = net->control_raw(c.west, by, method, path, {});
    return reply.error ? reply.error->code : Errc::kOk;
  };
  for (const char* path : {"/control/v1/marks", "/control/v1/status", "/control/v1/submissions",
                           "/control/v1/complaints", "/control/v1/nothing"})
    EXPECT_EQ(refused(shop, "GET", path), Errc::kDenied) << path;
  for (const char* path : {"/control/v1/submissions?sign=complaint", "/control/v1/delegations"})
    EXPECT_EQ(refused(shop, "POST", path), Errc::kDenied) << path;
  for (const Party* by : {&c.examiner_west, &c.west})
    EXPECT_EQ(refused(*by, "GET", "/control/v1/status"), Errc::kOk) << by->name;
  EXPECT_EQ(marks(lot).size(), 1u);
}

TEST_F(ShopMarks, ARestartLosesNoneAndCountsNoneTwice) {
  const Bytes object = mark(shop, "S-17");
  const Bytes counted = mark(shop, {}, 40);
  EXPECT_EQ(bring(shop, object), "taken");
  EXPECT_EQ(bring(shop, counted), "taken");
  for (int i = 0; i < 4; ++i) {
    net = nullptr;
    net = std::make_unique<Network>(c, folder / "nodes");
    EXPECT_EQ(bring(c.examiner_west, object), "held");
    EXPECT_EQ(bring(c.examiner_west, counted), "held");
    net->advance(std::chrono::seconds(40));
  }
  a_period();
  a_period();
  const json use = net->control(c.west, c.examiner_west, "GET", "/control/v1/usage?" + lot, {});
  EXPECT_EQ(use["reports"], 1);
  EXPECT_EQ(use["units"]["sold"], 41);
}

}  // namespace
}  // namespace lotmark::test
