// The access log at the node: what is kept, once, and what is read of it.
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>
#include <random>

#include "core/wire/cbor_writer.h"
#include "ledger-node/capture/access_desk.h"
#include "ledger-node/chain/private/private_store.h"
#include "tests/unit/capture/access_entries.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

constexpr KeyId kApi{{0xab}};
constexpr Time kLogged{Millis{1'777'900'100'000}};

TEST(AccessEntryBytes, AreReadAsTheyWereWritten) {
  auto e = an_access(3);
  e.target = std::string("/events/\xff\0\"", 11);
  e.count = 70;
  e.why = "too often";
  const auto bytes = encode_access(e);
  const auto again = decode_access(bytes);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(*again, e);
  EXPECT_EQ(encode_access(*again), bytes);
}

TEST(AccessEntryBytes, ThatAreCutOrChangedNeverReadAsMoreThanTheySay) {
  const auto bytes = encode_access(an_access(9));
  for (std::size_t n = 0; n < bytes.size(); ++n)
    EXPECT_FALSE(decode_access(ByteView(bytes).first(n))) << n;
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    Bytes damaged = bytes;
    damaged[random() % damaged.size()] ^= static_cast<std::uint8_t>(1 + random() % 255);
    const auto read = decode_access(damaged);
    if (read) {
      EXPECT_EQ(encode_access(*read), damaged);
    }
  }
}

TEST(AccessEntryBytes, HaveBoundsAndTypes) {
  const auto code = [](const AccessEntry& e) { return decode_access(encode_access(e)).code(); };
  auto e = an_access(1);
  e.number = 0;
  EXPECT_EQ(code(e), Errc::kFieldRange);
  e = an_access(1);
  e.count = 0;
  EXPECT_EQ(code(e), Errc::kFieldRange);
  e = an_access(1);
  e.status = 1000;
  EXPECT_EQ(code(e), Errc::kFieldRange);
  e = an_access(1);
  e.target = std::string(kAccessTextMax + 1, 'x');
  EXPECT_EQ(code(e), Errc::kTooLarge);
  e.target = e.caller = e.why = e.route = e.roles = std::string(kAccessTextMax, 'x');
  EXPECT_EQ(code(e), Errc::kTooLarge) << "together above the entry's bound";
  EXPECT_EQ(decode_access(cbor_bytes([](CborWriter& w) { w.array(0); })).code(), Errc::kFieldType);
  EXPECT_EQ(decode_access(cbor_bytes([](CborWriter& w) { w.uint(1); })).code(), Errc::kFieldType);
  EXPECT_EQ(decode_access(Bytes(100, 0x81)).code(), Errc::kCborDepth);
  const auto wrong_types = cbor_bytes([](CborWriter& w) {
    w.array(14);
    for (int i = 0; i < 14; ++i) w.text("x");
  });
  EXPECT_EQ(decode_access(wrong_types).code(), Errc::kFieldType);
}

class Accesses : public ::testing::Test {
 protected:
  Reply call(const std::string& method, const std::string& path, Bytes body = {},
             Time now = kLogged, const KeyId& by = kApi) {
    const Call c{method, path, std::move(body), {}};
    const auto route = parse_route(path);
    EXPECT_TRUE(AccessDesk::is_access(c, *route));
    return desk->control(c, *route, by, now);
  }
  Reply bring(const std::vector<Bytes>& entries, Time now = kLogged, const KeyId& by = kApi) {
    return call("POST", "/control/v1/accesses", encode_list(entries), now, by);
  }
  nlohmann::json page(std::uint64_t after = 0) {
    const auto reply = call("GET", "/control/v1/accesses?after=" + std::to_string(after));
    EXPECT_EQ(reply.status, 200);
    return nlohmann::json::parse(as_text(reply.body));
  }

  Folder folder;
  std::unique_ptr<AccessDesk> desk = *AccessDesk::open(folder.private_db());
};

TEST_F(Accesses, AreOnDiskWhenTheBringerIsAnswered) {
  EXPECT_EQ(bring(accesses(1, 3)).status, 200);
  const auto other = *AccessStore::open(folder.private_db());
  const auto rows = other->page(0, 10);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[2].entry, an_access(3));
  EXPECT_EQ((*rows)[2].by, kApi);
  EXPECT_EQ((*rows)[2].logged, unix_ms(kLogged));
  EXPECT_FALSE((*rows)[2].record);
}

