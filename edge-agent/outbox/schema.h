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

// Running totals, so that opening looks at no row; what a bundle may be dropped for; the time that is known.
inline constexpr const char* kOutboxSchema2 = R"sql(
ALTER TABLE outbox ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;        -- rows of bundle
ALTER TABLE outbox ADD COLUMN kept_bytes INTEGER NOT NULL DEFAULT 0;  -- of their objects
ALTER TABLE outbox ADD COLUMN ran_ms INTEGER NOT NULL DEFAULT 0;      -- how long agents ran on this outbox
ALTER TABLE outbox ADD COLUMN clock_floor INTEGER;                    -- ms UTC: it is this late at the least
UPDATE outbox SET kept = (SELECT count(*) FROM bundle),
  kept_bytes = (SELECT coalesce(sum(length(object)), 0) FROM bundle);
-- WhenFull of the source; 3: a gap over dropped bundles, which its neighbours can join; 0 of other gaps.
ALTER TABLE bundle ADD COLUMN policy INTEGER NOT NULL DEFAULT 0;
ALTER TABLE bundle ADD COLUMN sealed_ms INTEGER NOT NULL DEFAULT 0;   -- outbox.ran_ms then
ALTER TABLE bundle ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;       -- of object
CREATE INDEX bundle_droppable ON bundle (seq, first, policy, sealed_ms, bytes) WHERE policy > 0;
)sql";

inline constexpr const char* kOutboxSchema3 = R"sql(
ALTER TABLE outbox ADD COLUMN commanded INTEGER NOT NULL DEFAULT 0;  -- counter of the last command that was taken
)sql";

inline constexpr const char* kOutboxSchema4 = R"sql(
ALTER TABLE outbox ADD COLUMN conflict INTEGER NOT NULL DEFAULT 0;  -- 1: the node holds other bundles of this life
)sql";

}  // namespace lotmark::agent
