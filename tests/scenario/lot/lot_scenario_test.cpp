// The whole job, once, in memory: from start signal to a verified receipt.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/proof/item.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "tests/must.h"
#include "tests/scenario/device_maker.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/capture/events.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

using nlohmann::json;

class LotStory : public testing::Test {
 protected:
  Consortium c;
  TempFolder folder;
  std::unique_ptr<Network> net = std::make_unique<Network>(c, folder / "nodes");
  const Time day = c.options.begin - std::chrono::hours(6);  // what the devices recorded
  const std::string lot = "A-2026/01";
  const std::string batch = "/control/v1/batches/A-2026%2F01";

  void start_and_open() {
    const auto answers = net->publish("lotmark/v1/yunhe/filler-1/start", c.start_signal().bytes);
    EXPECT_EQ(answers.size(), 3u) << "enterprise and both reviewers answer an arrival";
    const json opened = net->control(c.enterprise, c.qa, "POST", "/control/v1/batches",
                                     {{"programme", "vaccines"},
                                      {"line", to_hex(c.line_hash)},
                                      {"gtin", Consortium::gtin().text},
                                      {"lot", lot},
                                      {"reviewers", {"drug-east", "drug-west"}},
                                      {"start", "latest:filler-1"}});
    EXPECT_FALSE(opened.is_discarded());
  }
  void measure(std::function<std::int64_t(std::uint64_t)> fridge_value) {
    DeviceMaker fridge(c.fridge, c.chain);
    DeviceMaker room(c.room, c.chain);
    auto cold = cold_channel();
    if (fridge_value) cold.value = std::move(fridge_value);
    for (const auto& w : fridge.run(day, day + std::chrono::hours(3), 60000, {cold})) {
      EXPECT_EQ(net->publish("lotmark/v1/yunhe/fridge-1/bundle", w).size(), 1u);
    }
    for (const auto& w :
         room.run(day, day + std::chrono::hours(3), 60000, {cold_channel(), humid_channel()})) {
      EXPECT_EQ(net->publish("lotmark/v1/yunhe/room-1/bundle", w).size(), 1u);
    }
  }
  void step(const Party& by, const std::string& label) {
    const json prepared = net->control(c.enterprise, by, "POST", batch + "/steps",
                                       {{"step", label},
                                        {"start", to_iso(day)},
                                        {"end", to_iso(day + std::chrono::hours(3))},
                                        {"notes", {{{"name", "note"}, {"text", "as planned"}}}}});
    ASSERT_TRUE(prepared.contains("commitment")) << prepared.dump();
    const auto commitment = fixed_from_hex<Digest>(prepared["commitment"].get<std::string>());
    ASSERT_TRUE(commitment);
    auto object = seal(Record{*commitment, {}}, *by.signer, c.chain);
    ASSERT_TRUE(object);
    net->control(c.enterprise, by, "POST", batch + "/steps/" + to_hex(*commitment),
                 {{"record_object", to_hex(object->bytes)}});
  }
  void make_lot() {
    start_and_open();
    finish_lot();
  }
  void finish_lot() {
    net->advance(std::chrono::seconds(20));
    step(c.qa, "filling");
    step(c.qa, "storage");
    step(c.packer, "packing");
    net->control(c.enterprise, c.qa, "POST", batch + "/apply",
                 {{"product", "Vaccine A"}, {"expires", 20281231}});
    net->advance(std::chrono::hours(2), std::chrono::seconds(30));
  }
  json review() {
    return net->control(c.east, c.examiner, "GET", "/control/v1/reviews/A-2026%2F01", {});
  }
  Bytes receipt(const Party& at) {
    auto reply = net->control_raw(
        at, at, "GET", "/control/v1/receipts/" + Consortium::gtin().text + "/A-2026%2F01", {});
    EXPECT_TRUE(reply.ok()) << as_text(reply.body);
    return reply.body;
  }
};

