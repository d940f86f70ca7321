// One unit of a lot in one call: whether the lot has it, what is proved of it, which marks it has, and what warns.
#include "tests/unit/api/units.h"
#include "api/unit/base64.h"
#include "core/proof/item.h"
#include "core/proof/verdict.h"

namespace lotmark::api::test {
namespace {

TEST_F(Units, AListedSerialComesWithAProofThatTheReceiptBearsOut) {
  serve();
  for (const char* serial : {"S0", "S4095", "S4096", "S4999"}) {
    const auto r = get(target("A-1", serial));
    EXPECT_EQ(r.status, 200);
    EXPECT_EQ(r.headers.at("cache-control"), "no-store");
    const auto json = json_of(r);
    EXPECT_EQ(json["verdict"], "released");
    EXPECT_EQ(json["serial"], serial);
    EXPECT_EQ(json["item"]["state"], "known");
    EXPECT_EQ(json["item"]["count"], 5000);
    EXPECT_EQ(json["warnings"], nlohmann::json::array());
    // As a consumer's program would: from the receipt alone.
    const auto receipt = get("/v1/receipts/06901234567892/A-1").body;
    const auto lot = proof::verify_receipt(receipt, c.anchor, {}, c.clock.now());
    const auto file = from_base64(json["item"]["proof"].get<std::string>());
    ASSERT_TRUE(file && lot.application);
    const auto checked = proof::check_item(*file, *lot.application, lot.block_id);
    ASSERT_TRUE(checked) << checked.error().message();
    EXPECT_EQ(checked->serial, serial);
    EXPECT_EQ(checked->index, json["item"]["index"].get<std::uint64_t>());
  }
}

TEST_F(Units, WhatIsNotListedLooksAlike) {
  serve();
  auto one = verify("A-1", "S5000"), other = verify("A-1", "ZZZZZZZZZZZZZZZZZZZZ");
  EXPECT_EQ(one["item"]["state"], "not-listed");
  EXPECT_EQ(one["verdict"], "released") << "the verdict is the lot's";
  EXPECT_TRUE(one["item"]["proof"].is_null());
  one.erase("serial");
  other.erase("serial");
  EXPECT_EQ(one, other);
  report(UsageKind::kSold, "S5000");
  vote();
  EXPECT_TRUE(eventually([&] { return json_of(get("/v1/checkpoint"))["size"] == maker.size(); }));
  const bool alike = eventually([&] {  // once the last vote is seen, too
    auto marked = verify("A-1", "S5000");
    marked.erase("serial");
    return marked == one;
  });
  EXPECT_TRUE(alike) << "nor does a mark of it tell that somebody had it";
}

TEST_F(Units, WithoutAListOrWithAnotherOneNothingIsSaidOfTheSerial) {
  serve();
  EXPECT_EQ(verify("A-2", "S1")["item"]["state"], "no-serials");
  EXPECT_TRUE(verify("A-2", "S1")["item"]["count"].is_null());
  const auto elsewhere = verify("A-3", "S1")["item"];
  EXPECT_EQ(elsewhere["state"], "not-checkable") << "the list is not here";
  EXPECT_EQ(elsewhere["count"], 3);
  EXPECT_EQ(verify("A-4", "S1")["item"]["state"], "not-checkable") << "its root is not the lot's";
  const auto unknown = get(target("NONE", "S1"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(json_of(unknown)["verdict"], "unknown");
  EXPECT_EQ(json_of(unknown)["item"]["state"], "not-checkable");
}

// The list as it is, but for the entry that it says a serial stands as.
class WrongEntry final : public UnitSource {
 public:
  explicit WrongEntry(UnitSource& real) : real_(real) {}
  Result<std::optional<ItemList>> list(const UnitKey& unit) override {
    auto out = real_.list(unit);
    if (out && *out && (*out)->place) (*out)->place->entry.back() ^= 1;
    return out;
  }
  Result<std::vector<UnitMark>> marks(const UnitKey& unit) override { return real_.marks(unit); }

 private:
  UnitSource& real_;
};

TEST_F(Units, AProofThatDoesNotHoldIsNeverGiven) {
  const auto lots = *ChainLots::open(dir.path() / "chain.db", c.anchor, Millis(20));
  const auto files = *UnitFiles::open({{dir.path() / "private.db"}, {}}, *lots);
  WrongEntry wrong(*files);
  Answers answers(*lots, c.clock);
  UnitAnswers units(answers, c.clock, &wrong, nullptr);
  http::Request asked;
  asked.method = "GET";
  const auto json = json_of(units.verify(asked, {}, {Consortium::gtin(), {"A-1"}, "S1"}));
  EXPECT_EQ(json["verdict"], "released");
  EXPECT_EQ(json["item"]["state"], "not-checkable");
  EXPECT_TRUE(json["item"]["proof"].is_null()) << json["item"].dump();
  EXPECT_TRUE(json["item"]["index"].is_null());
}

TEST_F(Units, MarksOnTheChainAndMarksThatWaitAreToldOnceEach) {
  const auto waits = mark(UsageKind::kDestroyed, "S7", 1);
  const auto counted = mark(UsageKind::kSold, "S7", 2);
  ASSERT_TRUE(marks->keep({&waits, &counted}, c.west.kid(), c.clock.now()));
  const Digest id = report(UsageKind::kSold, "S7");
  node::Bundling bundling;
  bundling.group = {Consortium::gtin(), {"A-1"}, UsageKind::kSold};
  bundling.counted_before = {{2, id}};
  ASSERT_TRUE(marks->bundle(bundling, c.clock.now()));
  vote();
  serve();
  const auto json = verify("A-1", "S7");
  ASSERT_EQ(json["marks"].size(), 2u) << json["marks"].dump();
  EXPECT_EQ(json["marks"][0]["kind"], "sold");
  EXPECT_EQ(json["marks"][0]["by"], to_hex(c.west.kid()));
  EXPECT_EQ(json["marks"][0]["final"], true);
  EXPECT_EQ(json["marks"][0]["block"], maker.size() - 1);
  EXPECT_EQ(json["marks"][1]["kind"], "destroyed");
  EXPECT_EQ(json["marks"][1]["by"], to_hex(c.examiner_west.kid()));
  EXPECT_FALSE(json["marks"][1].contains("block"));
  EXPECT_EQ(json["warnings"], (nlohmann::json{"sold", "destroyed"}));
  EXPECT_EQ(json["verdict"], "released");
  EXPECT_TRUE(verify("A-1", "S8")["marks"].empty());
}

TEST_F(Units, ARecalledLotAndAnExpiredOneWarn) {
  serve();
  const Recall r{Consortium::gtin(), {}, true, "glass in vials", 1};
  add(maker.block(BlockKind::kRecall,
                  ObjectBytes{seal(r, *c.supervisors[1].signer, c.chain)->bytes}));
  EXPECT_TRUE(eventually([&] { return verify("A-1", "S1")["verdict"] == "recalled"; }));
  EXPECT_EQ(verify("A-1", "S1")["warnings"], nlohmann::json{"recalled"});
  EXPECT_EQ(verify("A-1", "S1")["item"]["state"], "known");
  c.clock.set(from_ms(1893456000000));  // 2030
  EXPECT_EQ(verify("A-1", "S1")["warnings"], (nlohmann::json{"recalled", "expired"}));
}

TEST_F(Units, AnOpenRecallWarnsWhileTheLotsNewestBlockIsNotFinal) {
  serve();
  const Recall r{Consortium::gtin(), {}, true, "glass in vials", 1};
  add(maker.block(BlockKind::kRecall,
                  ObjectBytes{seal(r, *c.supervisors[1].signer, c.chain)->bytes}));
  add(maker.lot_block(application("A-9", std::nullopt), "CN-2026-0009"));
  EXPECT_TRUE(eventually([&] { return verify("A-9", "S1")["verdict"] == "not-final"; }));
  EXPECT_EQ(verify("A-9", "S1")["warnings"], nlohmann::json{"recalled"});
  EXPECT_EQ(verify("A-1", "S1")["warnings"], nlohmann::json{"recalled"});
}

TEST_F(Units, ADigitalLinkWithASerialAnswersTheSameAndLinksToIt) {
  serve();
  const std::string link = "/01/06901234567892/10/A-1/21/S1";
  const auto asked = get(link, {{"Accept", "application/json"}});
  EXPECT_EQ(json_of(asked), verify("A-1", "S1"));
  EXPECT_EQ(asked.headers.at("cache-control"), "no-store");
  EXPECT_TRUE(asked.headers.contains("link"));
  const auto links = get(link, {{"Accept", "application/linkset+json"}});
  EXPECT_NE(as_text(links.body)
                .find("https://lot.example/v1/verify?gtin=06901234567892&lot=A-1&serial=S1"),
            std::string_view::npos);
  const auto lot = get("/01/06901234567892/10/A-1", {{"Accept", "application/json"}});
  EXPECT_FALSE(json_of(lot).contains("item"));
}

TEST_F(Units, ABadQuestionIsA400ThatSaysWhy) {
  serve();
  for (const char* query :
       {"", "?gtin=06901234567892", "?lot=A-1&serial=S1", "?gtin=06901234567893&lot=A-1&serial=S1",
        "?gtin=06901234567892&lot=&serial=S1", "?gtin=06901234567892&lot=A-1",
        "?gtin=06901234567892&lot=A-1&serial=", "?gtin=06901234567892&lot=A-1&serial=a%20b",
        "?gtin=06901234567892&lot=A-1&serial=123456789012345678901",
        "?gtin=06901234567892&lot=A-1&serial=%ZZ",
        "?gtin=06901234567892&lot=A-1&serial=S1&serial=S2",
        "?gtin=06901234567892&lot=A-1&lot=A-2&serial=S1",
        "?gtin=06901234567892&gtin=06901234567892&lot=A-1&serial=S1"}) {
    const auto r = get("/v1/verify" + std::string(query));
    EXPECT_EQ(r.status, 400) << query;
    EXPECT_EQ(r.content_type, "application/problem+json") << query;
    EXPECT_EQ(r.headers.at("cache-control"), "no-store");
  }
  EXPECT_EQ(json_of(get("/v1/verify?gtin=06901234567892&lot=A-1&serial=S1&serial=S2"))["detail"],
            "serial is given twice");
  EXPECT_EQ(get("/v1/verify?serial=S1&lot=A-1&gtin=6901234567892").status, 200) << "13 digits";
}

TEST_F(Units, AListThatIsPutBackIsSeen) {
  serve();
  EXPECT_EQ(verify("A-1", "S1")["item"]["state"], "known");
  // Another private.db in its place, as a restore names one: without the lot.
  { ASSERT_TRUE(chain::open_private(dir.path() / "restored.db")); }
  for (const char* beside : {"private.db-wal", "private.db-shm"})
    std::filesystem::remove(dir.path() / beside);
  std::filesystem::rename(dir.path() / "restored.db", dir.path() / "private.db");
  EXPECT_EQ(verify("A-1", "S1")["item"]["state"], "not-checkable");
}

TEST_F(Units, AFileThatIsNoneIsSaidAtTheStart) {
  dir.write("none.db", "no database, and long enough to be looked at");
  auto config = read_api_config(dir.write(
      "bad.toml",
      "[api]\nport = 0\nchain_db = \"chain.db\"\nanchor = \"anchor\"\norigin = \"https://x\"\n"
      "[units]\nprivate_dbs = [\"none.db\"]\n"));
  ASSERT_TRUE(config) << config.error().text;
  EXPECT_FALSE(Service::start(*config, c.clock));
}

}  // namespace
}  // namespace lotmark::api::test
