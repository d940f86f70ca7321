// Who holds archive files, and what must be there before bodies go.
#include "core/proof/archived.h"
#include "core/wire/cbor_writer.h"
#include "ledger-node/chain/public/archived.h"
#include "tests/unit/archive/archive_fixture.h"

namespace lotmark::node {
namespace {

using Archives = ArchiveTest;

TEST_F(Archives, TheHoldersAreThePrimaryAndTheNextByKid) {
  cut_on_all();
  const auto holders = archive_holders(*nodes[0].chain);
  ASSERT_EQ(holders.size(), 2u);
  EXPECT_EQ(holders[0], c.supervisors[0].kid());
  EXPECT_NE(holders[1], holders[0]);
}

TEST_F(Archives, AHolderWritesTheFileBeforeBodiesGo) {
  cut_on_all();
  auto& primary = nodes[0];
  EXPECT_FALSE(std::filesystem::exists(file_of(primary)));
  ASSERT_TRUE(may_drop(primary));
  EXPECT_TRUE(primary.keeper->folder().has(range));
  const auto summary =
      read_archive(file_of(primary), c.chain, [](const auto&) { return Status(); });
  ASSERT_TRUE(summary) << summary.error().message();
  EXPECT_EQ(summary->lots, 4u);
  EXPECT_TRUE(check_archive_of(*primary.chain, *summary));
}

TEST_F(Archives, ALargeRangeIsWrittenInSlices) {
  cut_on_all();
  auto& primary = nodes[0];
  auto files = ArchiveFolder::open(folder / "slices");
  ASSERT_TRUE(files);
  ArchiveKeeper keeper(*primary.chain, *std::move(files), primary.kid, 3);
  const auto name = keeper.folder().path(range, ArchivePart::kBlocks);
  ASSERT_EQ(range.last - range.first, 7u);
  for (int slice = 0; slice < 2; ++slice) {
    EXPECT_FALSE(keeper.may_drop(cut(), c.clock.now()));
    EXPECT_FALSE(std::filesystem::exists(name));
  }
  EXPECT_TRUE(keeper.may_drop(cut(), c.clock.now()));
  ASSERT_TRUE(may_drop(primary));
  EXPECT_EQ(read_archive(name, c.chain, [](const auto&) { return Status(); })->hash,
            read_archive(file_of(primary), c.chain, [](const auto&) { return Status(); })->hash);
}

TEST_F(Archives, TheThirdNodeWaitsForBothHolders) {
  cut_on_all();
  const auto [first, second, third] = roles();
  EXPECT_FALSE(may_drop(nodes[third]));
  run(nodes[third], 6);
  EXPECT_FALSE(may_drop(nodes[third])) << "nobody has it yet";
  ASSERT_TRUE(may_drop(nodes[first]));
  run(nodes[third], 6);
  EXPECT_FALSE(may_drop(nodes[third])) << "one has it";
  ASSERT_TRUE(may_drop(nodes[second]));
  run(nodes[third], 6);
  EXPECT_TRUE(may_drop(nodes[third]));
  EXPECT_FALSE(nodes[third].keeper->folder().has(range));
}

// Whoever becomes a holder after its bodies went fetches the file.
TEST_F(Archives, ANewHolderFetchesWhatItLacks) {
  cut_on_all();
  const auto [first, second, third] = roles();
  ASSERT_TRUE(may_drop(nodes[first]));
  drop(nodes[second]);  // as if it had not been a holder then
  run(nodes[second], 12);
  ASSERT_TRUE(nodes[second].keeper->folder().has(range));
  const auto summary =
      read_archive(file_of(nodes[second]), c.chain, [](const auto&) { return Status(); });
  ASSERT_TRUE(summary);
  EXPECT_TRUE(check_archive_of(*nodes[second].chain, *summary));
  EXPECT_FALSE(nodes[third].keeper->folder().has(range));
}

TEST_F(Archives, AFileThatIsNotTheCutsIsNotKept) {
  cut_on_all();
  const auto [first, second, third] = roles();
  (void)third;
  ASSERT_TRUE(may_drop(nodes[first]));
  drop(nodes[second]);
  altered = true;
  run(nodes[second], 12);
  EXPECT_FALSE(nodes[second].keeper->folder().has(range));
  EXPECT_FALSE(std::filesystem::exists(file_of(nodes[second])));
  altered = false;
  run(nodes[second], 12);
  EXPECT_TRUE(nodes[second].keeper->folder().has(range)) << "asked again";
}

// What no holder that is honest gives: a node in need of the file must not write it, nor go on asking for it.
class LyingHolder : public ArchiveTest {
 protected:
  double failures() const {
    for (const auto& [name, value] : nodes[roles()[1]].keeper->metrics())
      if (name == "lotmark_archive_failures_total") return value;
    return 0;
  }
  void expect_left(Lie how) {
    cut_on_all();
    const auto [first, second, third] = roles();
    (void)third;
    ASSERT_TRUE(may_drop(nodes[first]));
    drop(nodes[second]);
    lie = std::move(how);
    run(nodes[second], 12);
    EXPECT_GT(failures(), 0);
    EXPECT_FALSE(nodes[second].keeper->folder().has(range));
    lie = nullptr;
    run(nodes[second], 12);
    EXPECT_TRUE(nodes[second].keeper->folder().has(range)) << "asked again";
  }
  // Tells what nobody disclosed.
  void lie_of(const KeyId& liar) {
    lie = [this, liar](const KeyId& of, ArchivePart part, std::uint64_t from, Bytes& page) {
      if (of != liar || part != ArchivePart::kDisclosures || from > 0) return;
      for (const auto& b : blocks) {
        const auto block = open<Block>(b, c.chain);
        if (block->body.kind != BlockKind::kLot || block->body.number < range.first) continue;
        Disclosure made_up;
        made_up.transaction.bytes = b;
        made_up.record.kind = RecordKind::kRelease;
        made_up.record.segments = 1;
        made_up.segments.push_back({0, Bytes{0x80}, {}});
        const Bytes told =
            *chain::encode_disclosure(block->body.number, encode(made_up), encode(Receipt{}));
        page = cbor_bytes([&](CborWriter& w) { w.bytes(told); });
        return;
      }
    };
  }
  static constexpr std::size_t kPage = 1024 * 1024;
};

TEST_F(LyingHolder, DisclosuresWithoutEnd) {
  expect_left([](const KeyId&, ArchivePart part, std::uint64_t, Bytes& page) {
    if (part == ArchivePart::kDisclosures) page = Bytes(kPage, 0x40);
  });
}

TEST_F(LyingHolder, ADisclosureWithoutEnd) {
  expect_left([](const KeyId&, ArchivePart part, std::uint64_t from, Bytes& page) {
    if (part != ArchivePart::kDisclosures) return;
    page = Bytes(kPage, 0);
    if (from == 0) page[0] = 0x5b;  // and a length of eight bytes
    if (from == 0) page[4] = 1;
  });
}

TEST_F(LyingHolder, PagesOfOneByte) {
  expect_left([](const KeyId&, ArchivePart, std::uint64_t, Bytes& page) {
    if (page.size() > 1) page.resize(1);
  });
}

TEST_F(LyingHolder, ABlockTwice) {
  expect_left([this](const KeyId&, ArchivePart part, std::uint64_t from, Bytes& page) {
    if (part != ArchivePart::kBlocks || from > 0) return;
    const Bytes twice = cbor_bytes([&](CborWriter& w) { w.bytes(blocks[range.first - 1]); });
    page.insert(page.end(), twice.begin(), twice.end());
  });
}

TEST_F(LyingHolder, AnotherHeader) {
  expect_left([](const KeyId&, ArchivePart part, std::uint64_t, Bytes& page) {
    if (part == ArchivePart::kBlocks && !page.empty()) page[10] ^= 1;
  });
}

TEST_F(LyingHolder, WhatIsNoDisclosure) {
  expect_left([](const KeyId&, ArchivePart part, std::uint64_t, Bytes& page) {
    if (part == ArchivePart::kDisclosures) page = Bytes{0x42, 0x80, 0x80};
  });
}

// No hash on the chain covers the file: each block covers the disclosure of its own lot.
TEST_F(LyingHolder, WhoTellsWhatIsNotOfABlockIsNotTheOneToFetchFrom) {
  cut_on_all();
  const auto [first, second, third] = roles();
  ASSERT_TRUE(may_drop(nodes[first]));
  for (const auto part : {ArchivePart::kBlocks, ArchivePart::kDisclosures}) {
    std::ifstream in(nodes[first].keeper->folder().path(range, part), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    auto file = nodes[third].keeper->folder().create(range, part);
    ASSERT_TRUE(file && file->write(as_bytes(bytes)) && file->commit());
  }
  auto files = ArchiveFolder::open(folder / ("archive-" + std::to_string(third)));
  ASSERT_TRUE(files);
  nodes[third].keeper =
      std::make_unique<ArchiveKeeper>(*nodes[third].chain, *std::move(files), nodes[third].kid);
  drop(nodes[second]);
  lie_of(std::min(nodes[first].kid, nodes[third].kid));  // who is asked first
  run(nodes[second], 20);
  ASSERT_TRUE(nodes[second].keeper->folder().has(range));
  EXPECT_EQ(failures(), 1);
  EXPECT_EQ(std::filesystem::file_size(
                nodes[second].keeper->folder().path(range, ArchivePart::kDisclosures)),
            0u)
      << "nothing was disclosed";
}

// Its blocks are the cut's: what was told of them is checked again where it is used.
TEST_F(LyingHolder, WhereNobodyElseHoldsTheRangeItsBlocksAreKeptAllTheSame) {
  cut_on_all();
  const auto [first, second, third] = roles();
  (void)third;
  ASSERT_TRUE(may_drop(nodes[first]));
  drop(nodes[second]);
  lie_of(nodes[first].kid);
  run(nodes[second], 20);
  EXPECT_EQ(failures(), 1);
  EXPECT_TRUE(nodes[second].keeper->folder().has(range));
}

TEST_F(LyingHolder, AFileThatBreaksOff) {
  expect_left([](const KeyId&, ArchivePart part, std::uint64_t from, Bytes& page) {
    if (part != ArchivePart::kBlocks || page.empty()) return;
    if (from == 0) page.pop_back();
    else page.clear();
  });
}

// It holds its own id still: only the whole file's hash tells.
TEST_F(Archives, AHolderWhoseBlocksAreSpoiltKeepsNoFileAndDropsNothing) {
  cut_on_all();
  auto& primary = nodes[0];
  auto bytes = primary.chain->block(range.first);
  ASSERT_TRUE(bytes);
  bytes->back() ^= 1;  // of the signature
  auto spoil = primary.chain->database().prepare("UPDATE block SET bytes = ? WHERE number = ?");
  ASSERT_TRUE(spoil && spoil->bind(1, *bytes).bind(2, range.first).run());
  EXPECT_FALSE(may_drop(primary));
  EXPECT_FALSE(primary.keeper->folder().has(range));
  EXPECT_FALSE(std::filesystem::exists(file_of(primary)));
}

TEST_F(Archives, AFileHalfWrittenIsRemovedAtTheNextStart) {
  cut_on_all();
  const auto folder_path = folder / "archive-0";
  std::ofstream(folder_path / "archive-1-9.lma.part") << "half";
  const auto again = ArchiveFolder::open(folder_path);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->held().empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_path));
}

// Who began behind a cut knows it before the cut's own block comes.
TEST_F(Archives, ACutWhoseBlockIsNotHereIsListedWithoutItsHash) {
  cut_on_all();
  ASSERT_TRUE(nodes[0].chain->database().exec("DELETE FROM block WHERE kind = 5"));
  const Call call{"GET", "/control/v1/archives", {}, ""};
  const auto reply = nodes[0].keeper->control(*parse_route(call.path), call, {}, c.clock.now());
  ASSERT_TRUE(reply && reply->ok());
  EXPECT_NE(as_text(reply->body).find("\"archive\":null"), std::string::npos);
}

TEST_F(Archives, ALotThatWentIsAnsweredWithProof) {
  two_days();
  EXPECT_FALSE(*chain::archived_proof(chain, test::Consortium::gtin(), {"A-1"}));
  cut_all();
  const auto proof = chain::archived_proof(chain, test::Consortium::gtin(), {"A-1"});
  ASSERT_TRUE(proof && *proof);
  const auto r = proof::verify_archived(**proof, c.anchor, {test::Consortium::gtin().text, "A-1"});
  EXPECT_EQ(r.verdict, VerdictKind::kArchived);
  EXPECT_EQ(r.tombstone->block, 6u);
  EXPECT_FALSE(*chain::archived_proof(chain, test::Consortium::gtin(), {"A-9"}));
}

}  // namespace
}  // namespace lotmark::node
