// [sealing] of node.toml.
#include <gtest/gtest.h>

#include <fstream>

#include "core/base/hex.h"
#include "core/sealed/keys.h"
#include "core/wire/values.h"
#include "tests/must.h"
#include "tests/unit/node/node_toml.h"

namespace lotmark::node {
namespace {

using lotmark::test::must;

class SealingSection : public testing::Test {
 protected:
  std::string point() const {
    Scalar scalar;
    scalar.data()[31] = 7;
    return to_hex(must(sealed::OpeningKey::from(scalar)).public_key());
  }
  std::string reader(const std::string& more) const {
    return "[sealing]\nkey = \"opening.key\"\n[[sealing.readers]]\nname = \"east\"\n" + more;
  }
  std::string fault(const std::string& sealing) const { return toml.fault(sealing); }
  test::NodeToml toml;
};

TEST_F(SealingSection, IsNotThereByDefault) { EXPECT_FALSE(must(toml.with("")).sealing); }

TEST_F(SealingSection, NamesTheOwnKeyAndReaders) {
  const auto c = must(toml.with(reader("key = \"" + point() +
                                       "\"\nmember = \"000102030405060708090a0b0c0d0e0f\"\n"
                                       "segments = \"partner\"\nuntil = \"2028-12-31\"\n")));
  ASSERT_TRUE(c.sealing);
  EXPECT_EQ(c.sealing->key, toml / "opening.key");
  ASSERT_EQ(c.sealing->readers.size(), 1u);
  const auto& r = c.sealing->readers[0];
  EXPECT_EQ(r.name, "east");
  EXPECT_EQ(to_hex(r.key), point());
  EXPECT_TRUE(r.partner);
  EXPECT_FALSE(r.regulator);
  EXPECT_EQ(to_hex(*r.member), "000102030405060708090a0b0c0d0e0f");
  EXPECT_EQ(r.until, unix_ms(expired_from(Expiry{20281231})));
}

TEST_F(SealingSection, AReadersKeyMayStandInAFile) {
  std::ofstream(toml / "east.pub") << point() << "\n";
  EXPECT_EQ(to_hex(must(toml.with(reader("key = \"east.pub\""))).sealing->readers[0].key), point());
}

TEST_F(SealingSection, IsPrintedAsItIsRead) {
  const auto c = must(toml.with(reader("key = \"" + point() + "\"\nuntil = \"2028-12-31\"\n")));
  const std::string printed = print_config(c);
  const auto begin = printed.find("[sealing]");
  ASSERT_NE(begin, std::string::npos);
  const auto again = must(toml.with(printed.substr(begin, printed.find("[[peers]]") - begin)));
  EXPECT_EQ(again.sealing->key, c.sealing->key);
  EXPECT_EQ(again.sealing->readers[0].key, c.sealing->readers[0].key);
  EXPECT_EQ(again.sealing->readers[0].until, c.sealing->readers[0].until);
}

TEST_F(SealingSection, NamesWhoMayRewrapAndNobodyByDefault) {
  EXPECT_TRUE(must(toml.with("[sealing]\nkey = \"k\"\n")).sealing->rewrappers.empty());
  const auto c = must(toml.with("[sealing]\nkey = \"k\"\nrewrappers = [\"qa-1\", \"qa-2\"]\n"));
  EXPECT_EQ(c.sealing->rewrappers, (std::vector<std::string>{"qa-1", "qa-2"}));
  const auto printed = print_sealing(*c.sealing);
  EXPECT_EQ(must(toml.with(printed)).sealing->rewrappers, c.sealing->rewrappers);
  EXPECT_NE(fault("[sealing]\nkey = \"k\"\nrewrappers = \"qa-1\"\n").find("sealing.rewrappers"),
            std::string::npos);
}

TEST_F(SealingSection, FaultsNameLineAndKey) {
  EXPECT_NE(fault("[sealing]\n").find(":15: sealing.key: is missing"), std::string::npos)
      << fault("[sealing]\n");
  EXPECT_NE(fault("[sealing]\nkey = \"k\"\nkeys = 1\n").find("sealing.keys: unknown key"),
            std::string::npos);
  EXPECT_NE(fault(reader("key = \"nowhere.pub\"")).find("sealing.readers.key"), std::string::npos);
  EXPECT_NE(fault(reader("key = \"04" + std::string(128, '1') + "\"")).find("sealing.readers.key"),
            std::string::npos)
      << "no point of the curve";
  const std::string key = "key = \"" + point() + "\"\n";
  EXPECT_NE(fault(reader(key + "segments = \"public\"")).find("sealing.readers.segments"),
            std::string::npos);
  EXPECT_NE(fault(reader(key + "segments = []")).find("must name one"), std::string::npos);
  EXPECT_NE(fault(reader(key + "until = \"2028-02-30\"")).find("sealing.readers.until"),
            std::string::npos);
  EXPECT_NE(fault(reader(key + "member = \"me\"")).find("sealing.readers.member"),
            std::string::npos);
}

}  // namespace
}  // namespace lotmark::node
