// Tables of chain.db. Never edit a migration that has shipped: add one.
#pragma once

#include <string>
#include <string_view>

#include "core/store/stored_tree.h"

namespace lotmark::chain {

inline constexpr std::string_view kChainSchema = R"sql(
CREATE TABLE block(
  number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind INTEGER NOT NULL, epoch INTEGER NOT NULL,
  term INTEGER NOT NULL, time INTEGER NOT NULL, bytes BLOB NOT NULL);
-- Inner objects that may be on the chain once: applications, heads, enrolments.
CREATE TABLE once(id BLOB PRIMARY KEY, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE lot(
  block INTEGER PRIMARY KEY, gtin TEXT NOT NULL, lot TEXT NOT NULL, product TEXT NOT NULL,
  expires INTEGER NOT NULL, enterprise TEXT NOT NULL, application BLOB NOT NULL, time INTEGER NOT NULL,
  supersedes BLOB);
CREATE INDEX lot_code ON lot(gtin, lot, block);
CREATE INDEX lot_supersedes ON lot(supersedes);
CREATE TABLE vote(
  size INTEGER NOT NULL, term INTEGER NOT NULL, kid BLOB NOT NULL, root BLOB NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY(size, term, kid)) WITHOUT ROWID;
CREATE TABLE disclosure(block INTEGER PRIMARY KEY, disclosure BLOB NOT NULL, samples BLOB NOT NULL);
-- What this node signed as primary, before and after it signed.
CREATE TABLE signing(
  term INTEGER NOT NULL, number INTEGER NOT NULL, payload BLOB NOT NULL, block BLOB,
  PRIMARY KEY(term, number)) WITHOUT ROWID;
CREATE TABLE own_vote(only_one INTEGER PRIMARY KEY CHECK(only_one = 1), bytes BLOB NOT NULL);
)sql";

// What follows from the blocks, each row with the block it came with, so that blocks which are not final can be
// taken back and a node starts without reading them all. And what this node promised: its turn.
inline constexpr std::string_view kDerivedSchema = R"sql(
CREATE TABLE derived(only_one INTEGER PRIMARY KEY CHECK(only_one = 1), size INTEGER NOT NULL);
INSERT INTO derived VALUES(1, 0);
CREATE TABLE enrolled(
  kid BLOB PRIMARY KEY, key BLOB NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL,
  organisation TEXT NOT NULL, enroller BLOB NOT NULL, block INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX enrolled_block ON enrolled(block);
-- The newest of each log, and older ones as long as the newer may be taken back.
CREATE TABLE head(
  kid BLOB NOT NULL, log INTEGER NOT NULL, block INTEGER NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
  time INTEGER NOT NULL, PRIMARY KEY(kid, log, block)) WITHOUT ROWID;
CREATE INDEX head_block ON head(block);
CREATE TABLE period(number INTEGER PRIMARY KEY, block INTEGER NOT NULL, time INTEGER NOT NULL);
CREATE TABLE term(term INTEGER PRIMARY KEY, kid BLOB NOT NULL, block INTEGER NOT NULL);
CREATE TABLE statement(epoch INTEGER PRIMARY KEY, object BLOB NOT NULL, block INTEGER NOT NULL);
CREATE INDEX once_block ON once(block);
-- Votes on trees with blocks that were taken back: what their voters signed, should it contradict anything.
CREATE TABLE past_vote(
  size INTEGER NOT NULL, term INTEGER NOT NULL, kid BLOB NOT NULL, root BLOB NOT NULL, bytes BLOB NOT NULL,
  PRIMARY KEY(size, term, kid, root)) WITHOUT ROWID;
-- The newest turn this node gave: it signs in no lower term. Without a row it does not know what it promised.
CREATE TABLE standing(
  only_one INTEGER PRIMARY KEY CHECK(only_one = 1), term INTEGER NOT NULL, asker BLOB, turn BLOB);
-- This node had promised nothing when a consortium started: all others had nothing either.
CREATE TABLE starting(only_one INTEGER PRIMARY KEY CHECK(only_one = 1));
)sql";

// Keys that are revoked and lots that are recalled, each row with the block that says so.
inline constexpr std::string_view kRevokedSchema = R"sql(
CREATE TABLE revocation(
  block INTEGER PRIMARY KEY, kid BLOB NOT NULL, since INTEGER NOT NULL, reason INTEGER NOT NULL, text TEXT);
CREATE INDEX revocation_kid ON revocation(kid, block);
CREATE TABLE recall(
  block INTEGER PRIMARY KEY, gtin TEXT NOT NULL, lot TEXT,  -- null: every lot of the GTIN
  opens INTEGER NOT NULL, time INTEGER NOT NULL, reason TEXT NOT NULL, signer BLOB NOT NULL);
CREATE INDEX recall_code ON recall(gtin, lot, block);
)sql";

// Cuts (docs/format/cut.md). A state is kept of the newest final cut and of those above it.
inline constexpr std::string_view kCutSchema = R"sql(
CREATE TABLE cut(
  block INTEGER PRIMARY KEY, first INTEGER NOT NULL UNIQUE, last INTEGER NOT NULL, head BLOB NOT NULL,
  state BLOB);
-- Of lots whose blocks are dropped; written in this order, so that pages are full. `day` is when it expires, in two
-- bytes (day_number).
CREATE TABLE tombstone(
  cut INTEGER NOT NULL, key BLOB NOT NULL, block INTEGER NOT NULL, day INTEGER NOT NULL,
  PRIMARY KEY(cut, key, block)) WITHOUT ROWID;
