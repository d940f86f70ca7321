// Sensor reports whose rawData names a bundle: what the audit remarks, and what it leaves alone.
#include "ledger-node/capture/raw_data.h"

#include "core/base/hex.h"
#include "ledger-node/capture/event_store.h"
#include "tests/must.h"
#include "tests/unit/enterprise/released_plant.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;
using node::RawDataMatch;

std::string uri_of(const Digest& bundle) { return "ni:///sha-256;" + to_hex(bundle); }

Json sensed(const std::string& id, Json elements) {
  return {{"type", "ObjectEvent"},
          {"eventID", id},
          {"eventTime", "2026-01-05T08:00:00Z"},
          {"eventTimeZoneOffset", "+08:00"},
          {"action", "OBSERVE"},
          {"epcList", {"https://id.gs1.org/01/06901234567892/21/7"}},
          {"sensorElementList", std::move(elements)}};
}
Json report(double low, double high, const std::string& uom = "CEL") {
  return {{"type", "Temperature"}, {"minValue", low}, {"maxValue", high}, {"uom", uom}};
}
Json of_bundle(const Digest& bundle, Json reports) {
  return Json::array(
      {{{"sensorMetadata", {{"rawData", uri_of(bundle)}}}, {"sensorReport", std::move(reports)}}});
}

// ---- one event against one bundle --------------------------------------------------------------

Bundle bundle_of(std::int64_t min, std::int64_t max, const std::string& unit = "Cel") {
  Bundle b;
  Channel c;
  c.name = "t";
  c.unit = unit;
  c.exp = {-2};
  c.annotation = merkle::Annotation{60, min, max, 0, 3540000, 60000};
  b.channels.push_back(c);
  return b;
}

RawDataMatch match_of(const Json& reported, const Bundle& bundle) {
  const auto named =
      node::named_bundles(sensed("urn:x:1", of_bundle(Digest{}, Json::array({reported}))));
  EXPECT_EQ(named.size(), 1u);
  return node::compare(named.at(0), bundle);
}

TEST(RawData, ValuesLieWithinTheBundleUpToItsEnds) {
  const auto bundle = bundle_of(210, 757);
  EXPECT_EQ(match_of(report(2.1, 7.57), bundle), RawDataMatch::kWithin);
  EXPECT_EQ(match_of(report(2.09, 7.57), bundle), RawDataMatch::kOutside);
  EXPECT_EQ(match_of(report(2.1, 7.58), bundle), RawDataMatch::kOutside);
  EXPECT_EQ(match_of({{"meanValue", 8}, {"uom", "CEL"}}, bundle), RawDataMatch::kOutside);
  EXPECT_EQ(match_of({{"value", 5}, {"uom", "CEL"}}, bundle), RawDataMatch::kWithin);
}

TEST(RawData, WhatHasAnotherUnitOrNoValueIsNotCompared) {
  const auto bundle = bundle_of(210, 757);
  EXPECT_EQ(match_of(report(35, 45, "FAH"), bundle), RawDataMatch::kNotCompared);
  EXPECT_EQ(match_of(report(35, 45, "P1"), bundle), RawDataMatch::kNotCompared);
  EXPECT_EQ(match_of(report(35, 45, "P1"), bundle_of(3500, 4500, "%RH")), RawDataMatch::kWithin);
  EXPECT_EQ(match_of({{"stringValue", "open"}}, bundle), RawDataMatch::kNotCompared);
}

TEST(RawData, AReportsOwnGoesBeforeItsElements) {
  Digest other;
  other.bytes[0] = 7;
  auto own = report(3, 4);
  own["rawData"] = uri_of(other);
  auto elsewhere = report(3, 4);
  elsewhere["rawData"] = "https://readings.example/7";
  const auto named = node::named_bundles(
      sensed("urn:x:1", of_bundle(Digest{}, Json::array({report(3, 4), own, elsewhere}))));
  ASSERT_EQ(named.size(), 2u);
  EXPECT_EQ(named[0].bundle, Digest{});
  EXPECT_EQ(named[1].bundle, other);
}

TEST(RawData, WhatIsNoEventNamesNone) {
  for (const char* body :
       {"rawData", "[\"rawData\"]", "{\"rawData\": 1}", "{\"sensorElementList\": {\"rawData\": 1}}",
        "{\"sensorElementList\": [\"rawData\", {\"sensorReport\": [1]}]}"})
    EXPECT_TRUE(node::named_bundles(std::string_view(body)).empty()) << body;
}

// ---- the audit of a node's files ---------------------------------------------------------------

class RawDataAudit : public testing::Test {
 protected:
  RawDataAudit() {
    plant.c.clock.set(plant.at(70));
    plant.measure(0, 70);
    plant.log_intake();
    const auto db = must(chain::open_private(plant.file("private.db"), true));
    auto q = must(db.prepare("SELECT wire FROM intake_wire ORDER BY idx"));
    WireReader wires;
    while (must(q.step())) {
      auto opened = must(wires.open_bundle(q.blob(0), plant.c.chain));
      if (opened.kid == plant.c.fridge.kid()) bundle = std::move(opened);
    }
  }
  void capture(const std::vector<Json>& events) {
    node::CaptureRequest r;
    r.kind = node::CaptureRequest::Kind::kRollback;
    r.contexts = {R"("https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld")"};
    for (const auto& e : events) r.events.push_back({0, e.dump()});
    const auto store = must(node::EventStore::open(plant.file("private.db")));
    const auto done = store->capture(std::move(r), plant.c.clock.now());
    ASSERT_TRUE(done && done->success);
  }
  chain::AuditReport audited() {
    plant.shut();
    return must(chain::audit(plant.file("private.db"), plant.file("chain.db"), plant.c.anchor));
  }

  Plant plant;
  std::optional<Signed<Bundle>> bundle;  // the fridge's newest
};

TEST_F(RawDataAudit, RemarksOnWhatTheLogLacksAndOnValuesOutside) {
  ASSERT_TRUE(bundle);
  const auto& a = std::get<merkle::Annotation>(bundle->body.channels.at(0).annotation);
  const double low = static_cast<double>(a.min) / 100, high = static_cast<double>(a.max) / 100;
  capture({sensed("urn:x:1", of_bundle(bundle->id, Json::array({report(low, high)}))),
           sensed("urn:x:2", of_bundle(bundle->id, Json::array({report(low, high + 20)}))),
           sensed("urn:x:3", of_bundle(Digest{}, Json::array({report(low, high)})))});
  const auto report = audited();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.events, 3u);
  EXPECT_EQ(report.raw_data, 3u);
  EXPECT_EQ(report.raw_data_missing, 1u);
  EXPECT_EQ(report.raw_data_outside, 1u);
  ASSERT_EQ(report.remarks.size(), 2u);
  EXPECT_EQ(chain::to_line(report.remarks[0]),
            "event row 2: tells values in CEL outside those of "
            "bundle " +
                short_hex(bundle->id));
  EXPECT_EQ(chain::to_line(report.remarks[1]), "event row 3: names bundle " + short_hex(Digest{}) +
                                                   ", which is not in the intake log");
}

TEST_F(RawDataAudit, EventsWithoutRawDataAreNotSpokenOf) {
  auto plain = sensed("urn:x:1", Json::array({{{"sensorReport", Json::array({report(3, 4)})}}}));
  capture({plain});
  const auto report = audited();
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.raw_data, 0u);
  EXPECT_TRUE(report.remarks.empty());
}

}  // namespace
}  // namespace lotmark::test
