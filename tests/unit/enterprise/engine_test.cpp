#include "core/base/hex.h"
#include "core/proof/verdict.h"
#include "core/wire/cbor_reader.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {
namespace {

using Json = nlohmann::json;

// Each object exists in one form only, and no two transactions follow one.
void expect_nothing_signed_twice(const Plant& p) {
  std::map<Digest, Bytes> by_id;
  std::map<Digest, Digest> by_prev;
  const auto once = [&](const Digest& id, const Bytes& bytes) {
    const auto [it, fresh] = by_id.emplace(id, bytes);
    EXPECT_EQ(it->second, bytes) << "another signature of the same object";
  };
  std::map<std::string, std::set<Digest>> kinds;
  for (const auto& s : p.sent) {
    if (auto o = open<Application>(s.body, p.c.chain)) {
      once(o->id, s.body);
      kinds["application"].insert(o->id);
    } else if (auto t = open<Transaction>(s.body, p.c.chain)) {
      once(t->id, s.body);
      EXPECT_EQ(by_prev.emplace(t->body.prev, t->id).first->second, t->id)
          << "two transactions with one prev";
    } else if (s.path == "/peer/v1/openings") {
      kinds["opening"].insert(open<Opening>(node::decode_list(s.body)->at(0), p.c.chain)->id);
      once(*kinds["opening"].begin(), node::decode_list(s.body)->at(0));
    } else if (s.path == "/peer/v1/disclosures") {
      EXPECT_EQ(s.body, *p.disclosure());
    }
  }
  EXPECT_LE(kinds["application"].size(), 1u);
  EXPECT_EQ(kinds["opening"].size(), 1u);
}

void expect_whole_lot(const Plant& p) {
  for (const Party* reviewer : {&p.c.east, &p.c.west}) {
    const auto list = p.transactions(*reviewer);
    ASSERT_EQ(list.size(), 7u) << reviewer->name;
    Digest prev = open<Opening>(node::decode_list(p.sent.at(0).body)->at(0), p.c.chain)->body.start;
    std::uint64_t time = 0;
    for (const auto& bytes : list) {
      auto t = open<Transaction>(bytes, p.c.chain);
      ASSERT_TRUE(t);
      EXPECT_TRUE(t->verified_by(p.c.enterprise.key()));
      EXPECT_EQ(t->body.prev, prev);
      EXPECT_GE(t->body.time, time);
      prev = t->id;
      time = t->body.time;
    }
  }
  ASSERT_TRUE(p.application());
  auto a = open<Application>(*p.application(), p.c.chain);
  ASSERT_TRUE(a);
  EXPECT_EQ(a->body.tx_count, 7u);
  merkle::CompactRange tree;
  for (const auto& t : p.transactions(p.c.east))
    tree.append(merkle::leaf_hash(open<Transaction>(t, p.c.chain)->id.view()));
  EXPECT_EQ(a->body.tx_root, tree.root());
}

std::vector<std::string> kinds_of_rows(Plant& p) {
  auto db = chain::open_private(p.file("private.db"), true);
  auto q = db->prepare("SELECT head FROM record ORDER BY n");
  std::vector<std::string> out;
  while (*q->step()) {
    const auto head = *decode<RecordHead>(q->blob(0));
    out.push_back(head.step.value_or(std::string(name(head.kind))));
  }
  return out;
}

TEST(Enterprise, TransactionsLeaveAtTheirSlotsAndDecoysFill) {
  Plant p;
  run_lot(p);
  expect_whole_lot(p);
  expect_nothing_signed_twice(p);
  EXPECT_EQ(kinds_of_rows(p), (std::vector<std::string>{"decoy", "filling", "storage", "packing",
                                                        "decoy", "decoy", "release"}));
  const auto list = p.transactions(p.c.east);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto t = open<Transaction>(list[i], p.c.chain)->body.time;
    EXPECT_GE(t, p.ms(10 + 10.0 * static_cast<double>(i)));
    EXPECT_LT(t, p.ms(12 + 10.0 * static_cast<double>(i))) << i;
  }
}

