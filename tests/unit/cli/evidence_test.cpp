// `lotmark evidence verify`: words and exit codes, and every vector by the real program, as a fresh process with no
// environment in a folder that holds nothing but the two files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/cli/run.h"
#include "tests/unit/evidence_vectors.h"

namespace lotmark::cli::test {
namespace {

using lotmark::test::EvidenceVector;
using ::testing::HasSubstr;

EvidenceVector vector_named(const std::string& name) {
  for (auto& v : lotmark::test::evidence_vectors()) {
    if (v.name == name) return v;
  }
  ADD_FAILURE() << "no vector " << name;
  return {};
}

class EvidenceCommand : public ::testing::Test {
 protected:
  void put(const EvidenceVector& v) {
    write(dir_ / "evidence", std::string(as_text(v.file)));
    write(dir_ / "anchor.cbor", std::string(as_text(v.anchor)));
  }
  Ran verify(std::vector<std::string> more = {}) {
    std::vector<std::string> all = {"evidence", "verify", dir_ / "evidence", "--anchor",
                                    dir_ / "anchor.cbor"};
    all.insert(all.end(), more.begin(), more.end());
    return lotmark(all);
  }
  TempDir dir_;
};

TEST_F(EvidenceCommand, ProvenSaysWhoDidWhatAndWhatIsNotProven) {
  const auto v = vector_named("block-fork: two blocks of one number and term");
  put(v);
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "proven: block-fork");
  EXPECT_THAT(ran.out, HasSubstr("The supervising member agency (key "
                                 "76f29e089a342732af32bc74c9580108) signed two blocks with number "
                                 "5 in term 2: "));
  for (const auto& id : v.expected["objects"]) {
    EXPECT_THAT(ran.out, HasSubstr(id.get<std::string>()));
  }
  EXPECT_THAT(ran.out, HasSubstr("What this does not prove:"));
  EXPECT_THAT(ran.out, HasSubstr("a stolen key signs the same"));
  EXPECT_EQ(verify({"--field", "by.organisation"}).out, "agency\n");
}

TEST_F(EvidenceCommand, AComplaintNamesNoFileThatProvesNothing) {
  put(vector_named("block-fork: two blocks of one number and term"));
  const auto send = [&](const std::string& anchor) {
    return lotmark({"--control", "http://127.0.0.1:9", "--node-kid", std::string(32, 'a'), "--key",
                    consortium() / "c/operators/mei/record.key", "--anchor", anchor, "report",
                    "send", "--subject", std::string(32, 'b'), "--text", "x", "--evidence",
                    dir_ / "evidence"});
  };
  const Ran other = send(consortium() / "c/anchor.cbor");
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("evidence proves nothing here"));
  EXPECT_THAT(send(dir_ / "anchor.cbor").err, HasSubstr("network"));
}

TEST_F(EvidenceCommand, ADeviceIsNamedWithItsEnroller) {
  put(vector_named("bundle-fork: of a device enrolled in the file"));
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, 0);
  EXPECT_THAT(ran.out, HasSubstr("The device fridge-9 of maker"));
  EXPECT_THAT(ran.out, HasSubstr("enrolled by    578389ed419f0d31d524404db4d7b067"));
  EXPECT_THAT(ran.out, HasSubstr("That the enrolment stands on the chain is not shown"));
}

TEST_F(EvidenceCommand, NotProvenNamesTheCheckAndEndsWithOne) {
  put(vector_named("vote-inconsistent: one root at two times"));
  const Ran ran = verify();
  EXPECT_EQ(ran.exit, 1);
  EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')), "not-proven: vote-inconsistent");
  EXPECT_THAT(ran.out, HasSubstr("\"contradiction\" does not hold: list-duplicate"));
  EXPECT_THAT(ran.out, HasSubstr("Nothing was proved, for or against."));
}

TEST_F(EvidenceCommand, UnreadableAndMissingFilesEndWithThree) {
  put(vector_named("block-fork: trailing byte"));
  EXPECT_EQ(verify().exit, 3);
  std::filesystem::remove(dir_ / "evidence");
  EXPECT_EQ(verify().exit, 3);
  EXPECT_THAT(verify().err, HasSubstr("cannot be opened"));
}

TEST_F(EvidenceCommand, UsageEndsWithTwo) {
  put(vector_named("block-fork: two blocks of one number and term"));
  EXPECT_EQ(lotmark({"evidence", "verify", dir_ / "evidence"}).exit, 2);
  EXPECT_EQ(lotmark({"evidence"}).exit, 2);
  EXPECT_EQ(lotmark({"evidence", "judge"}).exit, 2);
  EXPECT_EQ(verify({"--field", "no.such"}).exit, 2);
}

TEST_F(EvidenceCommand, CompletionKnowsIt) {
  const Ran ran = lotmark({"completion", "bash"});
  EXPECT_THAT(ran.out, HasSubstr("'evidence verify') words='"));
}

TEST_F(EvidenceCommand, EveryVectorByAFreshProcessInAFolderOfItsOwn) {
  const std::filesystem::path program = LOTMARK_BIN_DIR "/lotmark";
  ASSERT_TRUE(std::filesystem::exists(program));
  for (const auto& v : lotmark::test::evidence_vectors()) {
    put(v);
    const Ran ran = shell("cd " + dir_.path().string() + " && env -i " + program.string() +
                          " evidence verify evidence --anchor anchor.cbor --json");
    const auto outcome = v.expected["outcome"];
    EXPECT_EQ(ran.exit, outcome == "proven" ? 0 : outcome == "not-proven" ? 1 : 3) << v.name;
    auto j = nlohmann::json::parse(ran.out);
    j.erase("said");
    j.erase("why");
    EXPECT_EQ(j, v.expected) << v.name;
    const auto files = std::filesystem::directory_iterator(dir_.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 2) << "nothing is left behind";
  }
}

}  // namespace
}  // namespace lotmark::cli::test
