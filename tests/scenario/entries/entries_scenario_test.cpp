// What enters the chain besides lots, over real nodes: a key that is found stolen, a recall, a new device, a complaint, a report
// of use.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/wire/complaint.h"
#include "core/wire/usage.h"
#include "tests/scenario/device_maker.h"
#include "tests/scenario/lot/network.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

using nlohmann::json;

class Entries : public testing::Test {
 protected:
  Consortium c{{.agency = true}};
  TempFolder folder;
  std::unique_ptr<Network> net = std::make_unique<Network>(c, folder / "nodes");
  const Time day = c.options.begin - std::chrono::hours(6);
  const std::string batch = "/control/v1/batches/A-1";
  const Party& official = c.regulator;  // an operator of prov-1

  json submit(const Party& at, const Party& by, const std::string& type, Bytes payload) {
    const auto reply = net->control_raw(at, by, "POST", "/control/v1/submissions?sign=" + type,
                                        std::move(payload));
    EXPECT_TRUE(reply.ok()) << (reply.error ? reply.error->message() : "");
    return json::parse(reply.body, nullptr, false);
  }
  json get(const Party& at, const Party& by, const std::string& path) {
    return net->control(at, by, "GET", path, {});
  }
  std::string state(const Party& at, const Party& by, const json& submitted) {
    for (const auto& s : get(at, by, "/control/v1/submissions"))
      if (s["id"] == submitted["id"]) return s["state"];
    return "unknown";
  }
  void measure(const Party& device, Time from) {
    DeviceMaker maker(device, c.chain);
    for (const auto& w : maker.run(from, from + std::chrono::hours(3), 60000, {cold_channel()}))
      net->publish("lotmark/v1/yunhe/" + device.name + "/bundle", w);
  }
  void step(const Party& by, const std::string& label) {
    const json prepared = net->control(c.enterprise, by, "POST", batch + "/steps",
                                       {{"step", label},
                                        {"start", to_iso(day)},
                                        {"end", to_iso(day + std::chrono::hours(3))},
                                        {"notes", json::array()}});
    const auto commitment = fixed_from_hex<Digest>(prepared["commitment"].get<std::string>());
    ASSERT_TRUE(commitment);
    const auto object = seal(Record{*commitment, {}}, *by.signer, c.chain);
    net->control(c.enterprise, by, "POST", batch + "/steps/" + to_hex(*commitment),
                 {{"record_object", to_hex(object->bytes)}});
  }
  std::set<std::string> why_tainted(const Party& at, const Party& by, const KeyId& key,
                                    std::uint64_t since) {
    const json answer =
        get(at, by, "/control/v1/tainted?key=" + to_hex(key) + "&since=" + std::to_string(since));
    std::set<std::string> why;
    for (const auto& lot : answer["lots"])
      for (const auto& w : lot["why"]) why.insert(w.get<std::string>());
    return why;
  }
};

TEST_F(Entries, ARecallAndARevocationReachEveryNodeAndARestartLosesNone) {
  net->advance(std::chrono::seconds(10));
  const Recall recall{Consortium::gtin(), LotNumber{"A-1"}, true, "glass in vials", 1};
  const json recalled = submit(c.supervisors[0], official, "recall", encode(recall));
  net = nullptr;
  net = std::make_unique<Network>(c, folder / "nodes");  // everybody restarts before it is sent
  net->advance(std::chrono::seconds(30));
  EXPECT_EQ(state(c.supervisors[0], official, recalled), "final");
  const json list = get(c.enterprise, c.qa, "/control/v1/recalls");
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0]["reason"], "glass in vials");

  const Revocation own{
      c.packer.kid(), net->node(c.enterprise).chain().size(), RevokedReason::kLost, {}};
  const auto object = seal(own, *c.packer.signer, c.chain);
  EXPECT_TRUE(
      net->control_raw(c.enterprise, c.packer, "POST", "/control/v1/submissions", object->bytes)
          .ok());
  net->advance(std::chrono::seconds(30));
  const json revoked = get(c.east, c.examiner, "/control/v1/revocations");
  ASSERT_EQ(revoked.size(), 1u);
  EXPECT_EQ(revoked[0]["owner"], "yunhe/packer-1");
  const auto refused = net->control_raw(c.enterprise, c.packer, "GET", "/control/v1/status", {});
  EXPECT_EQ(refused.error->code, Errc::kKeyRevoked) << "its key opens nothing more";
}