-- Lot and period blocks below `next` have no rows any more; votes below `votes` are thinned.
CREATE TABLE dropped(
  only_one INTEGER PRIMARY KEY CHECK(only_one = 1), next INTEGER NOT NULL, votes INTEGER NOT NULL);
INSERT INTO dropped VALUES(1, 1, 0);
-- Ids on the chain again, of which `once` still holds the block that was cut.
CREATE TABLE once_again(id BLOB PRIMARY KEY, block INTEGER NOT NULL) WITHOUT ROWID;
-- Flags this node gave for cuts that are not final yet.
CREATE TABLE flag(object BLOB PRIMARY KEY, last INTEGER NOT NULL, flag BLOB NOT NULL) WITHOUT ROWID;
)sql";

// What events of period blocks say (docs/format/complaints.md), and which key a device's replaces.
inline constexpr std::string_view kEventSchema = R"sql(
-- One that was cut may come again: the newest of an id counts, and what stands behind its block.
CREATE TABLE complaint(
  id BLOB NOT NULL, block INTEGER NOT NULL, subject BLOB NOT NULL, object BLOB NOT NULL, PRIMARY KEY(id, block));
CREATE INDEX complaint_block ON complaint(block);
CREATE TABLE ruling(
  n INTEGER PRIMARY KEY, complaint BLOB NOT NULL, kid BLOB NOT NULL, block INTEGER NOT NULL,
  terms BLOB NOT NULL);  -- what rulings must agree in
CREATE INDEX ruling_complaint ON ruling(complaint, kid, n);
CREATE INDEX ruling_block ON ruling(block);
CREATE TABLE settled(
  complaint BLOB NOT NULL, block INTEGER NOT NULL, terms BLOB NOT NULL, text TEXT NOT NULL, penalised BLOB,
  rewarded BLOB NOT NULL, points INTEGER NOT NULL, reward INTEGER NOT NULL, PRIMARY KEY(complaint, block));
CREATE INDEX settled_block ON settled(block);
CREATE INDEX settled_penalised ON settled(penalised);
CREATE INDEX settled_rewarded ON settled(rewarded);
ALTER TABLE enrolled ADD COLUMN predecessor BLOB;
)sql";

// Sums that show damage to what no signature covers (memory_sum.h); null in rows of an older program. And where the
// check of this file goes on.
inline constexpr std::string_view kSumsSchema = R"sql(
ALTER TABLE standing ADD COLUMN sum BLOB;
ALTER TABLE own_vote ADD COLUMN sum BLOB;
ALTER TABLE signing ADD COLUMN sum BLOB;
CREATE TABLE checking(
  only_one INTEGER PRIMARY KEY CHECK(only_one = 1), part INTEGER NOT NULL, at INTEGER NOT NULL,
  begun INTEGER NOT NULL, ended INTEGER NOT NULL, sum BLOB NOT NULL);
)sql";

// Who catches up far has all its period blocks above the newest final one, and looks for that at each.
inline constexpr std::string_view kPeriodIndex = "CREATE INDEX period_block ON period(block)";

// How long a flag is kept is said by no signature.
inline constexpr std::string_view kFlagSumSchema = R"sql(
ALTER TABLE flag ADD COLUMN sum BLOB;
)sql";

// What agencies report of lots (docs/format/usage.md); the rows go with the bodies of their blocks.
inline constexpr std::string_view kUsedSchema = R"sql(
CREATE TABLE used(
  id BLOB NOT NULL, block INTEGER NOT NULL, gtin TEXT NOT NULL, lot TEXT NOT NULL, kind INTEGER NOT NULL,
  units INTEGER NOT NULL, kid BLOB NOT NULL, object BLOB NOT NULL, PRIMARY KEY(id, block));
CREATE INDEX used_block ON used(block);
CREATE INDEX used_lot ON used(gtin, lot, block);
)sql";

// The stores beside this file that the node began: one that is lost is not begun anew (ledger-node/stores.h).
inline constexpr std::string_view kStoreSchema = R"sql(
CREATE TABLE store(name TEXT PRIMARY KEY, sum BLOB NOT NULL) WITHOUT ROWID;
)sql";

// Serials that reports of use name, by usages.h's serial_key: where one is looked for. serials_due: rows of `used` stood
// there before this table did, and their serials are still to be listed.
inline constexpr std::string_view kSerialSchema = R"sql(
CREATE TABLE used_serial(key INTEGER NOT NULL, block INTEGER NOT NULL, PRIMARY KEY(key, block)) WITHOUT ROWID;
CREATE INDEX used_serial_block ON used_serial(block);
CREATE TABLE serials_due(only_one INTEGER PRIMARY KEY CHECK(only_one = 1));
INSERT INTO serials_due SELECT 1 WHERE EXISTS(SELECT 1 FROM used);
)sql";

// The tree of block ids.
inline constexpr std::string_view kTree = "tree_";

// Brings chain.db to this program's tables.
inline Status migrate_chain(store::Database& db) {
  const std::string tree = store::StoredTree::schema(kTree);
  return db.migrate({kChainSchema, kDerivedSchema, tree, kRevokedSchema, kCutSchema, kEventSchema,
                     kSumsSchema, kPeriodIndex, kFlagSumSchema, kUsedSchema, kStoreSchema,
                     kSerialSchema});
}

}  // namespace lotmark::chain
