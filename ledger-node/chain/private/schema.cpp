#include "ledger-node/chain/private/private_store.h"

#include <thread>

#include "ledger-node/chain/private/migrations.h"

namespace lotmark::chain {

constinit const std::string_view migration::kFirst = R"sql(
-- Each life of each device that signed something here, and where its log stands.
CREATE TABLE life(
  n INTEGER PRIMARY KEY, device BLOB NOT NULL, life BLOB NOT NULL,
  seq INTEGER NOT NULL, id BLOB,   -- the position; id null at 0 and after a gap that names no lost id
  opened INTEGER NOT NULL, closed INTEGER,  -- ms UTC
  UNIQUE(device, life)
);
-- Every bundle and gap of an enterprise's devices, in arrival order: the intake log. idx is its tree's index.
-- Found by id through the tree in memory: an index of random ids would dirty a page a bundle.
CREATE TABLE intake(
  idx INTEGER PRIMARY KEY,         -- from 0
  id BLOB NOT NULL,                -- of the signed object
  life INTEGER NOT NULL,           -- life.n
  seq INTEGER NOT NULL,            -- of a gap that was cut: the first it still stands for
  last INTEGER NOT NULL,           -- seq of a bundle, last of a gap
  kind INTEGER NOT NULL,           -- 0 bundle, 1 gap
  t_from INTEGER NOT NULL, t_to INTEGER NOT NULL,  -- ms UTC; 0 of a gap
  received INTEGER NOT NULL        -- ms UTC
);
CREATE INDEX intake_seq ON intake(life, seq);
CREATE INDEX intake_time ON intake(life, t_from, t_to) WHERE kind = 0;
-- Apart, so that the log is read without its bodies.
CREATE TABLE intake_wire(
  idx INTEGER PRIMARY KEY,
  wire BLOB NOT NULL               -- bundle wire, or the gap object
);
-- The newest time an ack told: it never falls.
CREATE TABLE intake_clock(one INTEGER PRIMARY KEY CHECK(one = 1), time INTEGER NOT NULL);
-- Objects that contradict one another, kept whole.
CREATE TABLE evidence(
  n INTEGER PRIMARY KEY, kind TEXT NOT NULL, at INTEGER NOT NULL,
  signer BLOB NOT NULL,
  other BLOB NOT NULL,             -- id of `second`: the same contradiction is kept once
  first BLOB NOT NULL, second BLOB NOT NULL,
  UNIQUE(kind, signer, other)
);

-- What others sent us that we answered with an arrival: start signals, openings, transactions, applications.
CREATE TABLE received(
  idx INTEGER PRIMARY KEY,         -- from 0: index in the received log
  id BLOB NOT NULL UNIQUE, type TEXT NOT NULL, signer BLOB NOT NULL,
  at INTEGER NOT NULL,             -- ms UTC
  object BLOB NOT NULL, arrival BLOB NOT NULL
);
CREATE INDEX received_signer ON received(signer, type, idx);

-- Enterprise: one batch a start signal.
CREATE TABLE batch(
  start BLOB PRIMARY KEY, opening BLOB NOT NULL, opening_id BLOB NOT NULL,
  programme TEXT NOT NULL, line BLOB NOT NULL, gtin TEXT NOT NULL, lot TEXT NOT NULL,
  state TEXT NOT NULL,             -- open, applied, released, refused
  product TEXT, expires INTEGER,   -- there once somebody applied
  application BLOB, application_id BLOB, block INTEGER,
  made INTEGER NOT NULL,           -- ms UTC
  disclosure BLOB,                 -- body of POST /peer/v1/disclosures
  disclosed INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE UNIQUE INDEX batch_lot ON batch(gtin, lot);
-- Its private chain: one row a record, in order; n from 0.
CREATE TABLE record(
  start BLOB NOT NULL, n INTEGER NOT NULL, commitment BLOB NOT NULL,
  head BLOB NOT NULL,              -- cbor of the record head
  segments BLOB NOT NULL,          -- cbor list of segment entries
  object BLOB NOT NULL,            -- the author's signed record
  evidence BLOB NOT NULL,          -- cbor: bundles of each claim (docs/operate/peer.md, rows)
  time INTEGER NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY(start, n)) WITHOUT ROWID;
-- Steps prepared (object null) or signed, waiting for the next slot.
CREATE TABLE waiting(
  commitment BLOB PRIMARY KEY, start BLOB NOT NULL, step TEXT NOT NULL,
  head BLOB NOT NULL, segments BLOB NOT NULL, evidence BLOB NOT NULL,
  object BLOB, time INTEGER NOT NULL) WITHOUT ROWID;
-- One transaction a record; n as there.
CREATE TABLE tx(
  start BLOB NOT NULL, n INTEGER NOT NULL, id BLOB NOT NULL UNIQUE, object BLOB NOT NULL,
  PRIMARY KEY(start, n)) WITHOUT ROWID;
-- What members answered to what we sent: reviewers an arrival. Of a disclosure `object` is its body's hash.
CREATE TABLE answer(
  object BLOB NOT NULL, member BLOB NOT NULL, at INTEGER NOT NULL, reply BLOB NOT NULL,
  PRIMARY KEY(object, member)) WITHOUT ROWID;

-- Reviewer: one review an application.
CREATE TABLE review(
  start BLOB PRIMARY KEY, gtin TEXT NOT NULL, lot TEXT NOT NULL, opening BLOB NOT NULL,
  enterprise BLOB NOT NULL, application BLOB, application_id BLOB,
  state TEXT NOT NULL,             -- open, applied, reviewed, released, refused
  report BLOB, report_id BLOB, decided BLOB,  -- release or refusal object
  details BLOB,                    -- JSON: findings with readings and paths, claims
  rows BLOB, at INTEGER NOT NULL, sent INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX review_lot ON review(gtin, lot);
)sql";

// The newest promise for a decision. `sent` is 1 once it is promised, 2 when the chain holds a final decision.
constinit const std::string_view migration::kPromise = "ALTER TABLE review ADD COLUMN promise BLOB";

// What a standby has to ask for: each row that came, changed or went since a place, once, in the order of its newest
// change. The intake log is copied by its own index. `k1`, `k2`: the row's key (copy_tables.h names tables and keys).
constinit const std::string_view migration::kCopies = R"sql(
CREATE TABLE moved(
  n INTEGER PRIMARY KEY AUTOINCREMENT, tab INTEGER NOT NULL, k1 BLOB NOT NULL, k2 BLOB NOT NULL,
  UNIQUE(tab, k1, k2));
-- Of a standby: whose rows these are, and how far the copy goes. `edge`: right edge of the intake log's tree.
CREATE TABLE copy(
  one INTEGER PRIMARY KEY CHECK(one = 1), source BLOB NOT NULL,
  moved INTEGER NOT NULL, top INTEGER NOT NULL, edge BLOB NOT NULL, at INTEGER NOT NULL);
-- These rows came out of a copy: what its organisation signed since is asked for before anything new is signed.
CREATE TABLE resumed(one INTEGER PRIMARY KEY CHECK(one = 1), at INTEGER NOT NULL);
CREATE TRIGGER moved_life AFTER INSERT ON life BEGIN
  DELETE FROM moved WHERE tab = 1 AND k1 = NEW.n AND k2 = 0; INSERT INTO moved(tab, k1, k2) VALUES(1, NEW.n, 0); END;
CREATE TRIGGER moved_life_closed AFTER UPDATE ON life WHEN NEW.closed IS NOT OLD.closed BEGIN
  DELETE FROM moved WHERE tab = 1 AND k1 = NEW.n AND k2 = 0; INSERT INTO moved(tab, k1, k2) VALUES(1, NEW.n, 0); END;
CREATE TRIGGER moved_received AFTER INSERT ON received BEGIN
  DELETE FROM moved WHERE tab = 2 AND k1 = NEW.idx AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(2, NEW.idx, 0); END;
CREATE TRIGGER moved_batch AFTER INSERT ON batch BEGIN
  DELETE FROM moved WHERE tab = 3 AND k1 = NEW.start AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(3, NEW.start, 0); END;
CREATE TRIGGER moved_batch_on AFTER UPDATE ON batch BEGIN
  DELETE FROM moved WHERE tab = 3 AND k1 = NEW.start AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(3, NEW.start, 0); END;
CREATE TRIGGER moved_record AFTER INSERT ON record BEGIN
  DELETE FROM moved WHERE tab = 4 AND k1 = NEW.start AND k2 = NEW.n;
  INSERT INTO moved(tab, k1, k2) VALUES(4, NEW.start, NEW.n); END;
CREATE TRIGGER moved_waiting AFTER INSERT ON waiting BEGIN
  DELETE FROM moved WHERE tab = 5 AND k1 = NEW.commitment AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(5, NEW.commitment, 0); END;
CREATE TRIGGER moved_waiting_signed AFTER UPDATE ON waiting BEGIN
  DELETE FROM moved WHERE tab = 5 AND k1 = NEW.commitment AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(5, NEW.commitment, 0); END;
CREATE TRIGGER moved_waiting_gone AFTER DELETE ON waiting BEGIN
  DELETE FROM moved WHERE tab = 5 AND k1 = OLD.commitment AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(5, OLD.commitment, 0); END;
CREATE TRIGGER moved_tx AFTER INSERT ON tx BEGIN
  DELETE FROM moved WHERE tab = 6 AND k1 = NEW.start AND k2 = NEW.n;
  INSERT INTO moved(tab, k1, k2) VALUES(6, NEW.start, NEW.n); END;
CREATE TRIGGER moved_answer AFTER INSERT ON answer BEGIN
  DELETE FROM moved WHERE tab = 7 AND k1 = NEW.object AND k2 = NEW.member;
  INSERT INTO moved(tab, k1, k2) VALUES(7, NEW.object, NEW.member); END;
CREATE TRIGGER moved_evidence AFTER INSERT ON evidence BEGIN
  DELETE FROM moved WHERE tab = 8 AND k1 = NEW.n AND k2 = 0;
  INSERT INTO moved(tab, k1, k2) VALUES(8, NEW.n, 0); END;
INSERT INTO moved(tab, k1, k2) SELECT 1, n, 0 FROM life ORDER BY n;
INSERT INTO moved(tab, k1, k2) SELECT 2, idx, 0 FROM received ORDER BY idx;
INSERT INTO moved(tab, k1, k2) SELECT 3, start, 0 FROM batch;
INSERT INTO moved(tab, k1, k2) SELECT 4, start, n FROM record;
INSERT INTO moved(tab, k1, k2) SELECT 5, commitment, 0 FROM waiting;
INSERT INTO moved(tab, k1, k2) SELECT 6, start, n FROM tx;
INSERT INTO moved(tab, k1, k2) SELECT 7, object, member FROM answer;
INSERT INTO moved(tab, k1, k2) SELECT 8, n, 0 FROM evidence;
)sql";

// Lots drawn for a second review by this node (docs/operate/audit.md), and how far the chain was gone through for them.
constinit const std::string_view migration::kSecond = R"sql(
CREATE TABLE second(
  block INTEGER PRIMARY KEY, start BLOB NOT NULL UNIQUE, first BLOB NOT NULL,  -- id of the first reviewer's report
  drawn INTEGER NOT NULL,          -- ms UTC
  report BLOB, report_id BLOB, details TEXT, made INTEGER, agrees INTEGER);
-- How many lots an enterprise has open here.
CREATE INDEX review_open ON review(enterprise, state, at);
CREATE TABLE second_seen(one INTEGER PRIMARY KEY CHECK(one = 1), block INTEGER NOT NULL);
)sql";

