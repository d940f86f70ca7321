// Migrations of what is captured: events, the access log, queries and their subscriptions.
#include "ledger-node/chain/private/migrations.h"

namespace lotmark::chain {

// EPCIS events (docs/format/events.md). Terms, values and pending rows follow from the others: event_index.h makes
// them anew.
constinit const std::string_view migration::kEvents = R"sql(
CREATE TABLE event_context(k INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE);
CREATE TABLE event(
  n INTEGER PRIMARY KEY,           -- from 1, in the order of capture
  id TEXT,                         -- eventID; null where it was sent without, then it is the event hash's
  hash BLOB NOT NULL,              -- canonical event hash (CBV 2.0)
  sha BLOB NOT NULL,               -- SHA-256 of body
  salt BLOB NOT NULL,              -- of its entry in a record
  recorded INTEGER NOT NULL,       -- recordTime, ms UTC; never falls
  context INTEGER NOT NULL,        -- event_context.k: the @context of its document
  body BLOB NOT NULL               -- the event's JSON as it was sent
);
-- Whatever a query can look an event up by, hashed (core/epcis/query/terms.h); term 0 is of all. t: eventTime, ms UTC.
CREATE TABLE event_term(h INTEGER NOT NULL, t INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY(h, t, n)) WITHOUT ROWID;
-- What is listed as a top-level resource: kind 0 EPCs, 1 bizSteps, 2 bizLocations, 3 readPoints, 4 dispositions.
CREATE TABLE event_value(kind INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY(kind, value)) WITHOUT ROWID;
-- In no record yet; of an open lot, its start signal.
CREATE TABLE event_pending(n INTEGER PRIMARY KEY, start BLOB);
CREATE INDEX event_pending_lot ON event_pending(start, n) WHERE start IS NOT NULL;
-- Events of a record: of a lot's step prepared or placed (start), or of the organisation's period chain (null).
CREATE TABLE event_set(
  commitment BLOB PRIMARY KEY, start BLOB,
  spans BLOB NOT NULL              -- cbor: [(segment, at, first, last) ...]
) WITHOUT ROWID;
-- Events first to last stand at places at, at + 1, ... of that segment of a record that is placed.
CREATE TABLE event_span(
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, commitment BLOB NOT NULL, segment INTEGER NOT NULL, at INTEGER NOT NULL);
-- The organisation's period chain: records of events that join no lot, one a period at most.
CREATE TABLE period_record(
  period INTEGER PRIMARY KEY, commitment BLOB NOT NULL UNIQUE,
  head BLOB NOT NULL, segments BLOB NOT NULL, object BLOB NOT NULL,
  time INTEGER NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
  tx_id BLOB NOT NULL UNIQUE, tx BLOB NOT NULL);
CREATE TABLE capture_job(
  k INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL, finished INTEGER NOT NULL,  -- ms UTC
  proceed INTEGER NOT NULL, success INTEGER NOT NULL,
  errors TEXT NOT NULL,            -- JSON list
  first INTEGER, last INTEGER      -- events it stored
);
CREATE TRIGGER moved_event_context AFTER INSERT ON event_context BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(9, NEW.k, 0); END;
CREATE TRIGGER moved_event AFTER INSERT ON event BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(10, NEW.n, 0); END;
CREATE TRIGGER moved_event_set AFTER INSERT ON event_set BEGIN
  DELETE FROM moved WHERE tab = 11 AND k1 = NEW.commitment AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(11, NEW.commitment, 0); END;
CREATE TRIGGER moved_event_set_gone AFTER DELETE ON event_set BEGIN
  DELETE FROM moved WHERE tab = 11 AND k1 = OLD.commitment AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(11, OLD.commitment, 0); END;
CREATE TRIGGER moved_event_span AFTER INSERT ON event_span BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(12, NEW.first, 0); END;
CREATE TRIGGER moved_period_record AFTER INSERT ON period_record BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(13, NEW.period, 0); END;
CREATE TRIGGER moved_capture_job AFTER INSERT ON capture_job BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(14, NEW.k, 0); END;
)sql";

