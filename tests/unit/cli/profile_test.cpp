// Profiles, and what is said when a node cannot be reached.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/node/profile.h"
#include "core/base/hex.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

std::string profile() { return consortium() / "c/operators/mei/lotmark.toml"; }

TEST(Profile, OfCaInitOpensRelativeToItsOwnFolder) {
  ProfileChoice choice;
  choice.file = profile();
  const auto opened = open_profile(choice);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(opened->control, "http://127.0.0.1:7501");
  std::string fingerprint = read(consortium() / "c/fingerprint.txt");
  std::erase_if(fingerprint, [](char c) { return c == ' ' || c == '\n'; });
  EXPECT_EQ(to_hex(opened->chain), fingerprint);
}

TEST(Profile, CommandLineGoesBeforeTheFile) {
  ProfileChoice choice;
  choice.file = profile();
  choice.control = "http://127.0.0.1:1";
  const auto opened = open_profile(choice);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->control, "http://127.0.0.1:1");
}

TEST(Profile, EverythingThatIsMissingIsNamed) {
  const TempDir dir;
  write(dir / "p.toml", "nod = \"x\"\n");
  EXPECT_THAT(lotmark({"--profile", dir / "p.toml", "status"}).err,
              HasSubstr("p.toml:1: nod: is no key known here"));
  write(dir / "p.toml", "\n");
  const Ran ran = lotmark({"--profile", dir / "p.toml", "status"});
  EXPECT_EQ(ran.exit, 2);
  for (const char* option : {"--control", "--node-kid", "--key", "--anchor"}) {
    EXPECT_THAT(ran.err, HasSubstr(option));
  }
}

TEST(Profile, WithoutAFileAllIsGivenByOptions) {
  const Ran ran = lotmark({"--control", "http://127.0.0.1:9", "--node-kid", std::string(32, 'a'),
                           "--key", consortium() / "c/operators/mei/record.key", "--anchor",
                           consortium() / "c/anchor.cbor", "status"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("network")) << ran.err;
}

TEST(Profile, KeyThatOthersMayReadIsRefused) {
  const TempDir dir;
  const std::string key = dir / "record.key";
  std::filesystem::copy(consortium() / "c/operators/mei/record.key", key);
  std::filesystem::permissions(key, std::filesystem::perms(0644));
  const Ran ran = lotmark({"--profile", profile(), "--key", key, "status"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("denied"));
}

TEST(Profile, NodeThatDoesNotAnswerFails) {
  const Ran ran = lotmark({"--profile", profile(), "--control", "http://127.0.0.1:9", "status"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr("network"));
}

}  // namespace
}  // namespace lotmark::cli::test