TEST_F(Entries, WhoMayNotIsRefusedAtOnce) {
  net->advance(std::chrono::seconds(10));
  const Recall recall{Consortium::gtin(), {}, true, "rivalry", 1};
  const auto refused = net->control_raw(c.enterprise, c.qa, "POST",
                                        "/control/v1/submissions?sign=recall", encode(recall));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error->code, Errc::kCoseKid);
  EXPECT_TRUE(get(c.enterprise, c.qa, "/control/v1/submissions").empty());
}

TEST_F(Entries, ANewDeviceIsTakenAfterItsBlockAndARevokedOneNoMore) {
  net->advance(std::chrono::seconds(10));
  const Party fresh = make_party("fridge-2", "yunhe", 40);
  DeviceMaker maker(fresh, c.chain);
  const auto wires = maker.run(day, day + std::chrono::hours(3), 60000, {cold_channel()});
  const std::string topic = "lotmark/v1/yunhe/fridge-2/bundle";
  EXPECT_TRUE(net->publish(topic, wires[0]).empty()) << "nobody knows it";
  const Enrolment e{fresh.key(), EnrolmentKind::kDevice,
                    "fridge-2",  "yunhe",
                    "",          {{"t", ChannelKind::kQuantity, "Cel", {-2}, {}}},
                    {}};
  const json submitted = submit(c.enterprise, c.qa, "enrolment", encode(e));
  net->advance(std::chrono::minutes(15), std::chrono::seconds(30));
  ASSERT_EQ(state(c.enterprise, c.qa, submitted), "final");
  EXPECT_EQ(net->publish(topic, wires[0]).size(), 1u);
  const Revocation r{fresh.kid(), 0, RevokedReason::kCompromised, {}};
  submit(c.enterprise, c.qa, "revocation", encode(r));  // its enroller
  net->advance(std::chrono::seconds(30));
  const auto answer = net->publish(topic, wires[1]);
  ASSERT_EQ(answer.size(), 1u);
  const auto ack = open<Ack>(answer[0].payload, c.chain);
  ASSERT_EQ(ack->body.refused.size(), 1u);
  EXPECT_EQ(ack->body.refused[0].error, static_cast<std::uint64_t>(Errc::kKeyRevoked));
}

TEST_F(Entries, AStartDeviceIsEnrolledByAReviewNode) {
  net->advance(std::chrono::seconds(10));
  const Party starter = make_party("filler-2", "yunhe", 41);
  const Enrolment e{starter.key(), EnrolmentKind::kStart, "filler-2", "yunhe", "", {}, {}};
  submit(c.east, c.examiner, "enrolment", encode(e));
  net->advance(std::chrono::minutes(15), std::chrono::seconds(30));
  Start s;
  s.device = starter.kid();
  s.machine = "filler 2";
  const auto signal = seal(s, *starter.signer, c.chain);
  EXPECT_EQ(net->publish("lotmark/v1/yunhe/filler-2/start", signal->bytes).size(), 3u)
      << "enterprise and both reviewers answer";
}

TEST_F(Entries, AComplaintIsSettledByAQuorumAndItsRewardStands) {
  net->advance(std::chrono::seconds(10));
  const Complaint complaint{c.west.kid(), {}, ComplaintKind::kNegligence, "three days late", {}, 1};
  const auto object = seal(complaint, *c.qa.signer, c.chain);
  ASSERT_TRUE(
      net->control_raw(c.enterprise, c.qa, "POST", "/control/v1/submissions", object->bytes).ok());
  net->advance(std::chrono::minutes(15), std::chrono::seconds(30));
  const json open = get(c.supervisors[0], official, "/control/v1/complaints");
  ASSERT_EQ(open.size(), 1u);
  EXPECT_TRUE(open[0]["settled"].is_null());
  const Ruling ruling{object->id, RulingOutcome::kUpheld, {PenaltyKind::kPoints}, 30, 10, "shown",
                      2};
  submit(c.supervisors[0], official, "ruling", encode(ruling));
  const auto second = seal(ruling, *c.supervisors[1].signer, c.chain);
  EXPECT_TRUE(
      net->send(c.supervisors[1], c.supervisors[0], "POST", "/peer/v1/events", second->bytes).ok());
  net->advance(std::chrono::minutes(15), std::chrono::seconds(30));
  const json settled = get(c.enterprise, c.qa, "/control/v1/complaints");
  ASSERT_FALSE(settled[0]["settled"].is_null());
  EXPECT_EQ(settled[0]["settled"]["outcome"], "upheld");
  EXPECT_EQ(settled[0]["settled"]["penalised_name"], "drug-west");
  EXPECT_EQ(settled[0]["settled"]["reward"], 10);
}