// The access log (docs/format/access.md). What is behind the last span stands in no record yet.
constinit const std::string_view migration::kAccess = R"sql(
CREATE TABLE access(
  n INTEGER PRIMARY KEY,           -- from 1, in the order they were brought
  run BLOB NOT NULL, number INTEGER NOT NULL,  -- those of the entry: each is kept once
  salt BLOB NOT NULL,              -- of its entry in a record
  by BLOB NOT NULL,                -- kid of the operator whose token brought it
  sha BLOB NOT NULL,               -- SHA-256 of entry
  logged INTEGER NOT NULL,         -- ms UTC, by this node's clock; never falls
  entry BLOB NOT NULL,
  UNIQUE(run, number)
);
-- Entries first to last stand at places 0, 1, ... of that segment of a period record.
CREATE TABLE access_span(
  first INTEGER PRIMARY KEY, last INTEGER NOT NULL, commitment BLOB NOT NULL, segment INTEGER NOT NULL,
  UNIQUE(commitment, segment));
CREATE TRIGGER moved_access AFTER INSERT ON access BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(15, NEW.n, 0); END;
CREATE TRIGGER moved_access_span AFTER INSERT ON access_span BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(16, NEW.first, 0); END;
)sql";

// Named queries and their subscriptions (ledger-node/subscribe). Standbys copy them: kLateCopies.
constinit const std::string_view migration::kQueries = R"sql(
CREATE TABLE named_query(
  name TEXT PRIMARY KEY,
  query TEXT NOT NULL,             -- JSON
  owner TEXT NOT NULL,             -- client's id; empty: not known
  created INTEGER NOT NULL         -- ms UTC, as all times here
) WITHOUT ROWID;
CREATE TABLE subscription(
  k INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,              -- named_query.name
  dest TEXT NOT NULL,
  token TEXT NOT NULL,             -- signatureToken; empty: none
  schedule TEXT NOT NULL,          -- JSON; empty: a stream
  report_if_empty INTEGER NOT NULL, initial INTEGER, owner TEXT NOT NULL, created INTEGER NOT NULL,
  upto INTEGER NOT NULL,           -- events up to event.n are reported
  ran INTEGER, notified INTEGER,   -- newest run that ended; newest report that was taken
  failures INTEGER NOT NULL, failing_since INTEGER,  -- in a row
  stopped TEXT                     -- why; null: active
);
CREATE INDEX subscription_query ON subscription(name, k);
)sql";

// Pending events of no open lot are found without going through those that wait for one.
constinit const std::string_view migration::kFreeEvents = R"sql(
CREATE INDEX event_pending_free ON event_pending(n) WHERE start IS NULL;
)sql";

// Who brings entries numbers its runs, and takes no place of another's: UNIQUE(run, number) did.
constinit const std::string_view migration::kAccessBy = R"sql(
CREATE TABLE access_by(
  n INTEGER PRIMARY KEY,           -- as in access before, and each column
  run BLOB NOT NULL, number INTEGER NOT NULL,  -- those of the entry: each of an operator's is kept once
  salt BLOB NOT NULL, by BLOB NOT NULL, sha BLOB NOT NULL, logged INTEGER NOT NULL, entry BLOB NOT NULL,
  UNIQUE(by, run, number)
);
INSERT INTO access_by(n, run, number, salt, by, sha, logged, entry)
  SELECT n, run, number, salt, by, sha, logged, entry FROM access ORDER BY n;
DROP TABLE access;
ALTER TABLE access_by RENAME TO access;
CREATE TRIGGER moved_access AFTER INSERT ON access BEGIN
  INSERT INTO moved(tab, k1, k2) VALUES(15, NEW.n, 0); END;
)sql";

