#include "tests/unit/enterprise/plant.h"

#include "core/base/hex.h"

namespace lotmark::test {
namespace {

class OpeningTest : public testing::Test {
 protected:
  Plant p;
  std::string refused(const char* key, const nlohmann::json& value) {
    auto request = p.opening_request();
    request[key] = value;
    return p.refusal("POST", "batches", request, p.c.qa);
  }
};

TEST_F(OpeningTest, SlotsFollowTheArrivalOfTheStartSignal) {
  const auto id = p.start();
  p.c.clock.advance(Millis{90000});
  const auto j = p.json("POST", "batches", p.opening_request(), p.c.qa);
  EXPECT_EQ(j["start"], to_hex(id));
  EXPECT_EQ(j["next_slot_ms"], p.ms(10));
  EXPECT_EQ(j["last_slot_ms"], p.ms(60));
  EXPECT_EQ(j["state"], "open");
  EXPECT_EQ(j["steps"].size(), 3u);
}

TEST_F(OpeningTest, NoStartSignalNoBatch) {
  EXPECT_EQ(p.refusal("POST", "batches", p.opening_request(), p.c.qa), "not-found");
  EXPECT_EQ(refused("start", to_hex(Digest{})), "not-found");
  EXPECT_EQ(refused("start", "soon"), "usage");
}

TEST_F(OpeningTest, AStartSignalServesOneLot) {
  const auto id = p.start();
  p.json("POST", "batches", p.opening_request(), p.c.qa);
  auto second = p.opening_request();
  second["lot"] = "A-2026/02";
  second["start"] = to_hex(id);
  EXPECT_EQ(p.refusal("POST", "batches", second, p.c.qa), "start-used");
  p.reopen();
  EXPECT_EQ(p.refusal("POST", "batches", second, p.c.qa), "start-used");
  p.start();
  second["start"] = "latest:filler-1";
  EXPECT_EQ(p.refusal("POST", "batches", second, p.c.qa), "");
}

TEST_F(OpeningTest, OneLotIsListedAlone) {
  p.open_batch();
  p.start();
  auto second = p.opening_request();
  second["lot"] = "A-2026/02";
  p.json("POST", "batches", second, p.c.qa);
  const auto lots = [&](const std::string& query) {
    std::vector<std::string> out;
    for (const auto& b : p.json("GET", "batches" + query, nullptr, p.c.qa)) out.push_back(b["lot"]);
    return out;
  };
  using Lots = std::vector<std::string>;
  EXPECT_EQ(lots("").size(), 2u);
  EXPECT_EQ(lots("?lot=A-2026%2F02"), Lots{"A-2026/02"});
  EXPECT_EQ(lots("?lot=A-2026%2F02&gtin=" + p.c.gtin().text), Lots{"A-2026/02"});
  EXPECT_EQ(lots("?lot=A-2026%2F02&gtin=00000000000000"), Lots{});
  EXPECT_EQ(lots("?lot=none"), Lots{});
}

TEST(ControlAddress, AParameterIsGivenOnce) {
  EXPECT_EQ(node::parse_route("/control/v1/batches?lot=A&gtin=1").code(), Errc::kOk);
  EXPECT_EQ(node::parse_route("/control/v1/batches?lot=A&%6cot=B").error().message(),
            "usage: lot is given twice");
  EXPECT_EQ(node::parse_route("/control/v1/batches?&lot=A&&")->query.size(), 1u)
      << "between two & is no parameter";
}

TEST_F(OpeningTest, ALotIsOpenedOnce) {
  p.open_batch();
  p.start();
  EXPECT_EQ(p.refusal("POST", "batches", p.opening_request(), p.c.qa), "conflict");
}

TEST_F(OpeningTest, TooLateForTheFirstSlotIsRefused) {
  p.start();
  p.c.clock.advance(Millis{599000});
  EXPECT_EQ(p.refusal("POST", "batches", p.opening_request(), p.c.qa), "opening-count");
}

TEST_F(OpeningTest, AStartSignalGrowsTooOld) {
  p.start();
  p.c.clock.advance(Millis{3600001});
  EXPECT_EQ(p.refusal("POST", "batches", p.opening_request(), p.c.qa), "start-used");
}

TEST_F(OpeningTest, ProgrammeProductLineAndPrefixMustAgree) {
  p.start();
  EXPECT_EQ(refused("programme", "herbs"), "programme-unknown");
  EXPECT_EQ(refused("gtin", "06901234567893"), "gtin");
  EXPECT_EQ(refused("gtin", "09506000134352"), "programme-unknown");
  EXPECT_EQ(refused("line", to_hex(Digest{})), "not-found");
  EXPECT_EQ(refused("lot", "no spaces allowed"), "lot");
  EXPECT_EQ(refused("lot", nullptr), "usage");
  EXPECT_EQ(refused("gtin", "6901234567892"), "");  // 13 digits: a zero is put in front
}

TEST_F(OpeningTest, ReviewersMustReview) {
  p.start();
  EXPECT_EQ(refused("reviewers", nlohmann::json::array()), "reviewers-count");
  EXPECT_EQ(refused("reviewers", {"prov-1"}), "release-signer");
  EXPECT_EQ(refused("reviewers", {"drug-east", "drug-east"}), "list-duplicate");
  EXPECT_EQ(refused("reviewers", {to_hex(p.c.west.kid())}), "");
}

}  // namespace
}  // namespace lotmark::test