// Lots that damage stopped: a restart does not set them going again.
constinit const std::string_view migration::kStopped = R"sql(
CREATE TABLE stopped(start BLOB PRIMARY KEY, why TEXT NOT NULL) WITHOUT ROWID;
)sql";

// In the order in which they came. Never edit one that has shipped: add one.
static const std::initializer_list<std::string_view>& all_migrations() {
  using namespace migration;
  static const std::initializer_list<std::string_view> all = {
      kFirst,   kPromise,     kCopies,     kSecond,     kStopped,       kEvents,
      kAccess,  kQueries,     kFreeEvents, kAccessBy,   kMovedFirst,    kSealed,
      kSerials, kSerialsSent, kJobOwner,   kLateCopies, kSegmentShares, kEventTypes};
  return all;
}

Result<store::Database> open_private(const std::filesystem::path& file, bool read_only) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = read_only, .secure_delete = true}));
  if (!read_only) LM_TRY(db.migrate(all_migrations()));
  return db;
}

Status await_private(const std::filesystem::path& file, Millis patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    LM_ASSIGN(const auto db, open_private(file, true));
    LM_ASSIGN(auto version, db.prepare("PRAGMA user_version"));
    LM_ASSIGN(const bool row, version.step());
    if (row && version.integer(0) >= static_cast<std::int64_t>(all_migrations().size())) return {};
    if (std::chrono::steady_clock::now() >= until) {
      return fail(Errc::kNotReady, file.string() +
                                       " is of an older program or not whole yet: its node brings "
                                       "it up to date when it starts");
    }
    std::this_thread::sleep_for(Millis(50));
  }
}

}  // namespace lotmark::chain
