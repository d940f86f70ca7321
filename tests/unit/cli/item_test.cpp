// `lotmark item` out of an enterprise's files, and `lotmark verify --item` of what it makes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/public/public_chain.h"
#include "tests/must.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::lotmark::test::Consortium;
using ::lotmark::test::must;
using testing::HasSubstr;

// Lot A-1 of 5,000 serials, U0 to U4999, released and final in block 2.
class ItemFiles : public testing::Test {
 protected:
  ItemFiles() {
    put("anchor", c.anchor);
    const auto items = seal_serials();
    add(maker.period_block());
    Application a = c.application("A-1");
    a.items = Checkpoint{items.count, items.root};
    add(maker.lot_block(seal(a, *c.enterprise.signer, c.chain)->bytes));
    a.lot = {"A-2"};
    a.items.reset();
    add(maker.lot_block(seal(a, *c.enterprise.signer, c.chain)->bytes));
    for (const auto& v : maker.votes()) must(chain.add_vote(v));
    put("receipt", must(chain.receipt(2)));
    put("other", must(chain.receipt(3)));
  }
  chain::ItemsOf seal_serials() {
    const auto db = must(chain::open_private(folder / "private.db"));
    Digest start;
    auto q =
        must(db.prepare("INSERT INTO batch(start, opening, opening_id, programme, line, gtin, "
                        "lot, state, made) VALUES(?, x'', x'', '', x'', ?, 'A-1', 'open', 0)"));
    must(q.bind(1, start).bind(2, Consortium::gtin().text).run());
    const chain::LotSerials serials(db);
    std::vector<std::string> all;
    for (int i = 0; i < 5000; ++i) all.push_back("U" + std::to_string(i));
    const std::vector<std::string> first(all.begin(), all.begin() + 4096);
    const std::vector<std::string> rest(all.begin() + 4096, all.end());
    must(serials.take(start, 0, first));
    const auto sent = must(serials.take(start, 1, rest));
    return must(serials.seal(start, sent.sent, sent.through)).items.value();
  }
  void put(const std::string& name, const Bytes& bytes) {
    write((folder / name).string(), std::string(as_text(bytes)));
  }
  void add(const Bytes& block) { must(chain.append(block, c.clock.now())); }
  std::string at(const std::string& name) const { return (folder / name).string(); }

  Ran item(const std::string& serial, const std::string& lot = "A-1") {
    return lotmark({"item", Consortium::gtin().text, lot, serial, "--private", at("private.db"),
                    "--chain", at("chain.db"), "--anchor", at("anchor"), "--out", at("unit.item")});
  }
  Ran verify(std::vector<std::string> more, const std::string& receipt = "receipt") {
    std::vector<std::string> words = {"verify", at(receipt),         "--anchor", at("anchor"),
                                      "--now",  "2026-01-06T08:00Z", "--item",   at("unit.item")};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }

  Consortium c;
  ::lotmark::test::BlockMaker maker{c};
  ::lotmark::test::TempFolder folder;
  chain::PublicChain chain = must(chain::PublicChain::open(folder / "chain.db", c.anchor));
};

TEST_F(ItemFiles, ASerialIsProvedBesideItsReceipt) {
  const Ran made = item("U4711");
  ASSERT_EQ(made.exit, 0) << made.err;
  const Ran ran = verify({"--json"});
  EXPECT_EQ(ran.exit, 0) << ran.out;
  const auto j = nlohmann::json::parse(ran.out);
  EXPECT_EQ(j["verdict"], "released");
  EXPECT_EQ(j["item"]["ok"], true);
  EXPECT_EQ(j["item"]["serial"], "U4711");
  EXPECT_EQ(j["item"]["count"], 5000);
  EXPECT_THAT(verify({}).out, HasSubstr("serial U4711 is one of the 5000 units of this lot"));
  EXPECT_EQ(verify({"--serial", "U4711", "--field", "item.ok"}).out, "true\n");
}

TEST_F(ItemFiles, AnotherSerialThanTheOneAskedForEndsWithOne) {
  ASSERT_EQ(item("U1").exit, 0);
  const Ran ran = verify({"--serial", "U2", "--json"});
  EXPECT_EQ(ran.exit, 1);
  const auto j = nlohmann::json::parse(ran.out);
  EXPECT_EQ(j["verdict"], "released");
  EXPECT_EQ(j["item"]["ok"], false);
  EXPECT_TRUE(j["item"]["error"].is_null());
}

TEST_F(ItemFiles, AProofBesideAnotherReceiptEndsWithThree) {
  ASSERT_EQ(item("U1").exit, 0);
  const Ran ran = verify({"--field", "item.error"}, "other");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_EQ(ran.out, "block-prev\n");
}

TEST_F(ItemFiles, AProofThatWasChangedEndsWithThree) {
  ASSERT_EQ(item("U1").exit, 0);
  std::string bytes = read(at("unit.item"));
  bytes.back() ^= 1;
  write(at("unit.item"), bytes);
  const Ran ran = verify({});
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.out, HasSubstr("the item proof does not hold: tree-path"));
}

TEST_F(ItemFiles, WhatIsNoSerialOfALotIsNotProved) {
  EXPECT_THAT(item("V1").err, HasSubstr("not-found: lot A-1 has no serial V1 here"));
  EXPECT_EQ(item("V1").exit, 1);
  EXPECT_THAT(item("U1", "A-2").err, HasSubstr("the application of lot A-2 names no serials"));
  EXPECT_THAT(item("U1", "A-3").err, HasSubstr("the chain holds no release of lot A-3"));
  EXPECT_EQ(item("U 1").exit, 2);
  EXPECT_FALSE(std::filesystem::exists(folder / "unit.item"));
}

TEST_F(ItemFiles, RowsThatAreDamagedGiveNoProof) {
  {
    const auto db = must(store::Database::open(folder / "private.db"));
    must(db.exec("UPDATE lot_items SET root = zeroblob(32)"));
  }
  const Ran ran = item("U1");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("do not give the root kept of them"));
}

// Whole in themselves, and of another salt than the application's.
TEST_F(ItemFiles, SerialsThatAreNotTheApplicationsGiveNoProof) {
  {
    const auto db = must(store::Database::open(folder / "private.db"));
    must(
        db.exec("DELETE FROM lot_items; DELETE FROM lot_serials; DELETE FROM serials_sent; DELETE "
                "FROM serials_sent_page; DELETE FROM serials_sent_part"));
    const chain::LotSerials serials(db);
    const auto sent = must(serials.take(Digest{}, 0, {"U1", "U2"}));
    must(serials.seal(Digest{}, 2, sent.through));
  }
  const Ran ran = item("U1");
  EXPECT_EQ(ran.exit, 3);
  EXPECT_THAT(ran.err, HasSubstr("are not those of its application: tree-path"));
  EXPECT_FALSE(std::filesystem::exists(folder / "unit.item"));
}

}  // namespace
}  // namespace lotmark::cli::test
