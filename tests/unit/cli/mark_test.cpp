// `lotmark mark`: what is refused before anybody is asked, and marks that are signed to a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "cli/files.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/wire/usage.h"
#include "ledger-node/peer/call.h"
#include "tests/must.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::lotmark::test::must;
using testing::HasSubstr;

class MarkCommand : public testing::Test {
 protected:
  MarkCommand() {
    must(write_file(folder / "anchor.cbor", c.anchor));
    must(write_key_file(folder / "shop.pem", key));
    std::ofstream(folder / "lotmark.toml")
        << "control = \"http://127.0.0.1:1\"\nnode = \"" << to_hex(c.west.kid())
        << "\"\nkey = \"shop.pem\"\nanchor = \"anchor.cbor\"\n";
  }
  Ran mark(std::vector<std::string> more) {
    std::vector<std::string> words = {"mark", "--profile", folder / "lotmark.toml"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }
  // Of the lot A-1, sold.
  Ran sold(std::vector<std::string> more) {
    std::vector<std::string> words = {"--gtin", "6901234567892", "--lot", "A-1", "--kind", "sold"};
    words.insert(words.end(), more.begin(), more.end());
    return mark(std::move(words));
  }
  std::vector<Signed<Mark>> in_file(const std::string& name) {
    std::vector<Signed<Mark>> out;
    for (const auto& m : must(node::decode_list(must(read_file(folder / name)), 100'000)))
      out.push_back(must(open<Mark>(m, c.chain)));
    return out;
  }

  ::lotmark::test::Consortium c{{.agency = true}};
  ::lotmark::test::TempFolder folder;
  Scalar key = new_scalar();
  std::unique_ptr<Signer> shop = must(signer_openssl(key.view()));
};

TEST_F(MarkCommand, WhatItCannotSayIsAFaultOfTheCommandLine) {
  EXPECT_THAT(sold({}).err, HasSubstr("how many"));
  EXPECT_THAT(sold({"--serial", "1", "--count", "4"}).err, HasSubstr("how many"));
  EXPECT_THAT(sold({"--serial", "a b"}).err, HasSubstr("a b is no serial"));
  EXPECT_THAT(sold({"--serial", "1", "--serial", "1"}).err, HasSubstr("there twice"));
  EXPECT_THAT(sold({"--serial", "1", "--time", "yesterday"}).err, HasSubstr("--time"));
  EXPECT_THAT(
      mark({"--gtin", "6901234567893", "--lot", "A-1", "--kind", "sold", "--count", "1"}).err,
      HasSubstr("no GTIN"));
  EXPECT_THAT(
      mark({"--gtin", "6901234567892", "--lot", "A-1", "--kind", "lost", "--count", "1"}).err,
      HasSubstr("used, sold, destroyed"));
  EXPECT_THAT(sold({"--serial", "1", "--from", "x"}).err, HasSubstr("nothing else goes with it"));
  EXPECT_EQ(sold({}).exit, 2);
  EXPECT_EQ(lotmark({"marks", "06901234567892"}).exit, 2);
  EXPECT_EQ(lotmark({"marks", "--serial", "1"}).exit, 2);
}

TEST_F(MarkCommand, SignedMarksStandInAFileEachUnitOnce) {
  std::ofstream(folder / "serials.txt") << "S-2\nS-1\n";
  const auto ran = sold({"--serial", "S-1", "--serial", "S-3", "--serials", folder / "serials.txt",
                         "--time", "2026-01-05T08:00Z", "--out", folder / "day.marks"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const auto marks = in_file("day.marks");
  ASSERT_EQ(marks.size(), 3u);
  std::set<Nonce> nonces;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    EXPECT_EQ(marks[i].body.serial, "S-" + std::to_string(i + 1));
    EXPECT_EQ(marks[i].body.gtin, ::lotmark::test::Consortium::gtin());
    EXPECT_EQ(marks[i].body.time, 1767600000000u);
    EXPECT_TRUE(marks[i].verified_by(shop->public_key()));
    nonces.insert(marks[i].body.nonce);
  }
  EXPECT_EQ(nonces.size(), 3u);
  EXPECT_NE(sold({"--count", "4", "--out", folder / "day.marks"}).exit, 0) << "it is there already";
}

TEST_F(MarkCommand, SigningToAFileNeedsAKeyAndAnAnchorAndNoNode) {
  std::ofstream(folder / "none.toml") << "";
  std::vector<std::string> words = {
      "mark",   "--profile", folder / "none.toml", "--gtin", "6901234567892", "--lot", "A-1",
      "--kind", "sold",      "--serial",           "S-1"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), words.begin(), words.end());
    return lotmark(more);
  };
  const auto nothing = with({"--out", folder / "day.marks"});
  EXPECT_EQ(nothing.exit, 2);
  EXPECT_THAT(nothing.err, AllOf(HasSubstr("--key"), HasSubstr("--anchor"),
                                 Not(HasSubstr("--control")), Not(HasSubstr("--node-kid"))));
  const std::vector<std::string> own = {"--key", folder / "shop.pem", "--anchor",
                                        folder / "anchor.cbor"};
  const auto unsent = with(own);
  EXPECT_EQ(unsent.exit, 2) << "bringing them needs a node";
  EXPECT_THAT(unsent.err, AllOf(HasSubstr("--control"), HasSubstr("--node-kid")));
  words.insert(words.end(), own.begin(), own.end());
  const auto ran = with({"--out", folder / "day.marks"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const auto marks = in_file("day.marks");
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_TRUE(marks[0].verified_by(shop->public_key()));
}

TEST_F(MarkCommand, UnitsWithoutSerialsAreOneMark) {
  ASSERT_EQ(sold({"--count", "40", "--out", folder / "day.marks"}).exit, 0);
  const auto marks = in_file("day.marks");
  ASSERT_EQ(marks.size(), 1u);
  EXPECT_EQ(marks[0].body.count, 40u);
  EXPECT_FALSE(marks[0].body.serial);
  const auto ran = mark({"--from", folder / "day.marks"});
  EXPECT_EQ(ran.exit, 1) << "nobody is there";
  EXPECT_THAT(ran.err, HasSubstr("network"));
  std::ofstream(folder / "other") << "no marks";
  EXPECT_THAT(mark({"--from", folder / "other"}).err, HasSubstr("is no file of marks"));
}

}  // namespace
}  // namespace lotmark::cli::test
