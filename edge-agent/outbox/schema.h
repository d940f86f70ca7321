// Tables of outbox.db, by user_version. A step that was released never changes.
#pragma once

namespace lotmark::agent {

inline constexpr const char* kOutboxSchema1 = R"sql(
CREATE TABLE outbox (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  device BLOB NOT NULL, chain BLOB NOT NULL, life BLOB NOT NULL,
  seq INTEGER NOT NULL, id BLOB,              -- last sealed
  readings INTEGER NOT NULL,                  -- in all bundles of this life
  boot INTEGER NOT NULL, boot_id TEXT NOT NULL, session INTEGER NOT NULL,
  ack BLOB, ack_through INTEGER NOT NULL DEFAULT 0,
  anchor_size INTEGER, anchor_root BLOB
);
-- first < seq only for a gap; readings_total counts those of all bundles up to seq.
CREATE TABLE bundle (
  seq INTEGER PRIMARY KEY, first INTEGER NOT NULL, id BLOB NOT NULL,
  readings_total INTEGER NOT NULL, object BLOB NOT NULL
);
-- What a gap over bundles that were let go needs to know of them.
CREATE TABLE past (seq INTEGER PRIMARY KEY, readings_total INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE channel (name TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE source (
  name TEXT PRIMARY KEY, offset INTEGER NOT NULL, place INTEGER NOT NULL, done INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE start (
  id BLOB PRIMARY KEY, device TEXT NOT NULL, object BLOB NOT NULL,
  by_enterprise INTEGER NOT NULL, by_reviewer INTEGER NOT NULL
);
)sql";

}  // namespace lotmark::agent
