// Event proofs out of a node's own rows: of period records and of lots' steps, checked from the anchor alone.
#include <nlohmann/json.hpp>

#include "core/proof/event_proof.h"
#include "ledger-node/capture/event_proofs.h"
#include "ledger-node/capture/period_recorder.h"
#include "tests/must.h"
#include "tests/unit/capture/events.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::node::test {
namespace {

using lotmark::test::BlockMaker;
using lotmark::test::Consortium;
using lotmark::test::must;
using lotmark::test::Plant;
using proof::EventCheck;
using proof::EventVerdict;

class PeriodProof : public Events {
 protected:
  PeriodProof() {
    PeriodRecorderConfig config;
    config.organisation = "yunhe";
    config.submit = [this](ByteView tx, Time) -> Status {
      submitted = to_bytes(tx);
      return {};
    };
    recorder = must(PeriodRecorder::open(db, chain, *c.enterprise.signer, std::move(config)));
  }
  void tick() {
    c.clock.advance(Millis{6000});
    recorder->tick(c.clock.now());
  }
  void log(std::size_t voters = 3) {
    ASSERT_TRUE(submitted);
    ASSERT_TRUE(chain.append(maker.period_block({}, {}, {}, {*submitted}), c.clock.now()));
    for (const auto& v : maker.votes(voters)) ASSERT_TRUE(chain.add_vote(v));
  }
  Result<Bytes> proof_of(const std::string& id, std::size_t which = 0) {
    const auto events = must(reader->by_id(id));
    EXPECT_GT(events.size(), which) << id;
    return event_proof(reader->database(), chain, events.at(which));
  }

