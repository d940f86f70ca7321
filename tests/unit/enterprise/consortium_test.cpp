// The fixture itself: what it makes is what the rest of the code accepts.
#include <gtest/gtest.h>

#include <set>

#include "core/proof/statements.h"
#include "core/wire/bundle_wire.h"
#include "tests/scenario/device_maker.h"

namespace lotmark::test {
namespace {

TEST(Consortium, AnchorAndGenesisAreAccepted) {
  const Consortium c;
  auto anchor = read_anchor(c.anchor);
  ASSERT_TRUE(anchor);
  auto statements = proof::Statements::from_anchor(*anchor);
  ASSERT_TRUE(statements) << statements.error().message();
  EXPECT_EQ(statements->chain(), c.chain);
  EXPECT_EQ(statements->newest().quorum, 2u);
  ASSERT_NE(statements->newest().programme("vaccines"), nullptr);
  EXPECT_TRUE(read_line_file(c.line_bytes));
}

TEST(Consortium, KeysNeverChangeAndAreAllDifferent) {
  const Consortium a;
  const Consortium b;
  EXPECT_EQ(a.enterprise.kid(), b.enterprise.kid());
  std::set<KeyId> kids;
  for (const Party* p :
       {&a.root, &a.enterprise, &a.east, &a.west, &a.starter, &a.fridge, &a.room, &a.qa, &a.packer,
        &a.examiner, &a.examiner_west, &a.regulator, &a.stranger}) {
    kids.insert(p->kid());
  }
  for (const auto& s : a.supervisors) kids.insert(s.kid());
  EXPECT_EQ(kids.size(), 16u);
}

TEST(Consortium, BundlesOpenAndFollowOneAnother) {
  const Consortium c;
  DeviceMaker fridge(c.fridge, c.chain);
  const auto wires = fridge.run(c.options.begin + Millis{1800000},
                                c.options.begin + Millis{9000000}, 60000, {cold_channel()});
  ASSERT_EQ(wires.size(), 3u);  // cut at every hour
  std::optional<Digest> prev;
  for (const auto& w : wires) {
    auto opened = open_wire(w, c.chain, [&](const auto& b) {
      return b.verified_by(c.fridge.key()) ? Errc::kOk : Errc::kCoseSignature;
    });
    ASSERT_TRUE(opened) << opened.error().message();
    EXPECT_EQ(opened->bundle.body.prev, prev);
    prev = opened->bundle.id;
  }
}

}  // namespace
}  // namespace lotmark::test
