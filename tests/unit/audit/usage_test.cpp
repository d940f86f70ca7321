// Reported use as an audit of the chain alone shows it.
#include <fstream>

#include "cli/audit.h"
#include "cli/audit_sheet.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/private/audit_sheet.h"
#include "tests/unit/audit/many_lots.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {
namespace {

class AuditedUse : public testing::Test {
 protected:
  AuditedUse() {
    add(maker.lot_block(application("A-1", Checkpoint{3, Digest{{4}}})));
    add(maker.lot_block(application("A-2", {})));
    add(maker.period_block({}, {},
                           {report("A-1", UsageKind::kUsed, {"1", "2"}, 2),
                            report("A-1", UsageKind::kSold, {"1", "2"}, 2),
                            report("A-2", UsageKind::kUsed, {}, 1000)}));
    add(maker.period_block({}, {}, {report("A-1", UsageKind::kDestroyed, {"2", "3"}, 2)}));
    vote();
    std::ofstream(folder / "anchor.cbor", std::ios::binary)
        .write(reinterpret_cast<const char*>(c.anchor.data()),
               static_cast<std::streamsize>(c.anchor.size()));
  }
  void add(const Bytes& block) {
    const Status done = chain.append(block, c.clock.now());
    ASSERT_TRUE(done) << done.error().message();
  }
  void vote() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
  }
  Bytes application(const std::string& lot, std::optional<Checkpoint> items) {
    Application a = c.application(lot);
    a.items = items;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  Bytes report(const std::string& lot, UsageKind kind, std::vector<std::string> serials,
               std::uint64_t count) {
    const Usage u{Consortium::gtin(), {lot}, kind, std::move(serials), count, 1};
    return seal(u, *c.west.signer, c.chain)->bytes;
  }
  nlohmann::json audit(const std::string& lot = {}) {
    cli::AuditArguments a;
    a.chain_db = (folder / "chain.db").string();
    a.anchor = (folder / "anchor.cbor").string();
    a.out = (folder / "sheet").string();
    a.lot = lot;
    a.threads = 2;
    std::ostringstream out, err;
    cli::Output screen(out, err, {});
    EXPECT_EQ(cli::run_audit(a, screen), cli::Exit::kDone) << out.str() << err.str();
    said = out.str();
    std::ifstream in(folder / "sheet" / "audit.json");
    return nlohmann::json::parse(in, nullptr, false);
  }

  Consortium c{{.agency = true}};
  BlockMaker maker{c};
  TempFolder folder;
  chain::PublicChain chain = std::move(*chain::PublicChain::open(folder / "chain.db", c.anchor));
  std::string said;
};

TEST_F(AuditedUse, SumsSerialsThatCameAgainAndWhatIsMoreThanWasReleased) {
  const auto sheet = audit();
  ASSERT_EQ(sheet["lots"].size(), 2u);
  const auto& first = sheet["lots"][0];
  EXPECT_EQ(first["items"], 3);
  EXPECT_EQ(first["use"]["used"], 2);
  EXPECT_EQ(first["use"]["sold"], 2);
  EXPECT_EQ(first["use"]["destroyed"], 2);
  EXPECT_EQ(first["use"]["reports"], 3);
  EXPECT_EQ(first["use"]["again"], 1);
  EXPECT_EQ(first["use"]["again_serials"], nlohmann::json{"2"});
  EXPECT_EQ(first["use"]["above"], true) << "two used and two destroyed of three";
  const auto& second = sheet["lots"][1];
  EXPECT_EQ(second["use"]["used"], 1000);
  EXPECT_TRUE(second["use"]["above"].is_null()) << "nothing says how many there were";
  EXPECT_NE(said.find("1 lots whose reported use asks for a look:\n  lot A-1 of"),
            std::string::npos)
      << said;
  EXPECT_NE(said.find("more than the 3 released, 1 serials again"), std::string::npos) << said;
  std::ifstream in(folder / "sheet" / "audit.html");
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  EXPECT_NE(page.find("used 2, sold 2, destroyed 2 of 3: more than that; 1 serials again: 2"),
            std::string::npos);
}

TEST_F(AuditedUse, OfOneLotItsOwnReportsAreRead) {
  const auto sheet = audit("A-2");
  ASSERT_EQ(sheet["lots"].size(), 1u);
  EXPECT_EQ(sheet["lots"][0]["use"]["used"], 1000);
  EXPECT_EQ(said.find("asks for a look"), std::string::npos) << said;
}

TEST_F(AuditedUse, OfSeveralBlocksOfALotTheNewestSaysIt) {
  const Digest replaced = *chain.id_of(1);
  auto a = open<Application>(application("A-1", Checkpoint{9, Digest{{4}}}), c.chain)->body;
  a.supersedes = replaced;
  add(maker.lot_block(seal(a, *c.enterprise.signer, c.chain)->bytes, "CN-2", "count set right"));
  vote();
  const auto sheet = audit("A-1");
  ASSERT_EQ(sheet["lots"].size(), 2u);
  EXPECT_TRUE(sheet["lots"][0]["use"].is_null());
  EXPECT_EQ(sheet["lots"][1]["use"]["above"], false);
}

}  // namespace
}  // namespace lotmark::test