  Consortium c;
  BlockMaker maker{c};
  chain::PublicChain chain =
      must(chain::PublicChain::open(folder.private_db().parent_path() / "chain.db", c.anchor));
  store::Database db = must(chain::open_private(folder.private_db()));
  std::unique_ptr<PeriodRecorder> recorder;
  std::optional<Bytes> submitted;
};

TEST_F(PeriodProof, EachEventOfARecordHasOne) {
  for (int i = 0; i < 5; ++i) capture({observed("urn:x:" + std::to_string(i), i, i)});
  tick();
  log();
  for (int i = 0; i < 5; ++i) {
    const auto file = proof_of("urn:x:" + std::to_string(i));
    ASSERT_TRUE(file) << file.error().message();
    const auto r = proof::verify_event(*file, c.anchor);
    ASSERT_EQ(r.verdict, EventVerdict::kCommitted) << proof::to_json(r).dump(1);
    EXPECT_EQ(r.organisation, "yunhe");
    EXPECT_EQ(r.kid, c.enterprise.kid());
    EXPECT_EQ(r.index, static_cast<std::uint64_t>(i));
    EXPECT_EQ(r.count, 5u);
    EXPECT_EQ(r.block_number, 1u);
    EXPECT_TRUE(r.period && !r.lot);
    const auto event = must(reader->by_id("urn:x:" + std::to_string(i))).front();
    EXPECT_EQ(as_text(r.body), event.body);
    EXPECT_EQ(r.hash, event.hash);
  }
}

TEST_F(PeriodProof, CarriesThePrefixesItsHashHangsOnAlone) {
  auto plain = observed("urn:x:plain", 1, 0);
  plain.erase("yh:shelf");
  capture({observed("urn:x:named", 2, 0), plain});
  tick();
  log();
  const auto named = must(read_event_proof(must(proof_of("urn:x:named"))));
  ASSERT_EQ(named.names.size(), 1u);
  EXPECT_EQ(as_text(named.names[0].prefix), "yh");
  EXPECT_TRUE(must(read_event_proof(must(proof_of("urn:x:plain")))).names.empty());
}

TEST_F(PeriodProof, WaitsForARecordAndThenForABlock) {
  capture({observed("urn:x:1", 1, 0)});
  EXPECT_EQ(proof_of("urn:x:1").code(), Errc::kNotReady);
  tick();
  EXPECT_EQ(proof_of("urn:x:1").code(), Errc::kNotReady);
  log(0);
  const auto file = must(proof_of("urn:x:1"));
  const auto r = proof::verify_event(file, c.anchor);
  EXPECT_EQ(r.verdict, EventVerdict::kNotFinal);
  EXPECT_EQ(r.check(EventCheck::kQuorum).error, Errc::kQuorum);
}

TEST_F(PeriodProof, WhoDeclaresAnErrorHasItsOwn) {
  auto wrong = observed("urn:x:1", 1, 0);
  capture({wrong});
  wrong["errorDeclaration"] = {{"declarationTime", "2026-05-05T00:00:00Z"}};
  capture({wrong});
  tick();
  log();
  const auto first = proof::verify_event(must(proof_of("urn:x:1", 0)), c.anchor);
  const auto second = proof::verify_event(must(proof_of("urn:x:1", 1)), c.anchor);
  ASSERT_TRUE(first.shown() && second.shown());
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_NE(first.sha, second.sha);
}

TEST_F(PeriodProof, ChangedRowsGiveNoneThatIsBelieved) {
  capture({observed("urn:x:1", 1, 0), observed("urn:x:2", 2, 0)});
  tick();
  log();
  ASSERT_TRUE(db.exec("UPDATE event SET body = replace(body, 'B1', 'B9') WHERE n = 1"));
  const auto changed = proof::verify_event(must(proof_of("urn:x:1")), c.anchor);
  EXPECT_EQ(changed.verdict, EventVerdict::kTampered);
  EXPECT_EQ(changed.check(EventCheck::kEvent).error, Errc::kTreePath);
  EXPECT_EQ(proof::verify_event(must(proof_of("urn:x:2")), c.anchor).verdict,
            EventVerdict::kCommitted);
  ASSERT_TRUE(db.exec("DELETE FROM event WHERE n = 1"));
  EXPECT_EQ(proof_of("urn:x:2").code(), Errc::kCorrupt);
}

// ---- of a lot's step --------------------------------------------------------------------------

class LotProof : public testing::Test {
 protected:
  void capture(const std::string& id) {
    auto event = observed(id, 1, 0);
    event.erase("epcList");
    event["quantityList"] = {
        {{"epcClass", "https://id.gs1.org/01/" + Consortium::gtin().text + "/10/A-2026%2F01"},
         {"quantity", 10}}};
    const auto store = must(EventStore::open(p.file("private.db")));
    const auto done = store->capture(request_of({event}), p.c.clock.now());
    ASSERT_TRUE(done && done->success);
  }
  // As run_lot, with an event before the step that takes it.
  void run_lot_with(const std::string& id) {
    p.open_batch();
    p.tick_until(11);
    p.measure(0, 12);
    p.c.clock.set(p.at(12));
    p.record("filling", 0, 10, p.c.qa);
    p.tick_until(21);
    p.c.clock.set(p.at(29));
    p.measure(12, 29);
    capture(id);
    p.record("storage", 0, 20, p.c.qa);
    p.record("packing", 15, 28, p.c.packer);
    p.tick_until(61);
    p.json("POST", "batches/A-2026%2F01/apply",
           {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, p.c.qa);
    p.tick_until(63);
  }
  Result<Bytes> proof_of(const std::string& id) {
    const auto reader = must(EventReader::open(p.file("private.db")));
    return event_proof(reader->database(), p.chain(), must(reader->by_id(id)).at(0));
  }
  Plant p;
};

TEST_F(LotProof, ComesWithTheRelease) {
  run_lot_with("urn:x:1");
  EXPECT_EQ(proof_of("urn:x:1").code(), Errc::kNotReady);
  p.add_block(p.blocks.lot_block(*p.application()));
  p.tick_until(65);
  const auto file = proof_of("urn:x:1");
  ASSERT_TRUE(file) << file.error().message();
  const auto r = proof::verify_event(*file, p.c.anchor);
  ASSERT_EQ(r.verdict, EventVerdict::kCommitted) << proof::to_json(r).dump(1);
  ASSERT_TRUE(r.lot);
  EXPECT_EQ(r.lot->lot.text, "A-2026/01");
  EXPECT_EQ(r.lot->step, "storage");
  EXPECT_EQ(r.author, p.c.qa.kid());
  EXPECT_EQ(r.kid, p.c.enterprise.kid());
  EXPECT_EQ(r.count, 1u);
}

TEST_F(LotProof, ThereIsNoneOfALotThatWasRefused) {
  run_lot_with("urn:x:1");
  const auto application = must(lotmark::open<Application>(*p.application(), p.c.chain));
  p.add_block(p.blocks.refusal_block(application.id));
  p.tick_until(65);
  EXPECT_EQ(proof_of("urn:x:1").code(), Errc::kNotFound);
}

}  // namespace
}  // namespace lotmark::node::test
