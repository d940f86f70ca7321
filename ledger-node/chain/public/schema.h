// Tables of chain.db. Never edit a migration that has shipped: add one.
#pragma once

#include <string_view>

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

}  // namespace lotmark::chain
