// The whole job with sealed segments: from start signal to a receipt, and what stands in the files meanwhile.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/proof/verdict.h"
#include "core/sealed/keys.h"
#include "tests/must.h"
#include "tests/scenario/device_maker.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

using nlohmann::json;

constexpr const char* kSecret = "MARKER-OF-THE-REGULATOR";
constexpr const char* kPartners = "MARKER-OF-PARTNERS";
constexpr const char* kPublic = "MARKER-OF-EVERYBODY";

class SealedStory : public testing::Test {
 protected:
  SealedStory() {
    for (const char* name : {"yunhe", "east", "west", "stranger"}) {
      const Scalar scalar = new_scalar();
      must(write_key_file(folder / (std::string(name) + ".key"), scalar));
      points.emplace(name, must(sealed::OpeningKey::from(scalar)).public_key());
    }
  }
  void open(const std::string& easts_key = "east") {
    net.reset();
    net = std::make_unique<Network>(
        c, folder / "nodes", std::vector<node::CalibrationEntry>{},
        [&](const Party& p, node::NodeConfig& config) { configure(p, config, easts_key); });
  }
  void configure(const Party& p, node::NodeConfig& config, const std::string& easts_key) {
    if (p.kid() == c.enterprise.kid() && enterprise_seals) {
      config.sealing = node::SealingConfig{folder / "yunhe.key", {}, {}};
      for (const auto& [name, kid] : {std::pair("east", c.east.kid()), {"west", c.west.kid()}})
        config.sealing->readers.push_back({name, points.at(name), kid, true, true, {}});
    }
    if (p.kid() == c.west.kid()) config.sealing = node::SealingConfig{folder / "west.key", {}, {}};
    if (p.kid() == c.east.kid() && !easts_key.empty())
      config.sealing = node::SealingConfig{folder / (easts_key + ".key"), {}, {}};
  }