TEST_F(Accesses, BroughtAgainAreKeptOnceAndAsTheyWere) {
  bring(accesses(1, 2));
  auto changed = an_access(2);
  changed.status = 503;
  EXPECT_EQ(as_text(bring({encode_access(changed), encode_access(an_access(3))}).body),
            "{\"kept\":1}");
  bring(accesses(1, 2, 8));
  const auto list = page()["accesses"];
  ASSERT_EQ(list.size(), 5u);
  EXPECT_EQ(list[1]["status"], 200);
  EXPECT_EQ(list[3]["number"], 1) << "another run's";
}

// Whoever learned an API's run could otherwise bring its next numbers first, with entries of nothing.
TEST_F(Accesses, OfAnotherOperatorTakeNoPlaceOfThisOnes) {
  auto forged = an_access(1);
  forged.target = "/nothing";
  constexpr KeyId kOther{{0xcd}};
  EXPECT_EQ(as_text(bring({encode_access(forged)}, kLogged, kOther).body), "{\"kept\":1}");
  EXPECT_EQ(as_text(bring(accesses(1, 2)).body), "{\"kept\":2}");
  EXPECT_EQ(as_text(bring(accesses(1, 2)).body), "{\"kept\":0}");
  const auto rows = (*AccessStore::open(folder.private_db()))->page(0, 10);
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].by, kOther);
  EXPECT_EQ((*rows)[1].by, kApi);
  EXPECT_EQ((*rows)[1].entry, an_access(1));
}

// Rows of a private.db of before that keep their numbers, and a standby is not sent them again.
TEST_F(Accesses, OfAFileOfBeforeStayAsTheyWere) {
  bring(accesses(1, 3));
  desk.reset();
  {
    auto db = *store::Database::open(folder.private_db());
    ASSERT_TRUE(db.exec(
        "CREATE TABLE old(n INTEGER PRIMARY KEY, run BLOB NOT NULL, number INTEGER NOT NULL, "
        "salt BLOB NOT NULL, by BLOB NOT NULL, sha BLOB NOT NULL, logged INTEGER NOT NULL, "
        "entry BLOB NOT NULL, UNIQUE(run, number)); INSERT INTO old SELECT * FROM access; "
        "DROP TABLE access; ALTER TABLE old RENAME TO access; "
        "CREATE TRIGGER moved_access AFTER INSERT ON access BEGIN "
        "INSERT INTO moved(tab, k1, k2) VALUES(15, NEW.n, 0); END; DROP INDEX moved_first; "
        "DROP INDEX record_commitment; DROP INDEX segment_key_reader; DROP TABLE segment_key; DROP "
        "TABLE lot_items; DROP TABLE "
        "lot_serials; "
        "DROP TABLE serials_sent; DROP TABLE serials_sent_page; DROP TABLE serials_sent_part; "
        "DROP INDEX capture_job_owner; ALTER TABLE capture_job DROP COLUMN owner; "
        "DROP TRIGGER moved_named_query; DROP TRIGGER moved_named_query_gone; "
        "DROP TRIGGER moved_subscription; DROP TRIGGER moved_subscription_on; "
        "DROP TRIGGER moved_subscription_gone; DROP TRIGGER moved_capture_job_on; "
        "INSERT INTO named_query(name, query, owner, created) VALUES('a', '{}', '', 1); "
        "PRAGMA user_version = 9"));
  }
  desk = *AccessDesk::open(folder.private_db());
  const auto kept = (*AccessStore::open(folder.private_db()))->page(0, 10);
  ASSERT_EQ(kept->size(), 3u);
  EXPECT_EQ((*kept)[2].entry, an_access(3));
  EXPECT_EQ((*kept)[2].n, 3u);
  bring(accesses(4, 4));
  auto db = *chain::open_private(folder.private_db());
  auto q = *db.prepare("SELECT count(*), max(k1) FROM moved WHERE tab = 15");
  ASSERT_TRUE(*q.step());
  EXPECT_EQ(q.integer(0), 4);
  EXPECT_EQ(q.integer(1), 4);
  auto query = *db.prepare("SELECT k1 FROM moved WHERE tab = 20");
  ASSERT_TRUE(*query.step()) << "queries were not copied before";
  EXPECT_EQ(query.text(0), "a");
}