TEST_F(LotStory, FromStartSignalToAReceiptThatVerifies) {
  measure({});
  make_lot();
  EXPECT_EQ(review()["state"], "reviewed") << review().dump(1);
  net->control(c.east, c.examiner, "POST", "/control/v1/reviews/A-2026%2F01/approve",
               {{"number", "CN-2026-0001"}, {"if_clean", true}});
  net->advance(std::chrono::minutes(2));
  const auto& chain = net->node(c.supervisors[0]).chain();
  auto entry = chain.find_lot(Consortium::gtin(), {lot});
  ASSERT_TRUE(entry && *entry);
  EXPECT_TRUE((*entry)->final);
  const Bytes bytes = receipt(c.supervisors[0]);
  const auto r =
      proof::verify_receipt(bytes, c.anchor, {Consortium::gtin().text, lot}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased) << proof::to_json(r).dump(1);
  EXPECT_EQ(r.finality->votes, 3u);
  ASSERT_FALSE(r.claims.empty());
  for (const auto& claim : r.claims) {
    EXPECT_EQ(claim.claim.annotation.count, claim.claim.expected);
    EXPECT_GT(claim.samples, 0u);
  }
  for (const auto& p : {std::cref(c.enterprise), std::cref(c.west), std::cref(c.supervisors[2])}) {
    EXPECT_EQ(net->node(p.get()).chain().root(), chain.root()) << p.get().name;
  }
}

// Serials sent while everybody restarts between two pages; one of them proved beside the lot's receipt, offline.
TEST_F(LotStory, ASerialIsProvedBesideTheReceiptOfItsLot) {
  measure({});
  start_and_open();
  Digest through;
  std::uint64_t count = 0;
  for (std::uint64_t page = 0; page < 3; ++page) {
    std::vector<std::string> serials;
    for (int i = 0; i < 2000; ++i) serials.push_back("U" + std::to_string(count++));
    through = chain::sent_through(through, serials);
    net->control(c.enterprise, c.qa, "POST", batch + "/serials",
                 {{"page", page}, {"serials", serials}});
    net.reset();
    net = std::make_unique<Network>(c, folder / "nodes");
  }
  const json sealed = net->control(c.enterprise, c.qa, "POST", batch + "/serials/seal",
                                   {{"count", count}, {"through", to_hex(through)}});
  EXPECT_EQ(sealed["state"], "sealed");
  finish_lot();
  net->control(c.east, c.examiner, "POST", "/control/v1/reviews/A-2026%2F01/approve",
               {{"number", "CN-2026-0001"}, {"if_clean", true}});
  net->advance(std::chrono::minutes(2));
  const auto r = proof::verify_receipt(receipt(c.supervisors[0]), c.anchor,
                                       {Consortium::gtin().text, lot}, c.clock.now());
  ASSERT_EQ(r.verdict, VerdictKind::kReleased) << proof::to_json(r).dump(1);
  ASSERT_TRUE(r.application->items);
  EXPECT_EQ(r.application->items->size, 6000u);
  EXPECT_EQ(to_hex(r.application->items->root), sealed["root"]);

  const auto proofs =
      must(chain::ItemProofs::open(folder / "nodes" / c.enterprise.name / "private.db"));
  const auto at = must(proofs.find(Consortium::gtin(), {lot}, "U4711"));
  ASSERT_TRUE(at);
  const Bytes file =
      encode(ItemProof{ItemProof{}.magic, r.block_id, {at->index, at->entry, at->path}});
  const auto item = must(proof::check_item(file, *r.application, r.block_id));
  EXPECT_EQ(item.serial, "U4711");
  EXPECT_EQ(item.count, 6000u);
}

