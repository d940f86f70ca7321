// How much of captured events is copied at once, and rows that are not as they should be.
#include "tests/unit/standby/copied_events.h"

namespace lotmark::test {

namespace {

void put_event(const store::Database& db, std::uint64_t n, const std::string& id,
               const std::string& body) {
  auto q =
      must(db.prepare("INSERT INTO event(n, id, hash, sha, salt, recorded, context, body) "
                      "VALUES(?, ?, zeroblob(32), zeroblob(32), zeroblob(16), 1, 1, ?)"));
  ASSERT_TRUE(q.bind(1, n).bind(2, std::string_view(id)).bind(3, as_bytes(body)).run());
}

TEST_F(Copied, LargeEventsAndLongTextsCome) {
  auto db = must(chain::open_private(p.plant.file("private.db")));
  std::string context(60'000, 'a');
  context = "[{\"a\":\"https://" + context + "\"}]";
  auto q = must(db.prepare("INSERT INTO event_context(k, json) VALUES(1, ?)"));
  ASSERT_TRUE(q.bind(1, std::string_view(context)).run());
  std::string id(60'001, 'i');
  id.back() = '\xff';
  for (std::uint64_t n = 1; n <= 40; ++n) put_event(db, n, id, std::string(65'536, '{'));
  auto job =
      must(db.prepare("INSERT INTO capture_job(id, created, finished, proceed, success, "
                      "errors) VALUES('j', 1, 1, 0, 0, ?)"));
  ASSERT_TRUE(job.bind(1, std::string(1024 * 1024, '[')).run());
  int pages = 0;
  for (std::uint64_t moved = 0;; ++pages) {
    const auto page = must(
        node::read_copy_page(db, moved, 0, 0, [](std::uint64_t) { return merkle::empty_root(); }));
    if (page.rows.empty()) break;
    EXPECT_LT(node::encode(page).size(), 2'400'000u) << "a peer takes 16 MiB";
    moved = page.moved;
  }
  EXPECT_GT(pages, 3);
  EXPECT_EQ(p.follow(), pages);
  for (const auto& [columns, table] : kEventTables)
    EXPECT_EQ(dump(p.rows(), columns, table), dump(p.plant.file("private.db"), columns, table));
}

// Captures come faster than a page takes them: devices are acked all the same.
TEST_F(Copied, ObjectsAreNotHeldUpByEvents) {
  p.plant.measure(0, 12);
  p.follow();
  const auto held = p.follower().size();
  {
    auto db = must(chain::open_private(p.plant.file("private.db")));
    auto q = must(db.prepare("INSERT INTO event_context(k, json) VALUES(1, '[]')"));
    ASSERT_TRUE(q.run());
    for (std::uint64_t n = 1; n <= 100; ++n) put_event(db, n, "urn:x", std::string(65'536, '{'));
  }
  p.plant.measure(12, 20);
  ASSERT_GT(p.plant.intake().size(), held);
  const auto page = must(p.page());
  EXPECT_LT(page.moved, page.top);
  EXPECT_FALSE(page.objects.empty()) << "before the last event";
  ASSERT_TRUE(p.follower().take(page));
  p.follow();
  EXPECT_EQ(p.follower().root(), p.plant.intake().checkpoint().root);
}

TEST_F(Copied, AnObjectWaitsForRowsOfItsOwnKind) {
  p.plant.measure(0, 12);
  const auto source = must(store::Database::open(p.plant.file("private.db"), {.read_only = true}));
  const auto size = p.plant.intake().size();
  const auto at = [&](std::uint64_t moved) {
    return must(node::read_copy_page(
        source, moved, 0, size, [&](std::uint64_t n) { return p.plant.intake().root_at(n); }, 1));
  };
  const auto first = at(0);
  ASSERT_EQ(first.rows.size(), 1u) << "however small the page, it goes on";
  ASSERT_LT(first.moved, first.top);
  EXPECT_TRUE(first.objects.empty());
  EXPECT_FALSE(at(first.top).objects.empty());
}

// An answer of an older source may name a newest place that is below its rows.
TEST_F(Copied, ACopyIsNeverBehindByLessThanNothing) {
  p.plant.measure(0, 12);
  auto page = must(p.page());
  page.top = 0;
  ASSERT_TRUE(p.follower().take(page));
  for (const auto& [metric, v] : p.follower().metrics()) {
    if (metric == "lotmark_standby_behind_rows") {
      EXPECT_EQ(v, 0);
    }
  }
}

// What a hostile document is told of fits into a page, and so does its @context.
TEST_F(Copied, WhatIsKeptOfACaptureIsBounded) {
  const auto store = must(node::EventStore::open(p.plant.file("private.db")));
  node::CaptureRequest r;
  r.kind = node::CaptureRequest::Kind::kProceed;
  r.faults = "[";
  for (int i = 0; i < 3000; ++i)
    r.faults += (i == 0 ? "\"" : ",\"") + std::string(1000, 'x') + "\"";
  r.faults += "]";
  r.contexts = {"[]"};
  const auto done = must(store->capture(r, p.plant.c.clock.now()));
  const auto reader = must(node::EventReader::open(p.plant.file("private.db")));
  const auto job = must(reader->job(done.job));
  ASSERT_TRUE(job);
  EXPECT_LE(job->errors.size(), 1024u * 1024);
  const auto errors = epcis::Json::parse(job->errors, nullptr, false);
  ASSERT_TRUE(errors.is_array());
  EXPECT_EQ(errors.back()["detail"], std::to_string(3000 - (errors.size() - 1)) + " more");
  p.follow();
  EXPECT_EQ(number(p.copy(), "SELECT length(errors) FROM capture_job"),
            static_cast<std::int64_t>(job->errors.size()));
  r.faults = "[]";
  r.contexts = {std::string(65 * 1024, ' ')};
  EXPECT_EQ(node::decode_capture(node::encode_capture(r)).code(), Errc::kTooLarge);
}

// Damage at the source is copied as it is: the audit names it. Copying goes on.
TEST_F(Copied, AnEventThatCannotBeReadIsCopiedAndFoundByNothing) {
  events.capture(3);
  ASSERT_EQ(spoil(p.plant.file("private.db"), "UPDATE event SET body = x'7b' WHERE n = 2"), 1);
  p.follow();
  EXPECT_EQ(number(p.copy(), "SELECT count(*) FROM event"), 3);
  EXPECT_EQ(found_events(p.rows(), {}).size(), 2u);
  EXPECT_EQ(number(p.copy(), "SELECT count(*) FROM event_pending"), 3);
  const auto done = promote();
  ASSERT_TRUE(done) << "one event's damage does not keep the enterprise from going on"
                    << done.error().message();
  EXPECT_NE(lines(done->report).find("event row 2"), std::string::npos) << lines(done->report);
}

TEST_F(Copied, ADamagedPeriodChainIsNotGoneOnWith) {
  events.run();
  p.follow();
  ASSERT_EQ(spoil(p.rows(), "UPDATE period_record SET hash = zeroblob(32) WHERE period = 0"), 1);
  const auto done = promote();
  ASSERT_EQ(done.code(), Errc::kCorrupt);
  EXPECT_NE(done.error().text.find("period_record row"), std::string::npos) << done.error().text;
}

TEST_F(Copied, ANumberOfNoRowIsRefusedNotSent) {
  events.capture(1);
  spoil(p.plant.file("private.db"), "UPDATE event SET recorded = 1152921504606846976");
  EXPECT_EQ(p.page().code(), Errc::kCorrupt);
}

TEST_F(Copied, RowsOfAnotherFormAreRefused) {
  const auto refused = [](const std::function<void(CborWriter&)>& value) {
    const Bytes bytes = cbor_bytes([&](CborWriter& w) {
      w.array(3);
      w.uint(9);
      w.array(1);
      w.uint(1);
      w.array(2);
      w.uint(1);
      value(w);
    });
    const auto doc = must(CborDoc::parse(bytes));
    return !node::read_copy_row(doc.root());
  };
  EXPECT_FALSE(refused([](CborWriter& w) { w.bytes(as_bytes("[]")); }));
  EXPECT_TRUE(refused([](CborWriter& w) { w.text("[]"); })) << "texts of events travel as bstr";
  EXPECT_TRUE(refused([](CborWriter& w) { w.uint(5); }));
  EXPECT_TRUE(refused([](CborWriter& w) { w.array(0); }));
}

// As a program sends it that knew no owners; without its last event it is of no program.
TEST_F(Copied, AJobOfAnOlderSourceComesWithoutItsOwner) {
  const auto job = [](std::size_t values) {
    return cbor_bytes([&](CborWriter& w) {
      w.array(3);
      w.uint(14);
      w.array(1);
      w.uint(1);
      w.array(values);
      w.uint(1);
      w.text("3f2504e0-4f89-41d3-9a0c-0305e82c3301");
      for (int i = 0; i < 4; ++i) w.uint(1);
      w.bytes(as_bytes("[]"));
      for (std::size_t i = 7; i < values; ++i) w.null();
    });
  };
  const Bytes nine = job(9), eight = job(8);
  const auto doc = must(CborDoc::parse(nine));
  const auto row = must(node::read_copy_row(doc.root()));
  const auto db = must(chain::open_private(p.plant.file("private.db")));
  auto put = must(db.prepare(node::put_row(*row.table)));
  int place = 0;
  for (const auto& v : row.values) v.bind(put, ++place);
  must(put.run());
  const auto file = p.plant.file("private.db");
  EXPECT_EQ(dump(file, "k, success, length(owner)", "capture_job"),
            dump(file, "1, 1, 0", "capture_job"));
  EXPECT_EQ(dump(file, "id, k", "capture_job").find("3f2504e0"), 0u);
  EXPECT_FALSE(node::read_copy_row(must(CborDoc::parse(eight)).root()));
}

}  // namespace

}  // namespace lotmark::test
