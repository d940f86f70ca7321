// `lotmark member` and `lotmark root` on files alone: what a change makes of a statement, who may sign it, which links are made.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/app.h"
#include "cli/files.h"
#include "cli/member/change.h"
#include "cli/member/proposal_file.h"
#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "tests/scenario/consortium.h"

namespace lotmark::cli {
namespace {

namespace fs = std::filesystem;

test::ConsortiumOptions with_later(std::size_t all, std::size_t later) {
  test::ConsortiumOptions o;
  o.supervisors = all;
  o.later = later;
  return o;
}

class Members : public testing::Test {
 protected:
  Members() {
    fs::remove_all(dir);
    fs::create_directories(dir);
    EXPECT_TRUE(write_file(dir / "anchor.cbor", c.anchor));
    key("root", 1);
    key("sup", test::Consortium::supervisor_scalar(0));
    key("stranger", 99);
  }
  ~Members() override { fs::remove_all(dir); }

  void key(const std::string& name, std::uint8_t scalar) const {
    Scalar s;
    const auto bytes = test::party_scalar(scalar);
    std::copy(bytes.begin(), bytes.end(), s.data());
    EXPECT_TRUE(write_key_file(dir / (name + ".key"), s));
  }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(dir / name) << text;
    return (dir / name).string();
  }
  std::string member_file(std::size_t i) const {
    return file("new.toml", "public_key = \"" + to_hex(c.supervisors[i].key()) +
                                "\"\nroles = [\"supervising\"]\norganisation = \"prov-4\"\n");
  }
  Result<Membership> after(const ChangeArguments& change) const {
    return changed(held.newest(), change);
  }
  // A proposal to add prov-4, as `propose` and `hold` would leave it.
  std::string proposal(bool placed) const {
    ChangeArguments change;
    change.add = {member_file(3)};
    change.quorum = 3;
    const Membership next = *after(change);
    Proposal p;
    p.chain = c.chain;
    p.draft = proof::draft_of(next);
    if (placed) {
      proof::PartlySigned s;
      s.payload = proof::placed_payload(next, 7, Digest{{7}});
      p.placed = {proof::encode_partly_signed(s)};
    }
    EXPECT_TRUE(save_proposal((dir / "a.proposal").string(), p, true));
    return (dir / "a.proposal").string();
  }
  // Exit code, and both outputs.
  std::pair<int, std::string> lotmark(std::vector<std::string> words) const {
    std::ostringstream out;
    const int exit = run(words, out, out, {});
    return {exit, out.str()};
  }
  std::pair<int, std::string> sign(const std::string& proposal, const std::string& key) const {
    return lotmark({"member", "sign", proposal, "--signing-key", (dir / (key + ".key")).string(),
                    "--anchor", (dir / "anchor.cbor").string()});
  }

