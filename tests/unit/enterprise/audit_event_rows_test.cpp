// Every column of every table of events changed by the least, and every row taken away: the audit finds it and names the row.
#include "tests/unit/enterprise/captured_files.h"

namespace lotmark::test {
namespace {

struct Change {
  const char* table;
  const char* where;
  const char* set;
  const char* named;  // table
  std::optional<std::uint64_t> row;
};

// One more, one letter more, or one byte of a blob.
const Change kChanges[] = {
    {"event", "n = 3", "n = n + 100000", "event", 3},
    {"event", "n = 3", "id = id || 'x'", "event", 3},
    {"event", "n = 3", "id = NULL", "event", 3},
    {"event", "n = 1", "id = 'urn:x:0'", "event", 1},
    {"event", "n = 3", "hash = iif(substr(hash, 1, 1) = x'00', x'01', x'00') || substr(hash, 2)",
     "event", 3},
    {"event", "n = 3", "hash = x'00'", "event", 3},
    {"event", "n = 3", "sha = iif(substr(sha, 1, 1) = x'00', x'01', x'00') || substr(sha, 2)",
     "event", 3},
    {"event", "n = 3", "salt = iif(substr(salt, 1, 1) = x'00', x'01', x'00') || substr(salt, 2)",
     "event", 1},
    {"event", "n = 3", "salt = x'00'", "event", 3},
    {"event", "n = 3", "recorded = recorded + 1", "event", 4},
    {"event", "n = 3", "recorded = recorded - 1", "event", 3},
    {"event", "n = 3", "context = context + 1", "event", 3},
    {"event", "n = 3", "body = CAST(replace(CAST(body AS TEXT), 'B', 'C') AS BLOB)", "event", 3},
    {"event", "n = 3", "body = body || x'20'", "event", 3},
    {"event", "n = 3", "body = x'7b'", "event", 3},
    {"event", "n = 6", "salt = iif(substr(salt, 1, 1) = x'00', x'01', x'00') || substr(salt, 2)",
     "event", 6},
    {"event_context", "k = 1", "k = 2", "event", 1},
    {"event_context", "k = 1", "json = json || 'x'", "event", 1},
    {"event_context", "k = 1", "json = replace(json, 'yunhe', 'yanhe')", "event", 1},
    {"event_set",
     "start IS NULL",
     "commitment = iif(substr(commitment, 1, 1) = x'00', x'01', x'00') || substr(commitment, 2)",
     "event_set",
     {}},
    {"event_set", "start IS NULL", "start = x'00'", "event_set", {}},
    {"event_set",
     "start IS NOT NULL",
     "commitment = iif(substr(commitment, 1, 1) = x'00', x'01', x'00') || substr(commitment, 2)",
     "event_set",
     {}},
    {"event_set", "start IS NOT NULL", "start = NULL", "event_set", {}},
    {"event_set",
     "start IS NOT NULL",
     "start = iif(substr(start, 1, 1) = x'00', x'01', x'00') || substr(start, 2)",
     "event_set",
     {}},
    {"event_set",
     "start IS NULL",
     "spans = iif(substr(spans, 1, 1) = x'00', x'01', x'00') || substr(spans, 2)",
     "event_set",
     {}},
    {"event_set", "start IS NOT NULL", "spans = substr(spans, 1, length(spans) - 1) || x'08'",
     "event_span", 6},
    {"event_span", "first = 6", "first = 5", "event_span", 6},
    {"event_span", "first = 6", "last = last + 1", "event_span", 6},
    {"event_span", "first = 6",
     "commitment = iif(substr(commitment, 1, 1) = x'00', x'01', x'00') || substr(commitment, 2)",
     "event_span", 6},
    {"event_span", "first = 6", "segment = segment + 1", "event_span", 6},
    {"event_span", "first = 6", "at = at + 1", "event_span", 6},
    {"period_record", "period = 0",
     "commitment = iif(substr(commitment, 1, 1) = x'00', x'01', x'00') || substr(commitment, 2)",
     "period_record", 0},
    {"period_record", "period = 0", "head = substr(head, 1, length(head) - 1) || x'02'",
     "period_record", 0},
    {"period_record", "period = 0", "head = x'00'", "period_record", 0},
    {"period_record", "period = 0",
     "segments = substr(segments, 1, length(segments) - 1) || iif(substr(segments, -1) = x'55', "
     "x'54', x'55')",
     "period_record", 0},
    {"period_record", "period = 0", "segments = x'00'", "period_record", 0},
    {"period_record", "period = 0",
     "object = substr(object, 1, length(object) - 1) || iif(substr(object, -1) = x'55', x'54', "
     "x'55')",
     "period_record", 0},
    {"period_record", "period = 0", "time = time + 1", "period_record", 0},
    {"period_record", "period = 0",
     "previous = iif(substr(previous, 1, 1) = x'00', x'01', x'00') || substr(previous, 2)",
     "period_record", 0},
    {"period_record", "period = 0",
     "hash = iif(substr(hash, 1, 1) = x'00', x'01', x'00') || substr(hash, 2)", "period_record", 0},
    {"period_record", "period = 0",
     "tx_id = iif(substr(tx_id, 1, 1) = x'00', x'01', x'00') || substr(tx_id, 2)", "period_record",
     0},
    {"period_record", "period = 0",
     "tx = substr(tx, 1, length(tx) - 1) || iif(substr(tx, -1) = x'55', x'54', x'55')",
     "period_record", 0},
    {"period_record", "period = 0", "period = 77", "period_record", 77},
    {"capture_job", "k = 1", "id = id || 'x'", "capture_job", 1},
    {"capture_job", "k = 1", "created = created + 1", "capture_job", 1},
    {"capture_job", "k = 1", "finished = finished + 1", "capture_job", 1},
    {"capture_job", "k = 1", "proceed = proceed + 2", "capture_job", 1},
    {"capture_job", "k = 1", "success = success + 1", "capture_job", 1},
    {"capture_job", "k = 1", "success = 0", "capture_job", 1},
    {"capture_job", "k = 1", "errors = errors || 'x'", "capture_job", 1},
    {"capture_job", "k = 1", "owner = printf('%2000s', 'x')", "capture_job", 1},
    {"capture_job", "k = 1", "errors = '[1]'", "capture_job", 1},
    {"capture_job", "k = 1", "first = NULL", "capture_job", 1},
    {"capture_job", "k = 1", "last = last + 10000", "capture_job", 1},
    {"event_pending", "n = 48", "n = 47", "event", 48},
    {"event_pending", "n = 48", "n = 99999", "event_pending", 99999},
    {"event_pending", "n = 48", "start = x'00'", "event_pending", 48},
};

TEST(AuditEvents, EveryChangedColumnIsFoundAndItsRowNamed) {
  for (const auto& c : kChanges) {
    const std::string sql =
        std::string("UPDATE ") + c.table + " SET " + c.set + " WHERE " + c.where + " LIMIT 1";
    const std::string plain =
        std::string("UPDATE OR REPLACE ") + c.table + " SET " + c.set + " WHERE " + c.where;
    const auto report = Captured::get().after(plain);
    EXPECT_TRUE(names(report, c.named, c.row)) << sql << lines(report);
    EXPECT_TRUE(std::ranges::all_of(report.faults, [](const auto& f) { return f.lot.empty(); }))
        << "an event's damage stops no lot" << lines(report);
    EXPECT_TRUE(chain::names_its_lots(report)) << "nor keeps one from going on" << lines(report);
  }
}

TEST(AuditEvents, EveryDeletedRowIsFound) {
  for (const auto& [sql, table] :
       {std::pair("DELETE FROM event WHERE n = 3", "event"),
        std::pair("DELETE FROM event WHERE n = 50", "event_pending"),
        std::pair("DELETE FROM event WHERE n = 47", "event"),
        std::pair("DELETE FROM event_context", "event"),
        std::pair("DELETE FROM event_set WHERE start IS NULL", "event_set"),
        std::pair("DELETE FROM event_set WHERE start IS NOT NULL", "event_set"),
        std::pair("DELETE FROM event_span WHERE first = 1", "event_span"),
        std::pair("DELETE FROM event_span WHERE first = 6", "event_span"),
        std::pair("DELETE FROM event_pending WHERE n = 48", "event"),
        std::pair("DELETE FROM event_term WHERE h = 0 AND n = 3", "event_term"),
        std::pair("DELETE FROM event_term WHERE h != 0 AND n = 32", "event_term"),
        std::pair("DELETE FROM event_value WHERE kind = 1", "event_value"),
        std::pair("DELETE FROM period_record WHERE period = 0", "period_record"),
        std::pair("DELETE FROM period_record WHERE period = 1", "event_set"),
        std::pair("DELETE FROM period_record", "period_record")}) {
    const auto report = Captured::get().after(sql);
    EXPECT_TRUE(names(report, table, {})) << sql << lines(report);
  }
}

TEST(AuditEvents, TwoEventsThatChangedPlacesAreFound) {
  for (const auto& [a, b] : {std::pair(2, 3), std::pair(3, 6), std::pair(48, 49)}) {
    const std::string x = std::to_string(a), y = std::to_string(b);
    const auto report = Captured::get().after("UPDATE event SET n = -1 WHERE n = " + x +
                                              "; UPDATE event SET n = " + x + " WHERE n = " + y +
                                              "; UPDATE event SET n = " + y + " WHERE n = -1");
    EXPECT_TRUE(names(report, a < 48 ? "event" : "event_term", {})) << x << lines(report);
  }
}

}  // namespace
}  // namespace lotmark::test