TEST(Enterprise, NothingLeavesBeforeItsSlot) {
  Plant p;
  p.open_batch();
  p.c.clock.set(p.at(10) - Millis{1});
  for (int i = 0; i < 5; ++i) p.tick();
  EXPECT_TRUE(p.transactions(p.c.east).empty());
  p.c.clock.set(p.at(10));
  p.tick();
  EXPECT_EQ(p.transactions(p.c.east).size(), 1u);
}

TEST(Enterprise, ReopenedBeforeEveryTickItSignsNothingTwice) {
  Plant p;
  p.reopen_each_tick = true;
  run_lot(p);
  expect_whole_lot(p);
  expect_nothing_signed_twice(p);
}

TEST(Enterprise, WhatACrashKeptFromLeavingLeavesAsTheSameBytes) {
  Plant p;
  p.lose_first_delivery = true;
  run_lot(p);
  expect_whole_lot(p);
  expect_nothing_signed_twice(p);
  std::size_t lost = 0;
  for (const auto& s : p.sent) {
    if (s.answered) continue;
    ++lost;
    const bool again = std::any_of(p.sent.begin(), p.sent.end(), [&](const SentCall& x) {
      return x.answered && x.to == s.to && x.body == s.body;
    });
    EXPECT_TRUE(again) << s.path << " was never sent again";
  }
  EXPECT_GE(lost, 18u);  // opening, 7 transactions, application; to two reviewers
}

TEST(Enterprise, ADeafReviewerHoldsTheApplicationBackButNotTheSlots) {
  Plant p;
  p.deaf = {p.c.west.kid()};
  run_lot(p);
  EXPECT_EQ(p.transactions(p.c.east).size(), 7u);
  EXPECT_FALSE(p.application());
  EXPECT_EQ(p.batch()["state"], "open");
  EXPECT_NE(p.batch()["reviewers"][1]["trouble"].get<std::string>().find("network"),
            std::string::npos);
  p.deaf.clear();
  p.tick_until(75);
  expect_whole_lot(p);
  expect_nothing_signed_twice(p);
}

TEST(Enterprise, AnArrivalThatDoesNotVerifyIsNone) {
  Plant p;
  p.open_batch();
  auto calls = p.engine().tick(p.c.clock.now());
  ASSERT_EQ(calls.size(), 2u);
  const auto opening = *open<Opening>(node::decode_list(calls[0].body)->at(0), p.c.chain);
  const Party& other = calls[0].to == p.c.east.kid() ? p.c.west : p.c.east;
  calls[0].done(node::reply_cbor(p.c.arrival(other, opening.id, p.c.clock.now())));
  calls[1].done(node::reply_cbor(
      p.c.arrival(calls[1].to == p.c.east.kid() ? p.c.east : p.c.west, Digest{}, p.c.clock.now())));
  const Json b = p.batch();
  EXPECT_EQ(b["reviewers"][0]["answered"], 0);
  EXPECT_EQ(b["reviewers"][1]["answered"], 0);
  p.c.clock.advance(Millis{1000});
  EXPECT_EQ(p.engine().tick(p.c.clock.now()).size(), 2u);  // asked again
}

TEST(Enterprise, AnAnswerAfterTheEngineIsGoneIsIgnored) {
  Plant p;
  p.open_batch();
  auto calls = p.engine().tick(p.c.clock.now());
  p.reopen();
  calls[0].done(node::reply_error(fail(Errc::kNetwork, "late")));
  EXPECT_EQ(p.batch()["reviewers"][0]["answered"], 0);
}

TEST(Enterprise, MissedSlotsAreMadeUpForAtOnceWithTheirRealTimes) {
  Plant p;
  p.open_batch();
  p.tick();
  p.c.clock.set(p.at(35));
  p.tick_until(36);
  const auto list = p.transactions(p.c.east);
  ASSERT_EQ(list.size(), 3u);
  for (const auto& t : list) EXPECT_GE(open<Transaction>(t, p.c.chain)->body.time, p.ms(35));
}

