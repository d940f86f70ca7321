// What is kept of evidence, how often, and what is not.
#include "core/proof/evidence_writer.h"
#include "core/wire/cbor_reader.h"
#include "ledger-node/evidence/evidence_store.h"
#include "tests/scenario/device_maker.h"
#include "tests/unit/chain/chain_fixture.h"

namespace lotmark::node {
namespace {

class Keeping : public chain::ChainTest {
 protected:
  EvidenceStore store = *EvidenceStore::open(folder / "", c.anchor);
  // Each time another pair of blocks.
  Bytes fork() {
    test::BlockMaker other = maker;
    const Bytes a = maker.period_block();
    c.clock.advance(Millis{1});
    return *proof::make_block_fork(a, other.period_block(), {});
  }
  Result<bool> keep(const Bytes& file) { return store.keep(file, {}, c.clock.now()); }
};

TEST_F(Keeping, TheSameAccusationIsKeptOnce) {
  const Bytes file = fork();
  EXPECT_TRUE(*keep(file));
  EXPECT_FALSE(*keep(file));
  EXPECT_EQ(store.size(), 1u);
  EXPECT_TRUE(store.against(c.supervisors[0].kid(), EvidenceKind::kBlockFork));
  EXPECT_FALSE(store.against(c.supervisors[0].kid(), EvidenceKind::kTurnFork));
  EXPECT_FALSE(store.against(c.supervisors[1].kid(), EvidenceKind::kBlockFork));
}

TEST_F(Keeping, NoSingleChangedByteIsKept) {
  const Bytes file = fork();
  for (std::size_t i = 0; i < file.size(); i += 3) {
    Bytes bad = file;
    bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1);
    EXPECT_FALSE(keep(bad)) << i;
  }
  EXPECT_EQ(store.size(), 0u);
}

TEST_F(Keeping, OneCulpritCannotFillIt) {
  for (std::uint64_t i = 0; i < EvidenceStore::kFilesOfOne; ++i) EXPECT_TRUE(*keep(fork()));
  EXPECT_EQ(keep(fork()).code(), Errc::kTooLarge);
  EXPECT_EQ(store.turned_away(), 1u);
  EXPECT_EQ(store.size(), EvidenceStore::kFilesOfOne);
}

// An enterprise enrols as many devices as it likes, and each may sign two bundles.
TEST_F(Keeping, OneEnterprisesDevicesCannotFillIt) {
  const auto device_fork = [&](std::uint8_t device, const test::Party& enroller) {
    const auto party = test::make_party("d", enroller.organisation, device);
    Enrolment e;
    e.public_key = party.key();
    e.name = "d-" + std::to_string(device);
    e.organisation = enroller.organisation;
    const auto bundle = [&](std::int64_t value) {
      test::DeviceMaker maker(party, c.chain);
      test::ChannelPlan plan = test::cold_channel();
      plan.value = [value](std::uint64_t) { return value; };
      const Bytes wire =
          maker.run(c.clock.now(), c.clock.now() + Millis{60'000}, 60'000, {plan}).at(0);
      const auto doc = *CborDoc::parse(wire);
      return to_bytes(doc.root().first().bytes());  // without the readings
    };
    return *proof::make_bundle_fork(bundle(500), bundle(501),
                                    seal(e, *enroller.signer, c.chain)->bytes, {});
  };
  std::uint8_t device = 100;
  for (std::uint64_t i = 0; i < EvidenceStore::kFilesOfDevices; ++i)
    ASSERT_TRUE(*keep(device_fork(device++, c.enterprise)));
  EXPECT_EQ(keep(device_fork(device++, c.enterprise)).code(), Errc::kTooLarge);
  EXPECT_EQ(store.turned_away(), 1u);
  EXPECT_TRUE(*keep(device_fork(device++, c.east))) << "of another organisation";
  EXPECT_TRUE(*keep(fork())) << "of a member";
}

TEST_F(Keeping, FilesAreReadOnlyByTheirOwnerAndServedInOrder) {
  const Bytes one = fork();
  const Bytes two = fork();
  EXPECT_TRUE(*keep(one));
  EXPECT_TRUE(*keep(two));
  EXPECT_EQ(*store.files(1, 1), std::vector<Bytes>{one});
  EXPECT_EQ(*store.files(1, 1 << 20), (std::vector<Bytes>{one, two}));
  EXPECT_EQ(*store.file(2), two);
  EXPECT_EQ(store.file(3).code(), Errc::kNotFound);
  const auto list = store.list();
  ASSERT_EQ(list->size(), 2u);
  for (const auto& e : *list) {
    const auto rights = std::filesystem::status(folder / "evidence" / e.file).permissions();
    EXPECT_EQ(rights, std::filesystem::perms(0600));
  }
}

}  // namespace
}  // namespace lotmark::node
