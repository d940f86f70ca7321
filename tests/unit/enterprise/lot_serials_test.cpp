// Serials on their way into private.db, and proofs out of it, against a tree over all entries held in memory.
#include <gtest/gtest.h>

#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/serial_page.h"
#include "tests/must.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::chain {
namespace {

using test::must;

const Gtin kGtin{"06901234567892"};
const LotNumber kLot{"A-2026/01"};

class Serials : public testing::Test {
 protected:
  Serials() {
    start.bytes.fill(7);
    auto q =
        must(db.prepare("INSERT INTO batch(start, opening, opening_id, programme, line, gtin, "
                        "lot, state, made) VALUES(?, x'', x'', '', x'', ?, ?, 'open', 0)"));
    must(q.bind(1, start).bind(2, kGtin.text).bind(3, kLot.text).run());
  }

  static std::vector<std::string> numbered(std::size_t n) {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back("S" + std::to_string(i * 7919));
    return out;
  }
  // Pages as the tool sends them; gives what names them all.
  Digest send(const std::vector<std::string>& all) {
    Digest through;
    for (std::size_t at = 0, page = 0; at < all.size(); at += LotSerials::kSentMax, ++page) {
      const std::vector<std::string> part(
          all.begin() + static_cast<std::ptrdiff_t>(at),
          all.begin() + static_cast<std::ptrdiff_t>(
                            std::min<std::size_t>(all.size(), at + LotSerials::kSentMax)));
      through = sent_through(through, part);
      EXPECT_EQ(must(serials().take(start, page, part)).through, through);
    }
    return through;
  }
  // How many portions it took.
  int seal(std::size_t count, const Digest& through) {
    for (int portions = 1;; ++portions) {
      const auto now = must(serials().seal(start, count, through));
      if (now.state == SerialsState::kSealed) return portions;
    }
  }
  void withdraw() {
    while (must(serials().withdraw(start)).state != SerialsState::kWithdrawn) {
    }
  }
  LotSerials serials() const { return LotSerials(db); }
  SerialsStanding standing() const { return must(serials().standing(start)); }

  // What the page says the tree is, of the salt that was made.
  struct Whole {
    std::vector<Bytes> entries;
    merkle::MemoryTree tree;
  };
  Whole whole(const std::vector<std::string>& all) const {
    auto q = must(db.prepare("SELECT salt FROM lot_items WHERE start = ?"));
    EXPECT_TRUE(must(q.bind(1, start).step()));
    const auto salt = must(q.fixed<proof::LotSalt>(0));
    Whole w;
    for (const auto& s : all) w.entries.push_back(proof::serial_entry(salt, s));
    std::sort(w.entries.begin(), w.entries.end());
    for (const auto& e : w.entries) w.tree.append_entry(e);
    return w;
  }
  std::int64_t count(const std::string& sql) const {
    auto q = must(db.prepare(sql));
    EXPECT_TRUE(must(q.step()));
    return q.integer(0);
  }

