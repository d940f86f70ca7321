// A lot with serials from the first page to its application; what the audit says of them afterwards.
#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "ledger-node/chain/private/serial_page.h"
#include "tests/must.h"
#include "tests/unit/enterprise/released_plant.h"
#include "tests/unit/enterprise/serial_plant.h"

namespace lotmark::test {

namespace {

using node::percent_encode;

TEST(LotSerials, TheApplicationNamesThem) {
  Plant p;
  run_lot(p, false);
  const auto sealed = send_serials(p, 5000);
  EXPECT_EQ(sealed["state"], "sealed");
  EXPECT_EQ(sealed["count"], 5000);
  apply_for_lot(p);
  const auto a = must(open<Application>(p.application().value(), p.c.chain));
  ASSERT_TRUE(a.body.items);
  EXPECT_EQ(a.body.items->size, 5000u);
  EXPECT_EQ(to_hex(a.body.items->root), sealed["root"]);
  EXPECT_EQ(p.batch()["serials"]["state"], "sealed");
}

TEST(LotSerials, ALotWithoutAnyAppliesAsBefore) {
  Plant p;
  run_lot(p);
  EXPECT_FALSE(must(open<Application>(p.application().value(), p.c.chain)).body.items);
  EXPECT_EQ(p.batch()["serials"]["state"], "none");
}

// A node that crashes after every page, and a sender that then asks how far it is.
TEST(LotSerials, NothingIsLostWhereTheNodeDiesBetweenPages) {
  Plant p;
  p.open_batch();
  const auto all = numbered_serials(40'000);
  const auto pages = pages_of(all);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    p.json("POST", serials_path(), {{"page", i}, {"serials", pages[i]}}, p.c.qa);
    p.reopen();
    const auto now = p.json("GET", serials_path(), {}, p.c.qa);
    EXPECT_EQ(now["pages"], i + 1);
    EXPECT_EQ(
        now["through"],
        to_hex(through_of({pages.begin(), pages.begin() + static_cast<std::ptrdiff_t>(i) + 1})));
    // Its answer was lost: sent again, the page is known.
    p.json("POST", serials_path(), {{"page", i}, {"serials", pages[i]}}, p.c.qa);
  }
  const nlohmann::json meant = {{"count", all.size()}, {"through", to_hex(through_of(pages))}};
  nlohmann::json now;
  do {
    now = p.json("POST", serials_path("/seal"), meant, p.c.qa);
    p.reopen();
  } while (now["state"] == "sealing");
  EXPECT_EQ(now["count"], all.size());
}

TEST(LotSerials, TheApplicationWaitsUntilTheyAreSealed) {
  Plant p;
  run_lot(p, false);
  const auto pages = pages_of(numbered_serials(10));
  p.json("POST", serials_path(), {{"page", 0}, {"serials", pages[0]}}, p.c.qa);
  const auto asked = p.json("POST", "batches/" + percent_encode("A-2026/01") + "/apply",
                            {{"product", "Vaccine A"}, {"expires", 20281231}}, p.c.qa);
  EXPECT_EQ(asked["warnings"].back(),
            "the application waits: its serials are not sealed, and nobody said that it has none");
  p.tick_until(63);
  EXPECT_FALSE(p.application());
  p.json("POST", serials_path("/seal"), {{"count", 10}, {"through", to_hex(through_of(pages))}},
         p.c.qa);
  p.tick_until(64);
  ASSERT_TRUE(p.application());
  EXPECT_EQ(must(open<Application>(*p.application(), p.c.chain)).body.items->size, 10u);
}

// Between the withdrawal and others' first page an application would name none for ever.
TEST(LotSerials, WithdrawnTheApplicationWaitsForOthers) {
  Plant p;
  run_lot(p, false);
  send_serials(p, 10);
  EXPECT_EQ(p.json("POST", serials_path("/withdraw"), nlohmann::json::object(), p.c.qa)["state"],
            "withdrawn");
  apply_for_lot(p);
  EXPECT_FALSE(p.application());
  p.reopen();
  p.tick_until(64);
  EXPECT_FALSE(p.application());
  send_serials(p, 20);
  p.tick_until(65);
  EXPECT_EQ(must(open<Application>(p.application().value(), p.c.chain)).body.items->size, 20u);
}

TEST(LotSerials, WithdrawnAndNoneSaidTheApplicationNamesNone) {
  Plant p;
  run_lot(p, false);
  send_serials(p, 10);
  EXPECT_EQ(p.refusal("POST", serials_path("/none"), nlohmann::json::object(), p.c.qa), "conflict");
  p.json("POST", serials_path("/withdraw"), nlohmann::json::object(), p.c.qa);
  EXPECT_EQ(p.json("POST", serials_path("/none"), nlohmann::json::object(), p.c.qa)["state"],
            "none");
  apply_for_lot(p);
  EXPECT_FALSE(must(open<Application>(p.application().value(), p.c.chain)).body.items);
}

TEST(LotSerials, AnnouncedTheApplicationWaitsForTheFirstPage) {
  Plant p;
  run_lot(p, false);
  EXPECT_EQ(p.json("POST", serials_path("/announce"), nlohmann::json::object(), p.c.qa)["state"],
            "sending");
  apply_for_lot(p);
  EXPECT_FALSE(p.application());
  send_serials(p, 10);
  p.tick_until(64);
  EXPECT_EQ(must(open<Application>(p.application().value(), p.c.chain)).body.items->size, 10u);
  for (const char* rest : {"/none", "/withdraw"})
    EXPECT_EQ(p.refusal("POST", serials_path(rest), nlohmann::json::object(), p.c.qa), "conflict");
  EXPECT_EQ(p.json("POST", serials_path("/announce"), nlohmann::json::object(), p.c.qa)["state"],
            "sealed");
}

TEST(LotSerials, WhatAnApplicationNamedDoesNotChange) {
  Plant p;
  run_lot(p, false);
  const auto sealed = send_serials(p, 10);
  apply_for_lot(p);
  EXPECT_EQ(p.refusal("POST", serials_path(), {{"page", 1}, {"serials", {"A"}}}, p.c.qa),
            "conflict");
  EXPECT_EQ(p.refusal("POST", serials_path("/withdraw"), nlohmann::json::object(), p.c.qa),
            "conflict");
  // Asked again, by a tool that did not hear the answer.
  EXPECT_EQ(p.json("POST", serials_path("/seal"), {{"count", 10}, {"through", sealed["through"]}},
                   p.c.qa)["root"],
            sealed["root"]);
}

TEST(LotSerials, RequestsThatAreNoneAreRefusedByName) {
  Plant p;
  p.open_batch();
  const auto refused = [&](const std::string& rest, const nlohmann::json& body) {
    return p.refusal("POST", serials_path(rest), body, p.c.qa);
  };
  EXPECT_EQ(refused("", {{"serials", {"A"}}}), "usage");
  EXPECT_EQ(refused("", {{"page", -1}, {"serials", {"A"}}}), "usage");
  EXPECT_EQ(refused("", {{"page", 0}, {"serials", {1}}}), "usage");
  EXPECT_EQ(refused("", {{"page", 0}, {"serials", {"A B"}}}), "field-range");
  EXPECT_EQ(refused("/seal", {{"count", 1}}), "usage");
  EXPECT_EQ(refused("/seal", {{"count", 1}, {"through", "ab"}}), "usage");
  EXPECT_EQ(refused("/seal", {{"count", 1}, {"through", std::string(64, '0')}}), "conflict");
  EXPECT_EQ(p.refusal("POST", "batches/B-1/serials", {{"page", 0}, {"serials", {"A"}}}, p.c.qa),
            "not-found");
}

// ---- the audit ------------------------------------------------------------------------------

// A released lot of 10,000 serials: three pages.
class SerialsAudit : public testing::Test {
 protected:
  static SerialPlant& made() {
    static SerialPlant plant;
    return plant;
  }
  chain::AuditReport after(const std::string& sql) {
    const auto file = made().copy();
    EXPECT_GT(spoil(file, sql), 0) << sql;
    return made().audit(file);
  }
  // The audit's lines, of a copy in which one entry of page 1 is another.
  chain::AuditReport after_entry(const std::function<Bytes(ByteView)>& change, bool root_too) {
    const auto file = made().copy();
    {
      auto db = must(store::Database::open(file));
      auto q = must(db.prepare("SELECT entries FROM lot_serials WHERE page = 1"));
      EXPECT_TRUE(must(q.step()));
      const auto page = must(chain::SerialPage::read(q.blob(0)));
      q.reset();
      auto entries = page.entries();
      const Bytes changed = change(entries[17]);
      entries[17] = changed;
      auto put =
          must(db.prepare("UPDATE lot_serials SET entries = ?1, root = CASE ?3 WHEN 1 THEN "
                          "?2 ELSE root END WHERE page = 1"));
      must(put.bind(1, chain::SerialPage::encode(entries))
               .bind(2, chain::page_root(entries))
               .bind(3, root_too ? 1 : 0)
               .run());
    }
    return made().audit(file);
  }
};

TEST_F(SerialsAudit, AnUntouchedLotIsFine) {
  const auto report = made().audit(made().copy());
  EXPECT_TRUE(report.ok()) << lines(report);
  EXPECT_EQ(report.serials, 10'000u);
  EXPECT_NE(chain::to_text(report).find("period records; 10000 serials\n"), std::string::npos);
}

TEST_F(SerialsAudit, AnotherSerialIsNamedByPageAndEntry) {
  const auto report = after_entry(
      [](ByteView e) {
        Bytes out = to_bytes(e);
        out.back() = out.back() == '0' ? '1' : '0';
        return out;
      },
      false);
  EXPECT_TRUE(says(report,
                   "lot_serials row 2 (page 1, entry 17) of lot A-2026/01: its salted hash "
                   "is not that of its serial (block 2)"))
      << lines(report);
  EXPECT_TRUE(says(report,
                   "lot_serials row 2 (page 1) of lot A-2026/01: its entries do not give "
                   "its root (block 2)"))
      << lines(report);
}

// Whoever has the salt makes an entry that holds by itself, and the page's root to it: the application knows.
TEST_F(SerialsAudit, ASerialPutInConsistentlyDiffersFromTheApplication) {
  const auto salt = made().salt();
  const auto report = after_entry(
      [&](ByteView e) {
        // Another serial whose entry has the same place.
        for (int i = 0;; ++i) {
          Bytes other = proof::serial_entry(salt, "X" + std::to_string(i));
          if (other[2] == e[2] && other[3] == e[3]) return other;
        }
      },
      true);
  EXPECT_FALSE(report.ok());
  EXPECT_TRUE(says(report,
                   "lot_serials of lot A-2026/01: its pages do not give the root that is "
                   "named (block 2)"))
      << lines(report);
}

TEST_F(SerialsAudit, EntriesOutOfOrderAreNamed) {
  const auto report =
      after_entry([&](ByteView) { return proof::serial_entry(made().salt(), "S0"); }, true);
  const bool named = std::ranges::any_of(report.faults, [](const auto& f) {
    return f.error == Errc::kSerialsOrder && f.what.starts_with("page 1, entry 1");
  });
  EXPECT_TRUE(named) << lines(report);
}

TEST_F(SerialsAudit, PagesAndRowsThatAreGoneAreNamed) {
  EXPECT_TRUE(says(after("DELETE FROM lot_serials WHERE page = 1"),
                   "lot_serials (page 1) of lot A-2026/01: is missing (block 2)"));
  EXPECT_TRUE(says(after("DELETE FROM lot_serials WHERE page = 2"),
                   "lot_serials of lot A-2026/01: 8192 serials stand on its pages, 10000 are named "
                   "(block 2)"));
  EXPECT_TRUE(says(after("DELETE FROM lot_items"),
                   "lot_items of lot A-2026/01: is missing, the application names 10000 serials "
                   "(block 2)"));
}

TEST_F(SerialsAudit, EachColumnIsHeldAgainstSomething) {
  EXPECT_TRUE(
      says(after("UPDATE lot_items SET count = 9999"),
           "lot_items of lot A-2026/01: its count and root are not the application's (block "
           "2)"));
  const auto salt = after("UPDATE lot_items SET salt = zeroblob(32)");
  EXPECT_TRUE(says(salt,
                   "lot_items of lot A-2026/01: its salt gives none of the salted hashes "
                   "(block 2)"));
  EXPECT_EQ(salt.faults.size(), 1u) << lines(salt);
  EXPECT_TRUE(says(after("UPDATE lot_serials SET first = zeroblob(16) WHERE page = 0"),
                   "lot_serials row 1 (page 0) of lot A-2026/01: its first is not the salted hash "
                   "that it begins with (block 2)"));
  EXPECT_TRUE(
      says(after("UPDATE lot_serials SET entries = x'80' WHERE page = 0"),
           "lot_serials row 1 (page 0) of lot A-2026/01: it is no list of 1 to 4096 entries "
           "(block 2)"));
}

TEST_F(SerialsAudit, RowsOfNoBatchAreNamed) {
  const auto report =
      after("INSERT INTO lot_items VALUES(zeroblob(32), zeroblob(32), 1, zeroblob(32))");
  EXPECT_TRUE(says(report, "lot_items: 1 rows belong to no batch")) << lines(report);
}

}  // namespace

}  // namespace lotmark::test