// An API that starts with its node may find the file before the node brought it up to date.
TEST_F(Accesses, WhoReadsAloneWaitsForTheSchemaAndSaysWhenItDoesNotCome) {
  desk.reset();
  EXPECT_TRUE(chain::await_private(folder.private_db(), Millis(0)));
  {
    auto db = *store::Database::open(folder.private_db());
    ASSERT_TRUE(db.exec("PRAGMA user_version = 9"));
  }
  EXPECT_EQ(chain::await_private(folder.private_db(), Millis(1)).code(), Errc::kNotReady);
  auto waits = std::async(std::launch::async, [this] {
    return chain::await_private(folder.private_db(), Millis(10'000)).code();
  });
  EXPECT_EQ(waits.wait_for(Millis(60)), std::future_status::timeout) << "it does not wait";
  {
    auto db = *store::Database::open(folder.private_db());
    ASSERT_TRUE(db.exec("PRAGMA user_version = 99"));
  }
  EXPECT_EQ(waits.get(), Errc::kOk);
}

TEST_F(Accesses, OfABatchWithAMalformedOneNoneIsKept) {
  auto batch = accesses(1, 3);
  batch[1].pop_back();
  EXPECT_GE(bring(batch).status, 400);
  EXPECT_TRUE(page()["accesses"].empty());
  EXPECT_GE(call("POST", "/control/v1/accesses", Bytes{0xff}).status, 400);
  EXPECT_GE(call("POST", "/control/v1/accesses", {}).status, 400);
  EXPECT_GE(bring(std::vector<Bytes>(kAccessBatchMax + 1, batch[0])).status, 400);
  EXPECT_EQ(bring(accesses(1, 3)).status, 200);
  EXPECT_EQ(page()["accesses"].size(), 3u);
}

TEST_F(Accesses, TimesOfTheNodeNeverFall) {
  bring(accesses(1, 1), kLogged);
  bring(accesses(2, 2), kLogged - Millis{60'000});
  desk = *AccessDesk::open(folder.private_db());
  bring(accesses(3, 3), kLogged - Millis{90'000});
  const auto list = page()["accesses"];
  EXPECT_EQ(list[1]["logged"], list[0]["logged"]);
  EXPECT_EQ(list[2]["logged"], list[0]["logged"]);
}

TEST_F(Accesses, AreAnsweredOnceStandbysHoldThem) {
  bool there = false;
  std::vector<std::uint64_t> asked;
  desk = *AccessDesk::open(folder.private_db(), [&](std::uint64_t moved) {
    asked.push_back(moved);
    return there;
  });
  const auto reply = bring(accesses(1, 3));
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->code, Errc::kUnavailable);
  there = true;
  EXPECT_EQ(as_text(bring(accesses(1, 3)).body), "{\"kept\":0}") << "it had been kept";
  EXPECT_EQ(asked, (std::vector<std::uint64_t>{3, 3})) << "the same place, though nothing was new";
  auto db = *chain::open_private(folder.private_db());
  auto q = *db.prepare("SELECT count(*) FROM moved WHERE tab = 15 AND n <= 3");
  ASSERT_TRUE(*q.step());
  EXPECT_EQ(q.integer(0), 3);
}

TEST_F(Accesses, NumbersAreToldWhileABatchWaits) {
  bring(accesses(1, 2));
  double told = 0;
  EXPECT_TRUE(answers_while(
      folder, [&] { bring(accesses(2, 4)); }, [&] { told = desk->metrics()[0].second; }));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(desk->metrics()[0].second, 4);
  EXPECT_EQ(desk->metrics()[1].second, 1);
  desk = *AccessDesk::open(folder.private_db());
  EXPECT_EQ(desk->metrics()[0].second, 4);
}

TEST_F(Accesses, ComeInPages) {
  bring(accesses(1, 1000));
  bring(accesses(1001, 1200));
  const auto first = page();
  EXPECT_EQ(first["accesses"].size(), 500u);
  EXPECT_EQ(first["next"], 500);
  EXPECT_EQ(page(1000)["accesses"].size(), 200u);
  EXPECT_TRUE(page(1000)["next"].is_null());
  EXPECT_TRUE(page(5000)["accesses"].empty());
}

TEST_F(Accesses, WhateverBytesACallerSentTheAnswerIsJson) {
  auto e = an_access(1);
  e.target = "/events/\xff\xfe\"\n";
  bring({encode_access(e)});
  EXPECT_EQ(page()["accesses"].size(), 1u);
}

}  // namespace
}  // namespace lotmark::node::test
