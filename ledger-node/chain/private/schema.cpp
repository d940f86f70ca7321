#include "ledger-node/chain/private/private_store.h"

namespace lotmark::chain {

namespace {

// Never edit a migration that has shipped: add one.
constexpr std::string_view kFirst = R"sql(
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
constexpr std::string_view kPromise = "ALTER TABLE review ADD COLUMN promise BLOB";

}  // namespace

Result<store::Database> open_private(const std::filesystem::path& file, bool read_only) {
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = read_only, .secure_delete = true}));
  if (!read_only) LM_TRY(db.migrate({kFirst, kPromise}));
  return db;
}

}  // namespace lotmark::chain