TEST_F(LotStory, EpcisEventsStandInAStepsRecordOrUnderAFinalPeriodBlock) {
  measure({});
  start_and_open();
  net->advance(std::chrono::seconds(20));
  auto of_the_lot = node::test::observed("urn:x:lot", 1, 0);
  of_the_lot.erase("epcList");
  of_the_lot["quantityList"] = {
      {{"epcClass", "https://id.gs1.org/01/" + Consortium::gtin().text + "/10/A-2026%2F01"}}};
  const auto request =
      node::test::request_of({of_the_lot, node::test::observed("urn:x:other", 7, 1)});
  const auto reply = net->control_raw(c.enterprise, c.qa, "POST", "/control/v1/captures",
                                      node::encode_capture(request));
  ASSERT_TRUE(reply.ok()) << as_text(reply.body);
  EXPECT_EQ(json::parse(as_text(reply.body))["success"], true);
  EXPECT_FALSE(net->control_raw(c.enterprise, c.examiner, "POST", "/control/v1/captures",
                                node::encode_capture(request))
                   .ok())
      << "another organisation's operator";
  step(c.qa, "filling");
  step(c.qa, "storage");
  step(c.packer, "packing");
  net->control(c.enterprise, c.qa, "POST", batch + "/apply",
               {{"product", "Vaccine A"}, {"expires", 20281231}});
  net->advance(std::chrono::hours(2), std::chrono::seconds(30));
  EXPECT_EQ(review()["state"], "reviewed") << review().dump(1);

  auto reader = node::EventReader::open(folder / "nodes" / c.enterprise.name / "private.db");
  ASSERT_TRUE(reader) << reader.error().message();
  const auto joined = (*reader)->record_of(1);
  ASSERT_TRUE(joined && *joined);
  EXPECT_TRUE((*joined)->lot);
  const auto other = (*reader)->record_of(2);
  ASSERT_TRUE(other && *other);
  ASSERT_TRUE((*other)->transaction);
  const auto& chain = net->node(c.supervisors[1]).chain();
  const auto block = *chain.block_of(*(*other)->transaction);
  ASSERT_TRUE(block);
  EXPECT_TRUE(chain.is_final(*block));
  const auto body = must(open<Block>(must(chain.block(*block)), c.chain));
  EXPECT_EQ(std::get<PeriodBody>(body.body.body).transactions.size(), 1u);
}

TEST_F(LotStory, OneReadingOutOfLimitsIsRefusedWithoutAnybodyAsked) {
  const auto warm = static_cast<std::uint64_t>(to_ms(day)) + 95 * 60000;
  measure([=](std::uint64_t t) { return t == warm ? 940 : 500; });
  make_lot();
  const json shown = review();
  EXPECT_EQ(shown["state"], "refused") << shown.dump(1);
  EXPECT_NE(shown.dump().find("9.40"), std::string::npos) << shown.dump(1);
  auto entry = net->node(c.supervisors[0]).chain().find_lot(Consortium::gtin(), {lot});
  ASSERT_TRUE(entry);
  EXPECT_FALSE(entry->has_value());
  bool refusal = false;
  const auto& chain = net->node(c.supervisors[1]).chain();
  for (std::uint64_t n = 1; n < chain.size(); ++n) {
    refusal = refusal || open<Block>(*chain.block(n), c.chain)->body.kind == BlockKind::kRefusal;
  }
  EXPECT_TRUE(refusal);
}

