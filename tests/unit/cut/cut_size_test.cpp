// What a cut lot costs for ever, and that bodies do not pile up: measured on the file, in pages.
#include "tests/unit/cut/cut_fixture.h"

namespace lotmark::chain {
namespace {

class CutSize : public CutTest {
 protected:
  static constexpr int kLots = 400;  // in one cut: 20 a day for 20 days

  std::uint64_t pragma(const char* sql) {
    auto q = chain.database().prepare(sql);
    EXPECT_TRUE(q && *q->step());
    return q->u64(0);
  }
  std::uint64_t file_bytes() { return pragma("PRAGMA page_count") * pragma("PRAGMA page_size"); }
  std::uint64_t used_bytes() {
    return file_bytes() - pragma("PRAGMA freelist_count") * pragma("PRAGMA page_size");
  }
  // "block 12288, tombstone 180224, ...": pages of each table and index, for who reads a failure.
  std::string tables() {
    auto q = chain.database().prepare(
        "SELECT name, sum(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC LIMIT 12");
    std::string out;
    while (q) {
      auto row = q->step();
      if (!row || !*row) break;
      out += q->text(0) + " " + std::to_string(q->u64(1)) + ", ";
    }
    return out;
  }
  // Releases lots, lets them expire and cuts them; the next ones expire later.
  void round(int n) {
    grow(maker.period_block());
    for (int i = 0; i < kLots; ++i) {
      lot("L" + std::to_string(n) + "-" + std::to_string(i), 20260105u + static_cast<unsigned>(n));
      if (i % 20 == 0) finish();
    }
    pass(kDay);
    grow(maker.period_block());
    finish();
    cut_all();
    while (true) {
      const auto sizes = chain.thin(512);
      ASSERT_TRUE(sizes);
      if (*sizes < 512) break;
    }
  }
};

TEST_F(CutSize, ACutLotCostsAtMostAHundredBytesAndTheFileStopsGrowing) {
  for (int i = 0; i < 300; ++i) {  // as many votes as are ever kept at a time
    grow(maker.period_block());
    finish();
  }
  round(0);
  round(1);
  const std::uint64_t used = used_bytes();
  const std::uint64_t file = file_bytes();
  constexpr int kRounds = 5;
  for (int n = 2; n < 2 + kRounds; ++n) round(n);
  const std::uint64_t grown = used_bytes() - used;
  RecordProperty("bytes_a_cut_lot", static_cast<int>(grown / (kRounds * kLots)));
  EXPECT_LE(grown, 100u * kRounds * kLots) << tables();
  EXPECT_LE(file_bytes(), file + grown + file / 20) << "what bodies left is used again";
}

}  // namespace
}  // namespace lotmark::chain