TEST(Enterprise, AClockThatGoesBackNeverMakesTimesFall) {
  Plant p;
  p.open_batch();
  p.tick_until(21);
  p.c.clock.set(p.at(5));
  p.tick();
  p.c.clock.set(p.at(30));
  p.tick_until(62);
  std::uint64_t time = 0;
  for (const auto& t : p.transactions(p.c.east)) {
    EXPECT_GE(open<Transaction>(t, p.c.chain)->body.time, time);
    time = open<Transaction>(t, p.c.chain)->body.time;
  }
}

// Takes the lot to a final block and lets the disclosure out.
void release(Plant& p) {
  p.log_intake();
  ASSERT_TRUE(p.application());
  p.add_block(p.blocks.lot_block(*p.application()));
  p.tick_until(70);
}

TEST(Enterprise, AReleasedLotIsDisclosedToEverySupervisor) {
  Plant p;
  run_lot(p);
  release(p);
  EXPECT_EQ(p.batch()["state"], "released");
  EXPECT_EQ(p.batch()["disclosed"], true);
  std::set<KeyId> told;
  for (const auto& s : p.sent) {
    if (s.path == "/peer/v1/disclosures") told.insert(s.to);
  }
  EXPECT_EQ(told.size(), 3u);
}

// The body a supervisor takes, given to the public chain as it would, but for the last `left_out` samples.
Status disclose(Plant& p, std::uint64_t& block, std::size_t left_out = 0) {
  const auto body = *p.disclosure();
  const auto doc = *CborDoc::parse(body);
  const CborValue number = doc.root().first();
  const CborValue list = number.next().next();
  std::vector<Sample> samples;
  CborValue s = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, s = s.next())
    samples.push_back(*decode<Sample>(s.encoded()));
  samples.resize(samples.size() - left_out);
  block = static_cast<std::uint64_t>(number.integer());
  return p.chain().add_disclosure(block, *decode<Disclosure>(number.next().encoded()), samples,
                                  p.c.clock.now());
}

proof::VerdictResult verdict(Plant& p) {
  std::uint64_t block = 0;
  const Status taken = disclose(p, block);
  EXPECT_TRUE(taken) << taken.error().message();
  return proof::verify_receipt(*p.chain().receipt(block), p.c.anchor,
                               {Consortium::gtin().text, "A-2026/01"}, p.c.clock.now());
}

TEST(Enterprise, TheReceiptOfADisclosedLotIsReleased) {
  Plant p;
  run_lot(p);
  release(p);
  const auto r = verdict(p);
  EXPECT_EQ(r.verdict, VerdictKind::kReleased) << to_json(r).dump(1);
  ASSERT_EQ(r.claims.size(), 3u);  // channel t: filling, packing twice; humidity is not published
  for (const auto& c : r.claims) {
    EXPECT_EQ(c.claim.channel, "t");
    EXPECT_EQ(c.samples, 3u);
    EXPECT_TRUE(c.within_limits);
  }
  ASSERT_EQ(r.others.size(), 1u);  // the public note; the other stays with the reviewer
  EXPECT_EQ(r.others[0].segment.name, "store");
}

TEST(Enterprise, ABlockHasOneDisclosure) {
  Plant p;
  run_lot(p);
  release(p);
  std::uint64_t block = 0;
  ASSERT_TRUE(disclose(p, block));
  EXPECT_TRUE(disclose(p, block)) << "the same again";
  EXPECT_EQ(disclose(p, block, 1).code(), Errc::kConflict);
}

TEST(Enterprise, ADisclosureSurvivesACrashAsTheSameBytes) {
  Plant p;
  run_lot(p);
  p.lose_first_delivery = true;
  p.reopen_each_tick = true;
  p.log_intake();
  p.add_block(p.blocks.lot_block(*p.application()));
  p.tick_until(75);
  EXPECT_EQ(p.batch()["disclosed"], true);
  expect_nothing_signed_twice(p);
}