  test::TempFolder folder;
  store::Database db = must(open_private(folder / "private.db"));
  Digest start;
};

class SerialsOf : public Serials, public testing::WithParamInterface<std::size_t> {};

TEST_P(SerialsOf, AreTheTreeOverAllEntriesAndEachIsProved) {
  const auto all = numbered(GetParam());
  seal(all.size(), send(all));
  const auto w = whole(all);
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  const ItemsOf items{all.size(), w.tree.root()};
  EXPECT_EQ(must(proofs.items(kGtin, kLot)), items);
  EXPECT_EQ(count("SELECT count(*) FROM serials_sent_part"), 0);
  for (std::size_t i = 0; i < all.size(); i += 1 + all.size() / 40) {
    const auto at = must(proofs.find(kGtin, kLot, all[i]));
    ASSERT_TRUE(at) << all[i];
    ASSERT_LT(at->index, all.size());
    EXPECT_EQ(at->entry, w.entries[at->index]);
    EXPECT_EQ(at->path, w.tree.inclusion(at->index));
    EXPECT_EQ(at->root, w.tree.root());
    EXPECT_EQ(at->count, all.size());
  }
}
INSTANTIATE_TEST_SUITE_P(Counts, SerialsOf,
                         testing::Values(1, 2, 5, 4095, 4096, 4097, 12289, 40000));

TEST_F(Serials, WhatIsNoSerialOfTheLotIsNotFound) {
  const auto all = numbered(9000);
  seal(all.size(), send(all));
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  for (const char* other : {"S1", "s0", "", "S0 ", "a serial that is longer than 20"})
    EXPECT_FALSE(must(proofs.find(kGtin, kLot, other))) << other;
  EXPECT_FALSE(must(proofs.find(kGtin, {"A-2026/02"}, "S0")));
  EXPECT_FALSE(must(proofs.find({"06901234567893"}, kLot, "S0")));
}

TEST_F(Serials, NothingIsProvedBeforeTheyAreSealed) {
  send(numbered(10));
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  EXPECT_FALSE(must(proofs.items(kGtin, kLot)));
  EXPECT_FALSE(must(proofs.find(kGtin, kLot, "S0")));
}

TEST_F(Serials, APageMayComeTwiceButNotWithOthers) {
  const auto all = numbered(5000);
  send(all);
  const std::vector<std::string> first(all.begin(), all.begin() + 4096);
  EXPECT_EQ(must(serials().take(start, 0, first)).sent, 5000u);
  auto other = first;
  other.back() = "another";
  EXPECT_EQ(serials().take(start, 0, other).code(), Errc::kConflict);
  EXPECT_EQ(serials().take(start, 3, {"A"}).code(), Errc::kConflict);
  EXPECT_EQ(standing().sent, 5000u);
  EXPECT_EQ(standing().pages, 2u);
}

TEST_F(Serials, WhatIsNoSerialIsNamedAndNothingOfItsPageKept) {
  const auto refused = serials().take(start, 0, {"A", "B C"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "field-range: serial 1 of page 0 is not 1 to 20 characters of a lot's set");
  EXPECT_EQ(serials().take(start, 0, {}).code(), Errc::kFieldRange);
  EXPECT_EQ(serials().take(start, 0, numbered(4097)).code(), Errc::kFieldRange);
  EXPECT_EQ(standing().state, SerialsState::kNone);
  EXPECT_EQ(count("SELECT count(*) FROM serials_sent"), 0);
}

TEST_F(Serials, TheyAreSealedOnlyAsTheyWereMeant) {
  const auto all = numbered(10);
  const Digest through = send(all);
  EXPECT_EQ(serials().seal(start, 11, through).code(), Errc::kConflict);
  EXPECT_EQ(serials().seal(start, 10, Digest{}).code(), Errc::kConflict);
  EXPECT_EQ(standing().state, SerialsState::kSending);
  seal(10, through);
  EXPECT_EQ(seal(10, through), 1);  // asked for again it is as it was
  EXPECT_EQ(serials().seal(start, 11, through).code(), Errc::kConflict);
  EXPECT_EQ(serials().take(start, 1, {"A"}).code(), Errc::kConflict);
}

TEST_F(Serials, ALotWithoutAnyIsNotSealed) {
  EXPECT_EQ(serials().seal(start, 0, Digest{}).code(), Errc::kConflict);
}

TEST_F(Serials, OneThatCameTwiceIsNamedAndNothingIsSealed) {
  auto all = numbered(6000);
  all.back() = all.front();  // on another page
  const Digest through = send(all);
  const auto refused = serials().seal(start, all.size(), through);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(), "list-duplicate: serial S0 was sent twice");
  EXPECT_FALSE(standing().items);
  withdraw();
  all.back() = "S1";
  seal(all.size(), send(all));
  EXPECT_EQ(whole(all).tree.root(), standing().items->root);
}

// Killed at any point: what stands on the pages says where to go on.
TEST_F(Serials, SealingGoesOnWhereItStood) {
  const auto all = numbered(100'000);
  const Digest through = send(all);
  int portions = 0;
  for (SerialsStanding now; now.state != SerialsState::kSealed; ++portions) {
    db = must(open_private(folder / "private.db"));
    now = must(serials().seal(start, all.size(), through));
    if (now.state == SerialsState::kSealing) {
      EXPECT_FALSE(now.settled());
      EXPECT_EQ(serials().take(start, 25, {"A"}).code(), Errc::kConflict);
    }
  }
  EXPECT_GT(portions, 2);
  EXPECT_EQ(whole(all).tree.root(), standing().items->root);
}

TEST_F(Serials, WithdrawnTheyAreGoneAndOthersGetAnotherSalt) {
  const auto all = numbered(100'000);
  const Digest through = send(all);
  seal(all.size(), through);
  const Digest before = standing().items->root;
  EXPECT_EQ(must(serials().withdraw(start)).state, SerialsState::kWithdrawing);
  EXPECT_EQ(serials().take(start, 0, {"A"}).code(), Errc::kConflict);
  EXPECT_EQ(serials().seal(start, all.size(), through).code(), Errc::kConflict);
  withdraw();
  for (const char* table : {"lot_items", "lot_serials", "serials_sent_page", "serials_sent_part"})
    EXPECT_EQ(count(std::string("SELECT count(*) FROM ") + table), 0) << table;
  seal(all.size(), send(all));
  EXPECT_NE(standing().items->root, before);
}

TEST_F(Serials, ADamagedPageIsNoProof) {
  const auto all = numbered(9000);
  seal(all.size(), send(all));
  must(db.exec("UPDATE lot_serials SET root = zeroblob(32) WHERE page = 1"));
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  EXPECT_EQ(proofs.find(kGtin, kLot, "S0").code(), Errc::kCorrupt);
  must(db.exec("DELETE FROM lot_serials WHERE page = 1"));
  EXPECT_EQ(proofs.find(kGtin, kLot, all[1]).code(), Errc::kCorrupt);
}

TEST_F(Serials, AnnouncedOrWithdrawnTheyAreNotSettledUntilTheyAreSealedOrNone) {
  EXPECT_TRUE(standing().settled());
  EXPECT_EQ(must(serials().withdraw(start)).state, SerialsState::kNone) << "there were none";
  EXPECT_EQ(must(serials().announce(start)).state, SerialsState::kSending);
  EXPECT_EQ(must(serials().announce(start)).state, SerialsState::kSending) << "again";
  EXPECT_FALSE(standing().settled());
  EXPECT_EQ(must(serials().declare_none(start)).state, SerialsState::kNone);
  EXPECT_TRUE(standing().settled());
  const auto all = numbered(10);
  const auto through = send(all);
  EXPECT_EQ(serials().declare_none(start).code(), Errc::kConflict);
  seal(all.size(), through);
  EXPECT_EQ(serials().declare_none(start).code(), Errc::kConflict);
  EXPECT_EQ(must(serials().announce(start)).state, SerialsState::kSealed);
  withdraw();
  EXPECT_FALSE(standing().settled());
  EXPECT_EQ(must(serials().withdraw(start)).state, SerialsState::kWithdrawn) << "again";
  EXPECT_EQ(must(serials().announce(start)).state, SerialsState::kSending);
  seal(all.size(), send(all));
  EXPECT_TRUE(standing().settled());
  withdraw();
  EXPECT_EQ(must(serials().declare_none(start)).state, SerialsState::kNone);
}

// What is damaged names no unit as one that is not listed: each is found, or the damage is.
TEST_F(Serials, NoDamageMakesAUnitOneThatIsNotListed) {
  const auto all = numbered(12289);
  seal(all.size(), send(all));
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  const auto corrupt = [&] {
    std::size_t n = 0;
    for (std::size_t i = 0; i < all.size(); i += 101) {
      const auto at = proofs.find(kGtin, kLot, all[i]);
      EXPECT_TRUE(at ? at->has_value() : at.code() == Errc::kCorrupt) << all[i];
      n += at ? 0 : 1;
    }
    return n;
  };
  ASSERT_EQ(corrupt(), 0u);
  must(db.exec("CREATE TABLE kept AS SELECT * FROM lot_serials"));
  const auto damage = [&](const std::string& sql) {
    must(db.exec(sql));
    const std::size_t n = corrupt();
    must(db.exec("DELETE FROM lot_serials; DELETE FROM moved"));
    must(db.exec("INSERT INTO lot_serials SELECT * FROM kept"));
    return n;
  };
  const auto entries_of = [](const char* page) {
    return std::string("(SELECT entries FROM kept WHERE page = ") + page + ")";
  };
  EXPECT_GT(damage("UPDATE lot_serials SET entries = " + entries_of("2") + " WHERE page = 1"), 5u);
  EXPECT_GT(damage("UPDATE lot_serials SET entries = " + entries_of("3") + " WHERE page = 0"), 5u);
  EXPECT_GT(damage("UPDATE lot_serials SET entries = x'80' WHERE page = 2"), 5u);
  EXPECT_EQ(damage("DELETE FROM lot_serials WHERE page = 3"), 122u);
  EXPECT_EQ(damage("UPDATE lot_serials SET root = zeroblob(32) WHERE page = 1"), 122u);
  EXPECT_EQ(damage("UPDATE lot_items SET count = count + 4096"), 122u);
  must(db.exec("UPDATE lot_items SET count = count - 4096"));
  EXPECT_EQ(damage("UPDATE lot_items SET salt = zeroblob(32)"), 122u);
}

TEST_F(Serials, AnIndexThatLeadsAstrayHidesNoUnit) {
  const auto all = numbered(12289);
  seal(all.size(), send(all));
  const auto proofs = must(ItemProofs::open(folder / "private.db"));
  for (const std::string first : {"60", "f0"}) {  // still between its neighbours'
    must(db.exec("UPDATE lot_serials SET first = x'" + first + std::string(30, '0') +
                 "' WHERE page = 2"));
    for (std::size_t i = 0; i < all.size(); i += 101)
      EXPECT_TRUE(must(proofs.find(kGtin, kLot, all[i]))) << all[i];
    EXPECT_FALSE(must(proofs.find(kGtin, kLot, "none")));
  }
}

}  // namespace
}  // namespace lotmark::chain
