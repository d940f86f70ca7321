// A chain.db that cannot be opened is moved aside; what can be proven of it goes on.
#include "ledger-node/chain/public/rebuild.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/wire/rollover.h"
#include "ledger-node/chain/public/check.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/chain/whole_chain.h"

namespace lotmark::chain {
namespace {

const WholeChain& whole() {
  static const WholeChain chain(60);
  return chain;
}

class Rebuilding : public testing::Test {
 protected:
  test::TempFolder folder;
  std::filesystem::path file = folder / "chain.db";
  Time now = whole().c.clock.now();
  Rebuilding() { (void)whole().make(file); }

  std::string bytes() const {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& content) const { std::ofstream(file, std::ios::binary) << content; }
  void spoil(const std::string& sql) const {
    auto db = store::Database::open(file, {.mode = 0644});
    ASSERT_TRUE(db);
    ASSERT_TRUE(db->exec(sql)) << sql;
  }
  Rebuilt rebuild() const {
    auto done = rebuild_chain(file, whole().c.anchor, now);
    EXPECT_TRUE(done) << done.error().message();
    return done ? *done : Rebuilt{};
  }
  PublicChain open() const {
    auto opened = PublicChain::open(file, whole().c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
};

TEST_F(Rebuilding, AllOfAWholeFileIsTakenOver) {
  const auto before = PublicChain::open(file, whole().c.anchor);
  const auto done = rebuild();
  EXPECT_EQ(done.blocks, 60u);
  EXPECT_EQ(done.disclosures, whole().disclosures.size());
  EXPECT_TRUE(done.memory);
  EXPECT_TRUE(std::filesystem::exists(done.aside));
  const auto after = open();
  EXPECT_EQ(after.root(), before->root());
  EXPECT_EQ(after.final_size(), before->final_size());
  EXPECT_EQ((*after.standing())->term, 91u);
  EXPECT_TRUE(*after.own_vote());
}

TEST_F(Rebuilding, AFileThatIsNoneBeginsAnewAndForgets) {
  write("not a database at all");
  const auto done = rebuild();
  EXPECT_EQ(done.blocks, 1u);
  EXPECT_FALSE(done.memory);
  EXPECT_FALSE(*open().standing());
  std::ifstream aside(done.aside);
  std::string kept;
  std::getline(aside, kept);
  EXPECT_EQ(kept, "not a database at all");
}

TEST_F(Rebuilding, BlocksUpToTheFirstThatDoesNotHoldAreTakenOver) {
  spoil("UPDATE block SET bytes = zeroblob(40) WHERE number = 23");
  const auto done = rebuild();
  EXPECT_EQ(done.blocks, 23u);
  EXPECT_TRUE(done.memory);
  auto chain = open();
  for (std::uint64_t n = 23; n < 60; ++n) EXPECT_TRUE(chain.append(whole().blocks[n], now));
}

TEST_F(Rebuilding, MemoryThatDoesNotProveItselfIsLeftBehind) {
  spoil("UPDATE signing SET payload = zeroblob(30) WHERE term = 90");
  const auto done = rebuild();
  EXPECT_EQ(done.blocks, 60u);
  EXPECT_FALSE(done.memory);
  const auto chain = open();
  EXPECT_FALSE(*chain.standing());
  EXPECT_FALSE(*chain.own_vote());
}

// Old receipts show votes of before a new root key, which its newest thousand votes leave out.
TEST_F(Rebuilding, VotesBeforeANewRootKeyAreTakenOver) {
  test::Consortium c;
  test::BlockMaker maker{c};
  const auto second = test::make_party("root-2", "root", 77);
  Anchor anchor = *read_anchor(c.anchor);
  anchor.links.push_back({seal(Rollover{second.key(), 1, 1}, *c.root.signer, c.chain)->bytes});
  const Bytes bytes = encode_anchor(anchor);
  const auto rolled = folder / "rolled.db";
  const auto shown = [&] { return PublicChain::open(rolled, bytes)->votes_on(5)->front(); };
  {
    auto chain = *PublicChain::open(rolled, bytes);
    ASSERT_TRUE(chain.database().exec("PRAGMA synchronous = OFF"));
    for (int i = 0; i < 400; ++i) {
      c.clock.advance(Millis{1000});
      const Bytes block = i == 20 ? maker.membership_block(&second) : maker.period_block();
      ASSERT_TRUE(chain.append(block, c.clock.now()));
      for (const auto& v : maker.votes()) ASSERT_TRUE(chain.add_vote(v));
    }
  }
  const Bytes before = shown();
  ASSERT_TRUE(rebuild_chain(rolled, bytes, c.clock.now()));
  EXPECT_EQ(shown(), before);
}

TEST_F(Rebuilding, AnotherConsortiumsOrANewerProgramsFileIsLeftAlone) {
  test::ConsortiumOptions options;
  options.count = 7;
  const test::Consortium stranger(options);
  EXPECT_EQ(rebuild_chain(file, stranger.anchor, now).code(), Errc::kConflict);
  spoil("PRAGMA user_version = 99");
  EXPECT_EQ(rebuild_chain(file, whole().c.anchor, now).code(), Errc::kConflict);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".aside-1"));
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".new"));
}