TEST_F(Entries, AnAgencysReportOfUseComesOnTheChainAndEveryNodeShowsIt) {
  net->advance(std::chrono::seconds(10));
  Usage used{Consortium::gtin(), {"A-1"}, UsageKind::kUsed, {"17", "18"}, 40, 1};
  const auto refused = [&](const Party& at, const Party& by) {
    const auto reply =
        net->control_raw(at, by, "POST", "/control/v1/submissions?sign=usage", encode(used));
    return reply.error ? reply.error->code : Errc::kOk;
  };
  EXPECT_EQ(refused(c.west, c.examiner_west), Errc::kUsageLotUnknown);
  const auto application = seal(c.application("A-1"), *c.enterprise.signer, c.chain);
  const auto release =
      seal(Release{{application->bytes}, "CN-1", Digest{{5}}, {}}, *c.east.signer, c.chain);
  ASSERT_TRUE(
      net->send(c.east, c.supervisors[0], "POST", "/peer/v1/releases", release->bytes).ok());
  net->advance(std::chrono::seconds(30));
  EXPECT_EQ(refused(c.east, c.examiner), Errc::kCoseKid) << "no agency";
  submit(c.west, c.examiner_west, "usage", encode(used));
  used.time = 2;
  const json again = submit(c.west, c.examiner_west, "usage", encode(used));
  net->advance(std::chrono::minutes(15), std::chrono::seconds(30));
  EXPECT_EQ(state(c.west, c.examiner_west, again), "final");
  const json use =
      get(c.enterprise, c.qa, "/control/v1/usage?lot=A-1&gtin=" + Consortium::gtin().text);
  EXPECT_EQ(use["units"]["used"], 80);
  EXPECT_EQ(use["again"], 2);
  EXPECT_EQ(use["again_serials"], (json{"17", "18"}));
  ASSERT_EQ(use["list"].size(), 2u);
  EXPECT_EQ(use["list"][0]["by_name"], "drug-west");
  EXPECT_EQ(use["list"][0]["serials"], 2);
}

TEST_F(Entries, WhatRestsOnAStolenKeyIsListedFromItsBlockOn) {
  net->publish("lotmark/v1/yunhe/filler-1/start", c.start_signal().bytes);
  net->control(c.enterprise, c.qa, "POST", "/control/v1/batches",
               {{"programme", "vaccines"},
                {"line", to_hex(c.line_hash)},
                {"gtin", Consortium::gtin().text},
                {"lot", "A-1"},
                {"reviewers", {"drug-east"}},
                {"start", "latest:filler-1"}});
  measure(c.fridge, day);
  net->advance(std::chrono::seconds(20));
  step(c.qa, "filling");
  net->advance(std::chrono::hours(1), std::chrono::seconds(30));
  const std::uint64_t later = net->node(c.enterprise).chain().size();
  using Words = std::set<std::string>;
  EXPECT_EQ(why_tainted(c.enterprise, c.qa, c.fridge.kid(), 1),
            (Words{"device of filling t", "device of release t"}))
      << "nothing of its log was logged before block 1; the release record shows its claim";
  EXPECT_EQ(why_tainted(c.enterprise, c.qa, c.fridge.kid(), later), Words{})
      << "a period block had logged its bundles before";
  EXPECT_EQ(why_tainted(c.enterprise, c.qa, c.qa.kid(), 0), Words{"author of filling"});
  EXPECT_EQ(why_tainted(c.enterprise, c.qa, c.qa.kid(), later), Words{});
  EXPECT_EQ(why_tainted(c.enterprise, c.qa, c.starter.kid(), 0), Words{"start"});
  EXPECT_EQ(why_tainted(c.supervisors[0], official, c.qa.kid(), 0), Words{})
      << "the chain alone knows of no record";
}

}  // namespace
}  // namespace lotmark::test