  void measure() {
    DeviceMaker fridge(c.fridge, c.chain);
    DeviceMaker room(c.room, c.chain);
    for (const auto& w : fridge.run(day, day + std::chrono::hours(3), 60000, {cold_channel()}))
      net->publish("lotmark/v1/yunhe/fridge-1/bundle", w);
    for (const auto& w :
         room.run(day, day + std::chrono::hours(3), 60000, {cold_channel(), humid_channel()}))
      net->publish("lotmark/v1/yunhe/room-1/bundle", w);
  }
  void step(const Party& by, const std::string& label) {
    const json notes = {{{"name", "sheet"}, {"text", kSecret}},
                        {{"name", "delivery"}, {"text", kPartners}, {"audience", "partner"}},
                        {{"name", "store"}, {"text", kPublic}, {"audience", "public"}}};
    const json prepared = net->control(c.enterprise, by, "POST", batch + "/steps",
                                       {{"step", label},
                                        {"start", to_iso(day)},
                                        {"end", to_iso(day + std::chrono::hours(3))},
                                        {"notes", notes}});
    const auto commitment = fixed_from_hex<Digest>(prepared.value("commitment", ""));
    ASSERT_TRUE(commitment) << prepared.dump();
    const auto object = must(seal(Record{*commitment, {}}, *by.signer, c.chain));
    net->control(c.enterprise, by, "POST", batch + "/steps/" + to_hex(*commitment),
                 {{"record_object", to_hex(object.bytes)}});
  }
  void make_lot() {
    measure();
    net->publish("lotmark/v1/yunhe/filler-1/start", c.start_signal().bytes);
    net->control(c.enterprise, c.qa, "POST", "/control/v1/batches",
                 {{"programme", "vaccines"},
                  {"line", to_hex(c.line_hash)},
                  {"gtin", Consortium::gtin().text},
                  {"lot", "A-2026/01"},
                  {"reviewers", {"drug-east", "drug-west"}},
                  {"start", "latest:filler-1"}});
    net->advance(std::chrono::seconds(20));
    step(c.qa, "filling");
    step(c.qa, "storage");
    step(c.packer, "packing");
    net->control(c.enterprise, c.qa, "POST", batch + "/apply",
                 {{"product", "Vaccine A"}, {"expires", 20281231}});
    net->advance(std::chrono::hours(2), std::chrono::seconds(30));
  }
  json review(const Party& at, const Party& by) {
    return net->control(at, by, "GET", "/control/v1/reviews/A-2026%2F01", {});
  }
  // All that a node has on its disk.
  std::string files_of(const Party& p) const {
    std::string out;
    for (const auto& f : std::filesystem::directory_iterator(folder / "nodes" / p.name)) {
      if (!f.is_regular_file()) continue;
      std::ifstream in(f.path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << in.rdbuf();
      out += bytes.str();
    }
    return out;
  }

  Consortium c;
  TempFolder folder;
  std::map<std::string, PublicKey> points;
  std::unique_ptr<Network> net;
  bool enterprise_seals = true;
  const Time day = c.options.begin - std::chrono::hours(6);
  const std::string batch = "/control/v1/batches/A-2026%2F01";
};

TEST_F(SealedStory, ALotIsReviewedReleasedAndVerifiedAndNoSecretReachesADisk) {
  open();
  make_lot();
  const json shown = review(c.east, c.examiner);
  EXPECT_EQ(shown["state"], "reviewed") << shown.dump(1);
  EXPECT_EQ(shown["claims"].size(), 4u) << "opened, and recomputed down to the signatures";
  net->control(c.east, c.examiner, "POST", "/control/v1/reviews/A-2026%2F01/approve",
               {{"number", "CN-2026-0001"}, {"if_clean", true}});
  net->advance(std::chrono::minutes(2));
  const auto receipt =
      net->control_raw(c.supervisors[0], c.supervisors[0], "GET",
                       "/control/v1/receipts/" + Consortium::gtin().text + "/A-2026%2F01", {});
  ASSERT_TRUE(receipt.ok());
  const auto r = proof::verify_receipt(receipt.body, c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased) << proof::to_json(r).dump(1);
  EXPECT_EQ(r.claims.size(), 3u);
  for (const auto& p : {std::cref(c.enterprise), std::cref(c.east), std::cref(c.west),
                        std::cref(c.supervisors[0])}) {
    const std::string files = files_of(p.get());
    EXPECT_EQ(files.find(kSecret), std::string::npos) << p.get().name;
    EXPECT_EQ(files.find(kPartners), std::string::npos) << p.get().name;
    EXPECT_NE(files.find(kPublic), std::string::npos) << p.get().name << ": it would be found";
  }
}

TEST_F(SealedStory, AClaimThatIsNotPublishedIsKeptInTheClearNowhere) {
  open();
  make_lot();
  const json shown = review(c.east, c.examiner);
  std::map<std::string, std::string> roots;  // hex, by channel
  for (const auto& claim : shown["claims"]) roots[claim["channel"]] = claim["root"];
  ASSERT_TRUE(roots.contains("h") && roots.contains("t")) << shown.dump(1);
  for (const auto& p : {std::cref(c.enterprise), std::cref(c.east)}) {
    const std::string files = files_of(p.get());
    const Bytes humid = *from_hex(roots["h"]);
    const Bytes cold = *from_hex(roots["t"]);
    EXPECT_EQ(files.find(as_text(humid)), std::string::npos) << p.get().name;
    EXPECT_EQ(files.find(roots["h"]), std::string::npos) << p.get().name;
    EXPECT_NE(files.find(as_text(cold)), std::string::npos) << p.get().name << ": it is published";
  }
  const std::string id = shown["application"];
  open("stranger");
  const json closed = review(c.east, c.examiner);
  EXPECT_EQ(closed["application"], id);
  EXPECT_TRUE(closed["claims"].empty());
  EXPECT_TRUE(closed.contains("closed")) << closed.dump(1);
}

TEST_F(SealedStory, AReviewerWithAnotherKeyWaitsAndSaysWhy) {
  open("stranger");
  make_lot();
  const json shown = review(c.east, c.examiner);
  EXPECT_EQ(shown["state"], "applied") << shown.dump(1);
  const std::string kid = to_hex(key_id(points.at("stranger")));
  EXPECT_NE(shown["waits"].dump().find("its key is not wrapped for " + kid), std::string::npos)
      << shown["waits"].dump(1);
}

TEST_F(SealedStory, AReviewerWithoutAKeyWaitsAndReviewsOnceItHasOne) {
  open("");
  make_lot();
  const json shown = review(c.east, c.examiner);
  EXPECT_EQ(shown["state"], "applied") << shown.dump(1);
  EXPECT_NE(shown["waits"].dump().find("there is no opening key here ([sealing] key)"),
            std::string::npos)
      << shown["waits"].dump(1);
  open();
  net->advance(std::chrono::minutes(2));
  EXPECT_EQ(review(c.east, c.examiner)["state"], "reviewed");
}

TEST_F(SealedStory, ALotThatRestsOnASuspectedKeyIsFoundUnderItsSeals) {
  open();
  make_lot();
  const std::string path = "/control/v1/tainted?key=" + to_hex(c.room.kid()) + "&since=0";
  const auto why = [&](const Party& at, const Party& by) {
    const json lots = net->control(at, by, "GET", path, {})["lots"];
    return lots.empty() ? json() : lots[0]["why"];
  };
  for (const json& words : {why(c.enterprise, c.qa), why(c.east, c.examiner)}) {
    EXPECT_NE(words.dump().find("device of storage h"), std::string::npos) << words.dump();
    EXPECT_EQ(words.dump().find("not opened"), std::string::npos) << words.dump();
  }
  enterprise_seals = false;
  open("");
  EXPECT_NE(why(c.enterprise, c.qa).dump().find("sealed segment of storage, not opened"),
            std::string::npos)
      << why(c.enterprise, c.qa).dump();
  EXPECT_NE(why(c.east, c.examiner).dump().find("sealed segment of storage, not opened"),
            std::string::npos)
      << why(c.east, c.examiner).dump();
}

TEST_F(SealedStory, TheRecordKeyOpensNothing) {
  const Scalar scalar = new_scalar();
  must(write_key_file(folder / "record.key", scalar));
  const auto signer = must(signer_openssl(scalar.view()));
  const auto refused = node::load_opening_key({folder / "record.key", {}, {}}, signer->kid());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.code(), Errc::kConfig);
  EXPECT_TRUE(node::load_opening_key({folder / "record.key", {}, {}}, c.enterprise.kid()));
}

}  // namespace
}  // namespace lotmark::test