// What an object of the intake log needs before it at a standby is known by a look at few rows, however many events moved.
constinit const std::string_view migration::kMovedFirst = R"sql(
CREATE INDEX moved_first ON moved(n) WHERE tab < 9;
)sql";

// Whose a capture's job is: others of the organisation are not shown it.
constinit const std::string_view migration::kJobOwner = R"sql(
ALTER TABLE capture_job ADD COLUMN owner TEXT NOT NULL DEFAULT '';  -- client's id; empty: not known
CREATE INDEX capture_job_owner ON capture_job(owner, k);
)sql";

// Queries and subscriptions at a standby. A place that moves on comes behind the events it passed, so that no copy of it is
// past the events of that copy.
constinit const std::string_view migration::kLateCopies = R"sql(
CREATE TRIGGER moved_named_query AFTER INSERT ON named_query BEGIN
  DELETE FROM moved WHERE tab = 20 AND k1 = NEW.name AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(20, NEW.name, 0); END;
CREATE TRIGGER moved_named_query_gone AFTER DELETE ON named_query BEGIN
  DELETE FROM moved WHERE tab = 20 AND k1 = OLD.name AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(20, OLD.name, 0); END;
CREATE TRIGGER moved_subscription AFTER INSERT ON subscription BEGIN
  DELETE FROM moved WHERE tab = 21 AND k1 = NEW.k AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(21, NEW.k, 0); END;
CREATE TRIGGER moved_subscription_on AFTER UPDATE ON subscription BEGIN
  DELETE FROM moved WHERE tab = 21 AND k1 = NEW.k AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(21, NEW.k, 0); END;
CREATE TRIGGER moved_subscription_gone AFTER DELETE ON subscription BEGIN
  DELETE FROM moved WHERE tab = 21 AND k1 = OLD.k AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(21, OLD.k, 0); END;
-- A job of a capture that comes in parts goes on.
CREATE TRIGGER moved_capture_job_on AFTER UPDATE ON capture_job BEGIN
  DELETE FROM moved WHERE tab = 14 AND k1 = NEW.k AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(14, NEW.k, 0); END;
INSERT INTO moved(tab, k1, k2) SELECT 20, name, 0 FROM named_query ORDER BY name;
INSERT INTO moved(tab, k1, k2) SELECT 21, k, 0 FROM subscription ORDER BY k;
)sql";

// Event types that are not EPCIS's own, kind 5 of event_value: of events from before it was written. A prefix is looked up
// in the event's @context, then in its document's; core/epcis/query/words.h has the whole rule. A damaged row is passed over.
constinit const std::string_view migration::kEventTypes = R"sql(
INSERT OR IGNORE INTO event_value(kind, value)
  SELECT 5, coalesce(space || substr(type, colon + 1), type) FROM (
    SELECT type, colon, CASE
      WHEN substr(type, colon + 1, 2) = '//' OR substr(type, 1, colon) IN ('urn:', 'ni:') THEN NULL
      ELSE coalesce(
        (SELECT atom FROM json_tree(own) AS t WHERE t.key = substr(e.type, 1, colon - 1) AND t.type = 'text' LIMIT 1),
        (SELECT atom FROM json_tree(around) AS t WHERE t.key = substr(e.type, 1, colon - 1) AND t.type = 'text' LIMIT 1))
      END AS space
    FROM (
      SELECT json_extract(body, '$.type') AS type, instr(json_extract(body, '$.type'), ':') AS colon,
             coalesce(body -> '$."@context"', 'null') AS own, around
      FROM (
        SELECT CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) ELSE '{}' END AS body,
               CASE WHEN json_valid(json) THEN json ELSE 'null' END AS around
        FROM event LEFT JOIN event_context ON k = context)
      WHERE json_type(body, '$.type') = 'text') AS e
    WHERE colon > 1 AND type NOT LIKE 'epcis:%' AND type NOT LIKE 'http%://ref.gs1.org/epcis/%');
)sql";

}  // namespace lotmark::chain