TEST(Enterprise, ABlockWithoutQuorumDecidesNothing) {
  Plant p;
  run_lot(p);
  p.log_intake();
  ASSERT_TRUE(p.chain().append(p.blocks.lot_block(*p.application()), p.c.clock.now()));
  p.tick_until(70);
  EXPECT_EQ(p.batch()["state"], "applied");
  EXPECT_EQ(p.batch()["final"], false);
  EXPECT_FALSE(p.disclosure());
  for (const auto& v : p.blocks.votes(2)) ASSERT_TRUE(p.chain().add_vote(v));
  p.tick_until(71);
  EXPECT_EQ(p.batch()["state"], "released");
}

TEST(Enterprise, ARefusedLotIsOver) {
  Plant p;
  run_lot(p);
  const auto id = open<Application>(*p.application(), p.c.chain)->id;
  p.add_block(p.blocks.refusal_block(id));
  p.tick_until(70);
  EXPECT_EQ(p.batch()["state"], "refused");
  EXPECT_FALSE(p.disclosure());
  p.reopen();
  EXPECT_EQ(p.tick(), 0u);
}

TEST(Enterprise, RowsAndBundlesAreForTheReviewersNamed) {
  Plant p;
  run_lot(p);
  const std::string start = p.batch()["start"];
  const auto get = [&](const std::string& path, const Party& by) {
    return *p.engine().peer(*node::parse_route(path), {"GET", path, {}, {}},
                            *p.chain().member(by.kid()), p.c.clock.now());
  };
  const auto rows = get("/peer/v1/batches/" + start + "/rows", p.c.east);
  ASSERT_TRUE(rows.ok());
  const auto doc = *CborDoc::parse(rows.body);
  EXPECT_EQ(doc.root().count(), 3u);
  EXPECT_EQ(doc.root().first().next().next().count(), 7u);
  EXPECT_EQ(get("/peer/v1/batches/" + start + "/rows", p.c.supervisors[0]).error->code,
            Errc::kDenied);
  EXPECT_EQ(get("/peer/v1/batches/" + to_hex(Digest{}) + "/rows", p.c.east).error->code,
            Errc::kNotFound);

  const auto bundle = p.intake().meeting(p.c.fridge.kid(), p.ms(0), p.ms(10))->at(0);
  const auto file =
      get("/peer/v1/bundles/" + to_hex(bundle.id) + "?size=" + std::to_string(p.intake().size()),
          p.c.west);
  ASSERT_TRUE(file.ok());
  const auto f = *CborDoc::parse(file.body);
  EXPECT_EQ(to_bytes(f.root().first().bytes()), bundle.wire);
  merkle::Path path;
  CborValue h = f.root().first().next().next().first();
  for (std::size_t i = 0; i < f.root().first().next().next().count(); ++i, h = h.next())
    path.push_back(*Digest::from(h.bytes()));
  EXPECT_EQ(*merkle::fold_inclusion(merkle::leaf_hash(bundle.id.view()), bundle.index,
                                    p.intake().size(), path),
            p.intake().checkpoint().root);
  for (const char* size : {"999", "0"}) {  // a size that does not cover it has no path
    const auto bare = get("/peer/v1/bundles/" + to_hex(bundle.id) + "?size=" + size, p.c.west);
    EXPECT_EQ(CborDoc::parse(bare.body)->root().first().next().next().count(), 0u);
  }
}

TEST(Enterprise, ApplyingTwiceWithTheSameWordsIsFine) {
  Plant p;
  run_lot(p);
  const std::string path = "batches/A-2026%2F01/apply";
  EXPECT_EQ(
      p.json("POST", path, {{"product", "Vaccine A"}, {"expires", 20281231}}, p.c.qa)["state"],
      "applied");
  EXPECT_EQ(p.refusal("POST", path, {{"product", "Vaccine B"}, {"expires", 20281231}}, p.c.qa),
            "conflict");
  EXPECT_EQ(p.refusal("POST", path, {{"product", "Vaccine A"}, {"expires", "2028-02-30"}}, p.c.qa),
            "expires");
  EXPECT_EQ(p.refusal("POST", "batches/none/apply",
                      {{"product", "Vaccine A"}, {"expires", 20281231}}, p.c.qa),
            "not-found");
}

}  // namespace
}  // namespace lotmark::test