  const fs::path dir = fs::temp_directory_path() / ("member_test-" + std::to_string(::getpid()));
  test::Consortium c{with_later(4, 1)};
  proof::Statements held = *proof::Statements::from_genesis(c.genesis, c.root.key());
};

TEST_F(Members, ChangeNamesWhatDiffers) {
  ChangeArguments change;
  change.add = {member_file(3)};
  change.remove = {"prov-1"};
  change.quorum = 2;
  const auto next = after(change);
  ASSERT_TRUE(next) << next.error().message();
  EXPECT_EQ(next->epoch, 1u);
  const auto lines = differences(held.newest(), *next);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_TRUE(lines[0].starts_with("- member prov-1 (supervising) "));
  EXPECT_TRUE(lines[1].starts_with("+ member prov-4 (supervising) "));
}

TEST_F(Members, AQuorumThatCannotBeIsRefusedInWords) {
  ChangeArguments change;
  for (const std::uint64_t quorum : {1u, 4u}) {
    change.quorum = quorum;
    const auto next = after(change);
    EXPECT_EQ(next.code(), Errc::kStatementQuorum);
    EXPECT_NE(next.error().text.find("of 3 supervising members"), std::string::npos);
  }
}

TEST_F(Members, RenewedKeyKeepsAllElse) {
  ChangeArguments change;
  change.renew = {"drug-west=" +
                  file("k.toml", "public_key = \"" + to_hex(c.stranger.key()) + "\"\n")};
  const auto next = after(change);
  ASSERT_TRUE(next) << next.error().message();
  const Member* m = next->find(c.stranger.kid());
  ASSERT_NE(m, nullptr);
  EXPECT_EQ(m->organisation, "drug-west");
  EXPECT_EQ(m->products, std::vector<std::string>{"vaccines"});
  EXPECT_EQ(next->find(c.west.kid()), nullptr);
}

TEST_F(Members, AllFaultsOfAMembersFileAreNamed) {
  ChangeArguments change;
  change.add = {file("bad.toml", "roles = [\"king\"]\ncolour = 1\n")};
  const auto next = after(change);
  ASSERT_FALSE(next);
  for (const char* word : {"bad.toml:1: roles", "bad.toml:2: colour", "public_key", "organisation"})
    EXPECT_NE(next.error().text.find(word), std::string::npos) << next.error().text;
}

TEST_F(Members, RootAndMemberSignAPlacedProposalAndAStrangerDoesNot) {
  const std::string p = proposal(true);
  EXPECT_EQ(sign(p, "root").first, 0);
  EXPECT_EQ(sign(p, "sup").first, 0);
  const auto [exit, said] = sign(p, "stranger");
  EXPECT_EQ(exit, 1);
  EXPECT_NE(said.find("statement-signer: "), std::string::npos) << said;
  EXPECT_NE(said.find("stranger.key is neither the root key of epoch 1"), std::string::npos)
      << said;
  const auto [shown, text] =
      lotmark({"member", "show", p, "--anchor", (dir / "anchor.cbor").string()});
  EXPECT_EQ(shown, 0);
  EXPECT_NE(text.find("signed by the root key and 1 members"), std::string::npos) << text;
}

TEST_F(Members, ProposalWithoutAPlaceCannotBeSignedOffline) {
  const auto [exit, said] = sign(proposal(false), "root");
  EXPECT_EQ(exit, 1);
  EXPECT_NE(said.find("no place yet"), std::string::npos) << said;
}

TEST_F(Members, LinkIsMadePinnedAndNotMadeByAnotherKey) {
  const auto roll = [&](const std::string& key, const std::string& out) {
    return lotmark({"root", "roll", "--root-key", (dir / (key + ".key")).string(), "--to",
                    to_hex(c.stranger.key()), "--first", "2", "--anchor",
                    (dir / "anchor.cbor").string(), "--out", (dir / out).string()});
  };
  const auto [other, said] = roll("sup", "no.cbor");
  EXPECT_EQ(other, 1);
  EXPECT_NE(said.find("sup.key is not the root key in force"), std::string::npos) << said;
  EXPECT_FALSE(fs::exists(dir / "no.cbor"));
  EXPECT_EQ(roll("root", "roll.cbor").first, 0);
  EXPECT_EQ(lotmark({"root", "pin", "--anchor", (dir / "anchor.cbor").string(), "--rollover",
                     (dir / "roll.cbor").string(), "--out", (dir / "anchor-2.cbor").string()})
                .first,
            0);
  const auto bytes = read_file(dir / "anchor-2.cbor");
  const auto anchor = read_anchor(*bytes);
  ASSERT_TRUE(anchor);
  const auto statements = proof::Statements::from_anchor(*anchor);
  ASSERT_TRUE(statements);
  EXPECT_EQ(statements->root_key_of(1), c.root.key());
  EXPECT_EQ(statements->root_key_of(2), c.stranger.key());
}

}  // namespace
}  // namespace lotmark::cli