TEST_F(LotStory, AnOverdueCalibrationIsAPersonsDecisionAndStandsInTheReceipt) {
  net.reset();
  net = std::make_unique<Network>(c, folder / "nodes",
                                  std::vector<node::CalibrationEntry>{{"t", 365, false}});
  for (const auto& [device, date] :
       {std::pair(&c.fridge, 20241231), std::pair(&c.room, 20250601)}) {
    Birth b;
    b.device = device->kid();
    b.life.bytes = {1, 2, 3, 4, 5, 6, 7, 8};
    b.boot = 1;
    b.session = 1;
    b.sources = {
        {"sensor", "t",
         Calibration{"K-" + device->name, static_cast<std::uint64_t>(date), -5, 10, {-2}}}};
    const auto birth = seal(b, *device->signer, c.chain);
    net->publish("lotmark/v1/yunhe/" + device->name + "/state", birth->bytes);
    auto forged = birth->bytes;
    forged.back() ^= 1;
    net->publish("lotmark/v1/yunhe/" + device->name + "/state", forged);
  }
  measure({});
  make_lot();
  const json shown = review();
  EXPECT_EQ(shown["state"], "reviewed") << shown.dump(1);
  ASSERT_EQ(shown["findings"].size(), 2u) << shown["findings"].dump(1);
  for (const auto& f : shown["findings"]) {  // of the filling and the packing
    EXPECT_EQ(f["name"], "calibration-overdue");
    EXPECT_EQ(f["device"], "fridge-1");
    EXPECT_EQ(f["refuses"], false);
  }
  EXPECT_NE(shown["claims"].dump().find("certificate K-fridge-1 of 2024-12-31"), std::string::npos)
      << shown["claims"].dump();
  const std::string approve = "/control/v1/reviews/A-2026%2F01/approve";
  const auto clean = net->control_raw(c.east, c.examiner, "POST", approve,
                                      to_bytes(as_bytes(R"({"if_clean": true})")));
  EXPECT_EQ(clean.error ? clean.error->code : Errc::kOk, Errc::kConflict);
  net->control(c.east, c.examiner, "POST", approve, {{"number", "CN-2026-0001"}});
  net->advance(std::chrono::minutes(2));
  const Bytes bytes = receipt(c.supervisors[0]);
  const auto r = proof::verify_receipt(bytes, c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased) << proof::to_json(r).dump(1);
  EXPECT_NE(std::string(as_text(bytes))
                .find("room-1 t: certificate K-room-1 of 2025-06-01, offset "
                      "-0.05Cel, accuracy 0.10Cel"),
            std::string::npos);
}

TEST_F(LotStory, EverybodyRestartingAtAnyHourChangesNothing) {
  measure({});
  start_and_open();
  const auto restart = [&] {
    net.reset();
    net = std::make_unique<Network>(c, folder / "nodes");
  };
  net->advance(std::chrono::seconds(20));
  restart();
  step(c.qa, "filling");
  restart();
  step(c.qa, "storage");
  step(c.packer, "packing");
  net->control(c.enterprise, c.qa, "POST", batch + "/apply",
               {{"product", "Vaccine A"}, {"expires", 20281231}});
  for (int i = 0; i < 12; ++i) {
    net->advance(std::chrono::minutes(7), std::chrono::seconds(30));
    restart();
  }
  net->advance(std::chrono::minutes(40), std::chrono::seconds(30));
  EXPECT_EQ(review()["state"], "reviewed") << review().dump(1);
  net->control(c.east, c.examiner, "POST", "/control/v1/reviews/A-2026%2F01/approve",
               {{"if_clean", true}});
  net->advance(std::chrono::minutes(1));
  restart();
  net->advance(std::chrono::minutes(1));
  const auto r = proof::verify_receipt(receipt(c.supervisors[1]), c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased) << proof::to_json(r).dump(1);
}

TEST_F(LotStory, WithOneSupervisorCutOffTheQuorumGoesOn) {
  net->advance(std::chrono::seconds(10));  // a consortium starts with all of them
  measure({});
  net->cut(c.supervisors[2]);
  make_lot();
  net->control(c.east, c.examiner, "POST", "/control/v1/reviews/A-2026%2F01/approve",
               {{"if_clean", true}});
  net->advance(std::chrono::minutes(2));
  auto r = proof::verify_receipt(receipt(c.supervisors[0]), c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased);
  EXPECT_EQ(r.finality->votes, 2u);
  net->mend(c.supervisors[2]);
  net->advance(std::chrono::minutes(2));
  r = proof::verify_receipt(receipt(c.supervisors[2]), c.anchor, {}, c.clock.now());
  EXPECT_EQ(r.verdict, VerdictKind::kReleased);
}

}  // namespace
}  // namespace lotmark::test
