// Recalls as verify knows them by a chain.db, and what the commands for chain entries refuse before they ask a node.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "core/crypto/sha256.h"
#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::lotmark::test::Consortium;
using testing::HasSubstr;

class RecalledReceipt : public testing::Test {
 protected:
  RecalledReceipt() {
    write("anchor", c.anchor);
    add(maker.period_block());
    add(maker.lot_block(seal(c.application("A-1"), *c.enterprise.signer, c.chain)->bytes));
    vote();
    write("receipt", *chain.receipt(2));
  }
  std::string at(const std::string& name) const { return (folder / name).string(); }
  void write(const std::string& name, const Bytes& bytes) {
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  void add(const Bytes& block) { ASSERT_TRUE(chain.append(block, c.clock.now())); }
  void vote() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
  }
  void recall(bool opens, std::uint64_t time) {
    const Recall r{Consortium::gtin(), LotNumber{"A-1"}, opens, "glass", time};
    add(maker.block(BlockKind::kRecall,
                    ObjectBytes{seal(r, *c.supervisors[0].signer, c.chain)->bytes}));
  }
  Ran verify(std::vector<std::string> more) {
    std::vector<std::string> words = {"verify", folder / "receipt",  "--anchor", folder / "anchor",
                                      "--now",  "2026-01-06T08:00Z", "--field",  "verdict"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }

  Consortium c;
  ::lotmark::test::BlockMaker maker{c};
  ::lotmark::test::TempFolder folder;
  chain::PublicChain chain = std::move(*chain::PublicChain::open(folder / "chain.db", c.anchor));
};

TEST_F(RecalledReceipt, TheChainSaysRecalledTheReceiptAloneCannot) {
  recall(true, 1);
  EXPECT_EQ(verify({}).out, "released\n");
  const Ran ran = verify({"--chain", at("chain.db")});
  EXPECT_EQ(ran.out, "recalled\n");
  EXPECT_EQ(ran.exit, 1);
  recall(false, 2);
  EXPECT_EQ(verify({"--chain", at("chain.db")}).out, "released\n");
}

TEST_F(RecalledReceipt, AChainThatIsNotThereIsAnErrorAndNoVerdict) {
  const Ran ran = verify({"--chain", at("none.db")});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out, "");
}

TEST(EntryCommands, WhatIsNoKeyTimeOrWordIsRefusedBeforeANodeIsAsked) {
  const std::string kid(32, 'a');
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"tainted", "--key", "fridge", "--since", "4"},
           {"tainted", "--key", kid, "--since", "yesterday"},
           {"report", "send", "--subject", "me", "--text", "x"},
           {"report", "send", "--subject", kid, "--text", "x", "--kind", "gossip"},
           {"report", "send", "--subject", kid, "--text", "x", "--about", "that"},
           {"report", "rule", "81ab", "--outcome", "upheld"},
           {"recall", "open", "09506000134352"},
           {"usage", "report", "--gtin", "09506000134352", "--lot", "A-1", "--kind", "used"},
           {"usage", "report", "--gtin", "09506000134352", "--lot", "A-1", "--kind", "eaten",
            "--count", "4"},
           {"usage", "report", "--gtin", "09506000134353", "--lot", "A-1", "--kind", "used",
            "--count", "4"},
           {"usage", "report", "--gtin", "09506000134352", "--lot", "A 1", "--kind", "used",
            "--count", "4"},
           {"usage", "report", "--gtin", "09506000134352", "--lot", "A-1", "--kind", "used",
            "--count", "0"},
           {"usage", "show", "09506000134352"},
           {"enrol", "device", "fridge-9", "--channel", "t:Cel:-2"},
           {"revoke"}}) {
    EXPECT_EQ(lotmark(words).exit, 2) << testing::PrintToString(words);
  }
}

TEST(EntryCommands, ARulingThatTheChainWouldRefuseIsRefusedInWords) {
  const auto rule = [](std::vector<std::string> more) {
    std::vector<std::string> words = {"report", "rule",      std::string(64, 'a'), "--text",
                                      "why",    "--control", "http://127.0.0.1:1"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  };
  EXPECT_THAT(rule({"--outcome", "upheld"}).err, HasSubstr("upheld needs a --penalty"));
  EXPECT_THAT(rule({"--outcome", "false"}).err, HasSubstr("false needs a --penalty"));
  EXPECT_THAT(rule({"--outcome", "dismissed", "--penalty", "warning"}).err,
              HasSubstr("dismissed has no --penalty"));
  EXPECT_THAT(rule({"--outcome", "upheld", "--penalty", "points"}).err,
              HasSubstr("--points N go together"));
  EXPECT_THAT(rule({"--outcome", "upheld", "--penalty", "warning", "--points", "3"}).err,
              HasSubstr("--points N go together"));
  const auto ran = rule({"--outcome", "false", "--penalty", "warning", "--reward", "3"});
  EXPECT_THAT(ran.err, HasSubstr("--reward is for a complaint that is upheld"));
  EXPECT_EQ(ran.exit, 2);
}

class SerialsFile : public testing::Test {
 protected:
  Ran report(const std::string& text, const std::vector<std::string>& more = {}) {
    std::ofstream(folder / "serials.txt") << text;
    std::vector<std::string> words = {
        "usage",  "report", "--gtin",    "09506000134352",       "--lot",     "A-1",
        "--kind", "used",   "--serials", folder / "serials.txt", "--profile", folder / "none.toml"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }
  ::lotmark::test::TempFolder folder;
};

TEST_F(SerialsFile, AFaultIsNamedWithItsLine) {
  EXPECT_THAT(report("A1\n\nA 2\n").err, HasSubstr("serials.txt, line 3: A 2 is no serial"));
  EXPECT_THAT(report("A2\r\nA1\r\nA2").err, HasSubstr("line 3: A2 is on line 1 too"));
  std::string many;
  for (int i = 0; i < 1001; ++i) many += std::to_string(i) + "\n";
  EXPECT_THAT(report(many).err, HasSubstr("line 1001: a report names at most 1000 serials"));
  EXPECT_THAT(report("").err, HasSubstr("--count N"));
  EXPECT_THAT(report("A1\nA2\n", {"--count", "1"}).err, HasSubstr("less than the 2 serials"));
}

TEST_F(SerialsFile, AGoodOneGetsAsFarAsTheProfile) {
  EXPECT_THAT(report("B1\nA1\n").err, HasSubstr("none.toml"));
}

TEST(EntryCommands, HelpHasExamples) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"revoke"},
                                             {"recall", "open"},
                                             {"recall", "close"},
                                             {"enrol", "device"},
                                             {"enrol", "start"},
                                             {"enrol", "operator"},
                                             {"tainted"},
                                             {"report", "send"},
                                             {"report", "rule"},
                                             {"report", "list"},
                                             {"usage", "report"},
                                             {"usage", "show"},
                                             {"mark"},
                                             {"marks"},
                                             {"submissions"},
                                             {"revocations"}}) {
    auto with_help = words;
    with_help.push_back("--help");
    EXPECT_THAT(lotmark(with_help).out, HasSubstr("Examples:")) << testing::PrintToString(words);
  }
}

}  // namespace
}  // namespace lotmark::cli::test
