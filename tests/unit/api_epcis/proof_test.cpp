// GET /lotmark/v1/events/{eventID}/proof over a chain: who gets what, and when.
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/proof/event_proof.h"
#include "ledger-node/capture/period_recorder.h"
#include "tests/must.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/api_epcis/server.h"
#include "tests/unit/capture/events.h"

namespace lotmark::api::epcis::test {
namespace {

using lotmark::test::BlockMaker;
using lotmark::test::Consortium;
using lotmark::test::must;
using node::test::observed;

class ProvenBlocks final : public ChainPlaces {
 public:
  explicit ProvenBlocks(const chain::PublicChain& chain) : chain_(chain) {}
  Result<std::optional<Place>> place_of(const Digest& id) override {
    LM_ASSIGN(const auto block, chain_.block_of(id));
    if (!block) return std::optional<Place>();
    return std::optional(Place{*block, chain_.is_final(*block)});
  }
  bool is_final(std::uint64_t block) override { return chain_.is_final(block); }
  Result<ShownBlock> shown_block(std::uint64_t block) override {
    if (cut) return Errc::kBodyCut;
    auto shown = chain_.shown_block(block);
    if (shown && damaged) shown->block.bytes.back() ^= 1;  // of its signature
    return shown;
  }
  bool cut = false, damaged = false;

 private:
  const chain::PublicChain& chain_;
};

class ProofRoute : public node::test::Events {
 protected:
  ProofRoute() {
    node::PeriodRecorderConfig config;
    config.organisation = "yunhe";
    config.submit = [this](ByteView tx, Time) -> Status {
      submitted = to_bytes(tx);
      return {};
    };
    recorder = must(node::PeriodRecorder::open(db, chain, *c.enterprise.signer, std::move(config)));
    capture({observed("urn:x:1", 1, 0), observed("urn:x:2", 2, 0)});
  }
  void record() {
    c.clock.advance(Millis{6000});
    recorder->tick(c.clock.now());
  }
  void log() {
    ASSERT_TRUE(submitted);
    must(chain.append(maker.period_block({}, {}, {}, {*submitted}), c.clock.now()));
    for (const auto& v : maker.votes()) must(chain.add_vote(v));
  }
  http::Response ask(const std::string& target, http::Headers headers = {}, bool sees = true,
                     const std::string& method = "GET") {
    http::Request r;
    r.method = method;
    const auto mark = target.find('?');
    r.path = "/lotmark/v1/events/" + target.substr(0, mark);
    if (mark != std::string::npos) r.query = target.substr(mark + 1);
    r.headers = std::move(headers);
    access::Sight sight;
    sight.own = sees;
    auto out = api.handle(r, sight);
    EXPECT_TRUE(out) << target;
    return out ? *std::move(out) : http::Response{};
  }

  Consortium c;
  BlockMaker maker{c};
  chain::PublicChain chain =
      must(chain::PublicChain::open(folder.private_db().parent_path() / "chain.db", c.anchor));
  store::Database db = must(chain::open_private(folder.private_db()));
  std::unique_ptr<node::PeriodRecorder> recorder;
  std::optional<Bytes> submitted;
  ProvenBlocks blocks{chain};
  ManualClock clock{kNow};
  ReaderPool readers{folder.private_db()};
  EpcisApi api{
      readers, nullptr, blocks, clock, {.origin = "https://lot.example", .anchor = c.anchor}};
};

TEST_F(ProofRoute, GivesAFileThatTheAnchorProves) {
  record();
  log();
  const auto r = ask("urn%3Ax%3A2/proof");
  ASSERT_EQ(r.status, 200) << as_text(r.body);
  EXPECT_EQ(r.content_type, "application/vnd.lotmark.event-proof.v1+cbor");
  EXPECT_EQ(r.headers.at("Cache-Control"), "no-store");
  const auto proven = proof::verify_event(r.body, c.anchor);
  EXPECT_EQ(proven.verdict, proof::EventVerdict::kCommitted);
  EXPECT_EQ(as_text(proven.body), must(reader->by_id("urn:x:2")).at(0).body);
}

TEST_F(ProofRoute, NeverGivesAFileThatTheAnchorDoesNotProve) {
  record();
  log();
  blocks.damaged = true;
  const auto r = ask("urn%3Ax%3A2/proof");
  EXPECT_EQ(r.status, 500) << as_text(r.body);
  EXPECT_NE(r.content_type, "application/vnd.lotmark.event-proof.v1+cbor");
  blocks.damaged = false;
  EXPECT_EQ(ask("urn%3Ax%3A2/proof").status, 200);
}

TEST_F(ProofRoute, SaysWhenToLookAgainWhileNoBlockHoldsIt) {
  for (int i = 0; i < 2; ++i, record()) {
    const auto r = ask("urn%3Ax%3A1/proof");
    EXPECT_EQ(r.status, 409) << as_text(r.body);
    EXPECT_EQ(r.headers.at("Retry-After"), "5");
  }
}

TEST_F(ProofRoute, KnowsNoneOfAnEventThatIsNotThere) {
  EXPECT_EQ(ask("urn%3Ax%3A3/proof").status, 404);
  record();
  log();
  const auto sha = to_hex(sha256(as_bytes(must(reader->by_id("urn:x:1")).at(0).body)));
  EXPECT_EQ(ask("urn%3Ax%3A1/proof?sha256=" + sha).status, 200);
  EXPECT_EQ(ask("urn%3Ax%3A1/proof?sha256=" + std::string(64, '0')).status, 404);
  EXPECT_EQ(ask("urn%3Ax%3A1/proof?sha256=1").status, 400);
}

TEST_F(ProofRoute, GivesNothingToWhomTheEventIsNotShared) {
  record();
  log();
  const auto r = ask("urn%3Ax%3A1/proof", {}, false);
  EXPECT_EQ(r.status, 403);
  EXPECT_EQ(as_text(r.body).find("shelf"), std::string_view::npos);
  EXPECT_NE(as_text(r.body).find("lotmark:eventHashes"), std::string_view::npos);
}

TEST_F(ProofRoute, IsGoneWithTheBlocksBody) {
  record();
  log();
  blocks.cut = true;
  EXPECT_EQ(ask("urn%3Ax%3A1/proof").status, 410);
}

TEST_F(ProofRoute, IsReadAloneAndAsCbor) {
  record();
  log();
  EXPECT_EQ(ask("urn%3Ax%3A1/proof", {{"accept", "application/json"}}).status, 406);
  EXPECT_EQ(
      ask("urn%3Ax%3A1/proof", {{"accept", "application/vnd.lotmark.event-proof.v1+cbor"}}).status,
      200);
  EXPECT_EQ(ask("urn%3Ax%3A1/proof", {}, true, "POST").status, 405);
}

}  // namespace
}  // namespace lotmark::api::epcis::test
