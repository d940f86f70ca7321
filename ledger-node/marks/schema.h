// Tables of marks.db. Never edit a migration that has shipped: add one.
#pragma once

#include <string_view>

namespace lotmark::node {

inline constexpr std::string_view kMarksSchema = R"sql(
-- Marks of use as they were signed (docs/format/mark.md), in the order in which they were taken.
CREATE TABLE mark(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, gtin TEXT NOT NULL, lot TEXT NOT NULL, kind INTEGER NOT NULL,
  serial TEXT, units INTEGER NOT NULL, time INTEGER NOT NULL, kid BLOB NOT NULL, nonce BLOB NOT NULL,
  took INTEGER NOT NULL,  -- ms UTC, by this node's clock as it was then
  by BLOB NOT NULL,       -- whose token brought it
  object BLOB NOT NULL,
  report BLOB);           -- id of the report of use that counts it; null: it waits
CREATE UNIQUE INDEX mark_nonce ON mark(kid, nonce);
-- One signer's word on one unit.
CREATE UNIQUE INDEX mark_fact ON mark(gtin, lot, serial, kind, kid) WHERE serial IS NOT NULL;
CREATE INDEX mark_lot ON mark(gtin, lot, n);
CREATE INDEX mark_signer ON mark(kid, took);
CREATE INDEX mark_waiting ON mark(gtin, lot, kind, n) WHERE report IS NULL;
CREATE INDEX mark_report ON mark(report) WHERE report IS NOT NULL;
-- Reports made of marks, stored before they leave and sent again as they are.
CREATE TABLE report(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, gtin TEXT NOT NULL, lot TEXT NOT NULL, kind INTEGER NOT NULL,
  made INTEGER NOT NULL,  -- ms UTC
  object BLOB NOT NULL,
  state INTEGER NOT NULL,  -- ReportState
  error TEXT NOT NULL DEFAULT '', block INTEGER);
CREATE INDEX report_state ON report(state, n);
CREATE INDEX report_lot ON report(gtin, lot);
)sql";

}  // namespace lotmark::node
