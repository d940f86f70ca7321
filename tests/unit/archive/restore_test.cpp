// Receipts out of an archive, and files that are none.
#include "core/proof/verdict.h"
#include "tests/unit/archive/archive_fixture.h"

namespace lotmark::node {
namespace {

class Restoring : public ArchiveTest {
 protected:
  // The primary's file, its bodies dropped.
  void dropped() {
    cut_on_all();
    ASSERT_TRUE(may_drop(nodes[0]));
    drop(nodes[0]);
    options.archive = file_of(nodes[0]);
  }
  Result<RestoreSummary> restore_all() {
    return restore(*nodes[0].chain, options, c.clock.now(), [this](RestoredLot lot) -> Status {
      lots.push_back(std::move(lot));
      return {};
    });
  }
  // The file with one byte another.
  std::filesystem::path spoiled(std::size_t at) {
    std::ifstream in(options.archive, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    bytes.at(at) = static_cast<char>(bytes.at(at) ^ 1);
    const auto file = folder / "spoiled.lma";
    std::ofstream(file, std::ios::binary) << bytes;
    return file;
  }

  RestoreOptions options;
  std::vector<RestoredLot> lots;
};

TEST_F(Restoring, EveryLotGetsAReceiptThatVerifies) {
  dropped();
  const auto summary = restore_all();
  ASSERT_TRUE(summary) << summary.error().message();
  ASSERT_EQ(lots.size(), 4u);
  for (const auto& lot : lots) {
    const auto r =
        proof::verify_receipt(lot.receipt, c.anchor, {lot.gtin.text, lot.lot.text}, c.clock.now());
    EXPECT_EQ(r.verdict, VerdictKind::kExpired) << lot.lot.text;
    EXPECT_EQ(r.finality->votes, 3u);
  }
}

TEST_F(Restoring, OneLotIsTakenByName) {
  dropped();
  options.lot = LotNumber{"B-1"};
  ASSERT_TRUE(restore_all());
  ASSERT_EQ(lots.size(), 1u);
  EXPECT_EQ(lots[0].lot.text, "B-1");
}

TEST_F(Restoring, NoChangedByteOfAFilePassesForTheCuts) {
  dropped();
  const auto size = std::filesystem::file_size(options.archive);
  const auto nothing = [](const auto&) { return Status(); };
  for (std::size_t at = 0; at < size; at += 53) {
    const auto summary = read_archive(spoiled(at), c.chain, nothing);
    const bool passes = summary && check_archive_of(*nodes[0].chain, *summary);
    EXPECT_FALSE(passes) << "byte " << at;
  }
}

TEST_F(Restoring, AFileCutShortDoesNotHoldTogether) {
  dropped();
  std::filesystem::resize_file(options.archive, std::filesystem::file_size(options.archive) - 10);
  EXPECT_EQ(restore_all().code(), Errc::kCborTruncated);
}

TEST_F(Restoring, AnotherConsortiumsFileIsSaidToBe) {
  dropped();
  const auto other =
      read_archive(options.archive, Digest{{1}}, [](const auto&) { return Status(); });
  EXPECT_EQ(other.code(), Errc::kCoseChain);
}

}  // namespace
}  // namespace lotmark::node