TEST_F(Rebuilding, ACrashWhileFilesAreExchangedIsEndedAtTheNextStart) {
  // As after the mark was made and SQLite's files were moved.
  std::filesystem::copy_file(file, file.string() + ".new");
  std::ofstream(file.string() + ".swap").put('\n');
  std::filesystem::rename(file, file.string() + ".aside-1");
  ASSERT_TRUE(finish_rebuild(file));
  EXPECT_EQ(open().size(), 60u);
  EXPECT_FALSE(std::filesystem::exists(file.string() + ".swap"));
  ASSERT_TRUE(finish_rebuild(file));
}

// Raw bytes of the file: what a flip spoils is named, or it was of no use. One in a few hundred, drawn by number.
// SQLite does not end the read transaction then: what was found was lost with it, so that no start made the file anew, and
// the connection stood in a transaction in which everything failed. A node was killed at each write of such a start.
TEST_F(Rebuilding, APageThatIsNoneIsNamedAndLeavesNoTransactionOpen) {
  for (const char* table : {"block", "lot", "once", "vote", "tree_edge", "signing", "head"}) {
    std::filesystem::remove(file);
    (void)whole().make(file);
    std::uint64_t page = 0;
    {
      auto db = store::Database::open(file, {.mode = 0644});
      ASSERT_TRUE(db && db->exec("PRAGMA wal_checkpoint(TRUNCATE)"));
      auto q = db->prepare("SELECT rootpage FROM sqlite_master WHERE name = ?");
      ASSERT_TRUE(q && q->bind(1, table).step());
      page = q->u64(0);
    }
    auto db = store::Database::open(file, {.mode = 0644});
    {
      std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
      out.seekp(static_cast<std::streamoff>((page - 1) * 4096));
      out << std::string(4096, '\xaa');
    }
    auto check = ChainCheck::begin(*db, whole().c.anchor);
    ASSERT_TRUE(check);
    std::vector<Fault> found;
    Result<bool> over = false;
    for (int steps = 0; over && !*over && steps < 1000; ++steps) over = check->step(1000, found);
    EXPECT_TRUE(over) << table << ": " << over.error().message();
    EXPECT_TRUE(std::ranges::any_of(found, [](const Fault& f) {
      return f.remedy == Remedy::kRebuild;
    })) << table;
    EXPECT_TRUE(db->exec("BEGIN IMMEDIATE; COMMIT")) << table;
  }
}

TEST_F(Rebuilding, FlippedBytesOfTheFileAreNamedOrHarmless) {
  const std::string good = bytes();
  std::uint64_t named = 0;
  std::uint64_t harmless = 0;
  for (std::size_t at = 101; at < good.size(); at += 1987) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << (at % 8)));
    std::filesystem::remove(file.string() + "-wal");
    std::filesystem::remove(file.string() + "-shm");
    write(bad);
    const auto db = store::Database::open(file, {.mode = 0644});
    auto check = db ? ChainCheck::begin(*db, whole().c.anchor) : Result<ChainCheck>(db.error());
    std::vector<Fault> faults;
    bool failed = !check;
    while (!failed && check->place().part != CheckPart::kDone) failed = !check->step(1000, faults);
    if (failed || !faults.empty()) {
      ++named;
      continue;
    }
    ++harmless;
    const auto chain = PublicChain::open(file, whole().c.anchor);
    ASSERT_TRUE(chain) << at << ": " << chain.error().message();
    const auto blocks = chain->blocks(0, 1 << 30);
    ASSERT_TRUE(blocks);
    EXPECT_EQ(*blocks, whole().blocks) << at;
    for (const auto& [n, told] : whole().disclosures) EXPECT_TRUE(chain->receipt(n)) << at;
  }
  // Pages of so short a chain are mostly empty.
  EXPECT_GT(named * 5, named + harmless);
  std::printf("named=%lu harmless=%lu\n", named, harmless);
}

}  // namespace
}  // namespace lotmark::chain
