// Help, versions, exit codes, completion, page.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using ::testing::HasSubstr;

const std::vector<std::vector<std::string>> kCommands = {{"ca", "init"},
                                                         {"ca", "issue"},
                                                         {"verify"},
                                                         {"item"},
                                                         {"audit"},
                                                         {"label"},
                                                         {"page"},
                                                         {"nginx"},
                                                         {"batch", "start"},
                                                         {"batch", "step"},
                                                         {"batch", "serials"},
                                                         {"batch", "apply"},
                                                         {"batch", "list"},
                                                         {"rewrap"},
                                                         {"review", "list"},
                                                         {"review", "show"},
                                                         {"review", "approve"},
                                                         {"review", "reject"},
                                                         {"chain", "show"},
                                                         {"status"},
                                                         {"receipt"},
                                                         {"completion", "bash"}};

TEST(App, EverySubcommandHelpsWithExamples) {
  for (auto command : kCommands) {
    command.push_back("--help");
    const Ran ran = lotmark(command);
    EXPECT_EQ(ran.exit, 0) << command[0];
    EXPECT_THAT(ran.out, HasSubstr("Examples:")) << command[0];
  }
}

TEST(App, VersionAndUsage) {
  EXPECT_THAT(lotmark({"--version"}).out, HasSubstr("lotmark 0."));
  EXPECT_EQ(lotmark({}).exit, 2);
  EXPECT_EQ(lotmark({"ca"}).exit, 2);
  EXPECT_EQ(lotmark({"no-such-thing"}).exit, 2);
  EXPECT_EQ(lotmark({"verify", "x", "--anchor", "y", "--colour"}).exit, 2);
}

TEST(App, UnknownWordsAreNamedBeforeWhatIsMissing) {
  EXPECT_THAT(lotmark({"nope"}).err, HasSubstr("nope"));
  EXPECT_THAT(lotmark({"--nope"}).err, HasSubstr("--nope"));
  EXPECT_THAT(lotmark({"verify", "--nope"}).err, HasSubstr("--nope"));
  EXPECT_THAT(lotmark({"batch", "nope"}).err, HasSubstr("nope"));
  EXPECT_EQ(lotmark({"batch", "nope"}).exit, 2);
  EXPECT_THAT(lotmark({"verify"}).err, HasSubstr("required"));
}

TEST(App, CompletionIsAScriptThatBashTakes) {
  const TempDir dir;
  const Ran ran = lotmark({"completion", "bash"});
  ASSERT_EQ(ran.exit, 0);
  write(dir / "c.bash", ran.out);
  const auto complete = [&](const std::string& words, int at) {
    return shell("bash -c 'source " + (dir / "c.bash") + "; COMP_WORDS=(" + words +
                 "); COMP_CWORD=" + std::to_string(at) + "; _lotmark; echo \"${COMPREPLY[@]}\"'")
        .out;
  };
  EXPECT_THAT(complete("lotmark re", 1), HasSubstr("review"));
  EXPECT_THAT(complete("lotmark review ap", 2), HasSubstr("approve"));
  EXPECT_THAT(complete("lotmark --json review approve --if", 4), HasSubstr("--if-clean"));
}

TEST(Audit, FilesThatAreNotThereAreAFailureAndNoVerdict) {
  const TempDir dir;
  const Ran ran = lotmark({"audit", "--private", dir / "p.db", "--chain", dir / "c.db", "--anchor",
                           consortium() / "c/anchor.cbor"});
  EXPECT_EQ(ran.exit, 1) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(dir / "p.db")) << "an audit makes no file";
  EXPECT_FALSE(std::filesystem::exists(dir / "c.db"));
}

TEST(Page, CopiesAssetsAndWritesTheAnchor) {
  const TempDir dir;
  std::filesystem::create_directories(dir / "assets/verifier");
  write(dir / "assets/index.html", "<p>");
  write(dir / "assets/verifier/check.js", "//");
  const std::vector<std::string> page = {
      "page",       "--anchor", consortium() / "c/anchor.cbor", "--assets", dir / "assets", "--out",
      dir / "site", "--origin", "https://api.example"};
  ASSERT_EQ(lotmark(page).exit, 0);
  EXPECT_EQ(read(dir / "site/verifier/check.js"), "//");
  const std::string script = read(dir / "site/anchor.js");
  EXPECT_THAT(script, HasSubstr("export const anchor = \"a400706c6f746d61726b2f616e63686f722f31"));
  EXPECT_THAT(script, HasSubstr("export const origin = \"https://api.example\";"));
  EXPECT_EQ(lotmark(page).exit, 1) << "the folder is not empty any more";
}

TEST(Page, RefusesWhatIsNoAnchor) {
  const TempDir dir;
  std::filesystem::create_directory(dir / "assets");
  write(dir / "bad", "\xa0");
  const Ran ran =
      lotmark({"page", "--anchor", dir / "bad", "--assets", dir / "assets", "--out", dir / "site"});
  EXPECT_EQ(ran.exit, 1);
  EXPECT_THAT(ran.err, HasSubstr(dir / "bad"));
  EXPECT_FALSE(std::filesystem::exists(dir / "site"));
}

}  // namespace
}  // namespace lotmark::cli::test
