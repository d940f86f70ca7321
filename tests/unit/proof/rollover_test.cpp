// Links from one root key to the next: tests/vectors/rollover, made from the format's page alone.
#include <gtest/gtest.h>

#include <fstream>

#include "core/proof/proposal.h"
#include "tests/scenario/consortium.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::proof {
namespace {

nlohmann::json cases() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/rollover/cases.json");
  return nlohmann::json::parse(in)["cases"];
}

Result<Statements> followed(const nlohmann::json& c) {
  LM_ASSIGN(auto anchor, read_anchor(test::hex(c["anchor"])));
  if (!c["rollover"].is_null()) {
    LM_ASSIGN(auto file, read_rollover(test::hex(c["rollover"])));
    for (auto& link : file.links) anchor.links.push_back(std::move(link));
  }
  return Statements::from_anchor(anchor);
}

std::string word(const nlohmann::json& j) { return j.is_null() ? "fine" : j.get<std::string>(); }
std::string word(const Status& s) { return s ? "fine" : std::string(name(s.code())); }

TEST(Rollover, EachCaseEndsAsItsMakerSays) {
  const auto all = cases();
  ASSERT_GT(all.size(), 20u);
  for (const auto& c : all) {
    SCOPED_TRACE(c["name"].get<std::string>());
    auto statements = followed(c);
    EXPECT_EQ(word(statements ? Status() : Status(statements.error())), word(c["error"]));
    if (!statements) continue;
    for (const auto& s : c["statements"])
      EXPECT_EQ(word(statements->append(test::hex(s["object"]))), word(s["error"]));
  }
}

TEST(Rollover, AnchorThatPinsLinksEncodesToTheSameBytes) {
  for (const auto& c : cases()) {
    const Bytes bytes = test::hex(c["anchor"]);
    const auto anchor = read_anchor(bytes);
    if (anchor) {
      EXPECT_EQ(encode_anchor(*anchor), bytes) << c["name"];
    }
  }
}

// ---- proposals -----------------------------------------------------------------------------------

test::ConsortiumOptions with_later(std::size_t all, std::size_t later) {
  test::ConsortiumOptions o;
  o.supervisors = all;
  o.later = later;
  return o;
}

class Proposals : public testing::Test {
 protected:
  Membership next() const {
    Membership m = held.newest();
    ++m.epoch;
    m.enrolments.clear();
    return m;
  }
  void remove(Membership& m, std::size_t i) const {
    std::erase_if(m.members, [&](const Member& x) { return x.kid == c.supervisors[i].kid(); });
  }
  void add(Membership& m, std::size_t i) const {
    m.members.push_back(c.supervisor(i));
    std::ranges::sort(m.members, {}, &Member::kid);
  }
  Errc judged(const Membership& m) const { return read_draft(draft_of(m), held).code(); }

  test::Consortium c{with_later(5, 2)};
  Statements held = *Statements::from_genesis(c.genesis, c.root.key());
};

TEST_F(Proposals, OneSupervisorMoreOrLessIsASafeStep) {
  Membership more = next();
  add(more, 3);
  more.quorum = 3;
  EXPECT_EQ(judged(more), Errc::kOk);
  Membership less = next();
  remove(less, 2);
  EXPECT_EQ(judged(less), Errc::kOk);
}

TEST_F(Proposals, StepsWhoseQuorumsNeedNotMeetAreRefused) {
  Membership replaced = next();
  remove(replaced, 2);
  add(replaced, 3);
  EXPECT_EQ(judged(replaced), Errc::kConflict);
  replaced.quorum = 3;  // all three new ones: two of them were there before
  EXPECT_EQ(judged(replaced), Errc::kOk);
  Membership two = next();
  add(two, 3);
  add(two, 4);
  two.quorum = 3;
  EXPECT_EQ(judged(two), Errc::kConflict);
}

TEST_F(Proposals, DraftWithAPlaceOrOfAnotherEpochIsNone) {
  Membership m = next();
  m.quorum = 3;
  EXPECT_EQ(read_draft(placed_payload(m, 7, Digest{{1}}), held).code(), Errc::kStatementFirst);
  ++m.epoch;
  EXPECT_EQ(judged(m), Errc::kStatementEpoch);
}

TEST_F(Proposals, PlacedStatementTakesTheRootsAndMembersSignaturesAlone) {
  Membership m = next();
  m.quorum = 3;
  PartlySigned s;
  s.payload = placed_payload(m, 7, Digest{{1}});
  for (const test::Party* p : {&c.root, &c.supervisors[0], &c.supervisors[1]}) {
    const auto sealed = seal_statement_signature(s.payload, *p->signer, &c.chain);
    s.signatures[p->kid()] = sealed->bytes;
  }
  const auto read = read_partly_signed(encode_partly_signed(s), held);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_TRUE(read->by_root);
  EXPECT_EQ(read->members, 2u);
  EXPECT_EQ(change_of(read->body), change_of(m));
  Statements grown = held;
  EXPECT_TRUE(grown.append(encode_partly_signed(*read)));
  const auto foreign = seal_statement_signature(s.payload, *c.enterprise.signer, &c.chain);
  s.signatures[c.enterprise.kid()] = foreign->bytes;
  EXPECT_EQ(read_partly_signed(encode_partly_signed(s), held).code(), Errc::kStatementSigner);
}

}  // namespace
}  // namespace lotmark::proof
