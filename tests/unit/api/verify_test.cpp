#include <gtest/gtest.h>

#include <thread>

#include "api/answers.h"
#include "core/proof/verdict.h"
#include "tests/unit/api/api_fixture.h"
#include "tests/unit/proof_vectors.h"

namespace lotmark::api {
namespace {

using test::Api;
using test::kLinkPath;
using test::kLotPath;

TEST_F(Api, VerifyGivesTheResultOfTheVector) {
  const auto r = get("/v1/verify" + kLotPath);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, "application/json");
  const auto json = json_of(r);
  EXPECT_EQ(json["verdict"], "released");
  EXPECT_EQ(json["gtin"], "06901234567892");
  EXPECT_EQ(json["lot"], "A-2026/01");
  EXPECT_EQ(json["product"], "Vaccine A");
  EXPECT_EQ(json["expires"], 20281231);
  EXPECT_EQ(json["final"]["votes"], 3);
  const auto checks = lotmark::test::contract("receipt.json")["checks"];
  ASSERT_EQ(json["checks"].size(), 14u);
  for (std::size_t i = 0; i < 14; ++i) {
    EXPECT_EQ(json["checks"][i]["name"], checks[i]["name"]);
    EXPECT_EQ(json["checks"][i]["ok"], checks[i]["ok"]);
  }
}

TEST_F(Api, VerifyPadsShorterGtins) {
  EXPECT_EQ(json_of(get("/v1/verify/6901234567892/A-2026%2F01"))["verdict"], "released");
}

TEST_F(Api, AnUnknownLotIsA404WithTheVerdict) {
  const auto r = get("/v1/verify/06901234567892/NONE");
  EXPECT_EQ(r.status, 404);
  const auto json = json_of(r);
  EXPECT_EQ(json["verdict"], "unknown");
  EXPECT_EQ(json["checks"].size(), 14u);
  EXPECT_EQ(json["checks"][0]["why"], "not run");
}

TEST_F(Api, WhatTheChainKnowsMakesTheVerdictWorse) {
  const struct {
    VerdictKind state;
    const char* verdict;
  } cases[] = {{VerdictKind::kRecalled, "recalled"},
               {VerdictKind::kSuperseded, "superseded"},
               {VerdictKind::kRefused, "refused"},
               {VerdictKind::kArchived, "archived"},
               {VerdictKind::kReleased, "released"}};
  for (const auto& c : cases) {
    source.set_state(2, c.state);
    EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], c.verdict);
  }
}

// The first case of tests/vectors/archived is a proof for the lot of the fixture's receipt.
Bytes proof_of_a_cut() { return lotmark::test::proof_vectors("archived")[0].file; }

TEST_F(Api, ALotThatWasCutIsArchivedWithItsProof) {
  source.cut(2, proof_of_a_cut());
  const auto json = json_of(get("/v1/verify" + kLotPath));
  EXPECT_EQ(json["verdict"], "archived");
  EXPECT_EQ(json["cut"]["block"], 11);
  EXPECT_EQ(json["checks"].size(), 10u);
  const auto file = get("/v1/receipts" + kLotPath);
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(file.content_type, "application/vnd.lotmark.archived.v1+cbor");
  EXPECT_EQ(file.body, proof_of_a_cut());
}

TEST_F(Api, ALotRecalledAfterItsCutIsRecalled) {
  source.cut(2, proof_of_a_cut(), true);
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "recalled");
  const auto file = get("/v1/receipts" + kLotPath);
  EXPECT_EQ(file.status, 404);
  EXPECT_EQ(json_of(file)["verdict"], "recalled");
}

TEST_F(Api, AProofThatDoesNotHoldIsNotArchived) {
  Bytes bad = proof_of_a_cut();
  bad.back() ^= 1;
  source.cut(2, std::move(bad));
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "tampered");
}

TEST_F(Api, FinalityIsWhatTheVotesSayNotTheNodesWord) {
  source.set_state(2, VerdictKind::kNotFinal);
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "released");
}

TEST_F(Api, ATamperedReceiptIsTampered) {
  Bytes receipt = source.receipt_bytes();
  receipt[receipt.size() / 2] ^= 1;
  source.set_receipt(receipt);
  source.set_state(2, VerdictKind::kRecalled);
  const auto json = json_of(get("/v1/verify" + kLotPath));
  EXPECT_EQ(json["verdict"], "tampered");
  EXPECT_TRUE(json["gtin"].is_null());
}

TEST_F(Api, AVerdictIsComputedOnceALotAndVersion) {
  for (int i = 0; i < 5; ++i) get("/v1/verify" + kLotPath);
  EXPECT_EQ(source.receipts_read(), 1);
  source.set_checkpoint({});
  get("/v1/verify" + kLotPath);
  EXPECT_EQ(source.receipts_read(), 2);
}

TEST_F(Api, AKeptVerdictEndsWhenTheLotExpires) {
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "released");
  clock.set(expired_from({20281231}) - Millis(1));
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "released");
  clock.set(expired_from({20281231}));
  EXPECT_EQ(json_of(get("/v1/verify" + kLotPath))["verdict"], "expired");
}

TEST_F(Api, AHeldVerdictIsNotSentAgain) {
  const auto first = get("/v1/verify" + kLotPath);
  const std::string etag = first.headers.at("etag");
  const auto again = get("/v1/verify" + kLotPath, {{"If-None-Match", etag}});
  EXPECT_EQ(again.status, 304);
  EXPECT_TRUE(again.body.empty());
  EXPECT_EQ(get("/v1/verify" + kLotPath, {{"If-None-Match", "\"other\""}}).status, 200);
}

TEST_F(Api, ABrokenStoreIsA500ThatTellsNothing) {
  source.set_broken(true);
  const auto r = get("/v1/verify" + kLotPath);
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.content_type, "application/problem+json");
  EXPECT_EQ(json_of(r)["error"], "store");
  EXPECT_FALSE(json_of(r).contains("detail"));
}

TEST_F(Api, TheLinkGivesTheSameJsonAsVerify) {
  const auto link = get(kLinkPath, {{"Accept", "application/json"}});
  EXPECT_EQ(link.status, 200);
  EXPECT_EQ(link.body, get("/v1/verify" + kLotPath).body);
  EXPECT_EQ(link.headers.at("vary"), "Accept, Accept-Language");
  EXPECT_EQ(get("/01/06901234567892/10/NONE", {{"Accept", "application/json"}}).status, 404);
}

TEST_F(Api, ManyAskWhileTheChainGrows) {
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto r = client->send("GET", "/v1/verify" + kLotPath);
        if (!r || r->status != 200) ++wrong;
      }
    });
  }
  for (int i = 0; i < 30; ++i) {
    source.set_checkpoint({});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  stop = true;
  for (auto& t : threads) t.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Graver, FollowsThePrecedenceOfTheFormat) {
  EXPECT_EQ(graver(VerdictKind::kReleased, VerdictKind::kRecalled), VerdictKind::kRecalled);
  EXPECT_EQ(graver(VerdictKind::kNotFinal, VerdictKind::kRecalled), VerdictKind::kNotFinal);
  EXPECT_EQ(graver(VerdictKind::kTampered, VerdictKind::kRecalled), VerdictKind::kTampered);
  EXPECT_EQ(graver(VerdictKind::kExpired, VerdictKind::kSuperseded), VerdictKind::kSuperseded);
  EXPECT_EQ(graver(VerdictKind::kExpired, VerdictKind::kReleased), VerdictKind::kExpired);
}

}  // namespace
}  // namespace lotmark::api
