// A standby's copy of captured events, and what is in either file.
#pragma once

#include "tests/must.h"
#include "tests/unit/enterprise/event_plant.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

inline std::int64_t number(const store::Database& db, const std::string& sql) {
  auto q = must(db.prepare(sql));
  EXPECT_TRUE(must(q.step())) << sql;
  return q.integer(0);
}

// All rows of a table as text, in order.
inline std::string dump(const std::filesystem::path& file, const std::string& columns,
                        const std::string& table) {
  const auto db = must(store::Database::open(file, {.read_only = true}));
  auto q = must(db.prepare("SELECT " + columns + " FROM " + table + " ORDER BY 1, 2"));
  std::string out;
  while (must(q.step())) {
    for (int c = 0; c < q.columns(); ++c) out += q.text(c) + "|";
    out += "\n";
  }
  return out;
}

inline constexpr std::pair<const char*, const char*> kEventTables[] = {
    {"k, json", "event_context"},
    {"n, id, hex(hash), hex(sha), hex(salt), recorded, context, body", "event"},
    {"hex(commitment), hex(start), hex(spans)", "event_set"},
    {"first, last, hex(commitment), segment, at", "event_span"},
    {"period, hex(commitment), hex(head), hex(segments), hex(object), time, hex(previous), "
     "hex(hash), hex(tx_id), hex(tx)",
     "period_record"},
    {"k, id, created, finished, proceed, success, errors, first, last, owner", "capture_job"},
    {"h, t, n", "event_term"},
    {"kind, value", "event_value"}};

struct Copied : testing::Test {
  CopiedPlant p;
  EventPlant events{p.plant};

  Result<backup::Promoted> promote() {
    p.copy_chain();
    p.shut();
    return backup::promote(p.folder / "", p.plant.c.anchor, p.plant.c.clock.now());
  }
};

}  // namespace lotmark::test
