// Tables of evidence.db. Never edit a migration that has shipped: add one.
#pragma once

#include <string_view>

namespace lotmark::node {

inline constexpr std::string_view kEvidenceSchema = R"sql(
CREATE TABLE file(
  n INTEGER PRIMARY KEY,           -- from 1, without holes
  kind INTEGER NOT NULL, culprit BLOB NOT NULL,
  objects BLOB NOT NULL,           -- SHA-256 of the ids that the file accuses by
  hash BLOB NOT NULL UNIQUE,       -- SHA-256 of the file
  organisation TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
  found INTEGER NOT NULL,          -- ms UTC
  source BLOB,                     -- who sent it; null: this node made it
  bytes BLOB NOT NULL,
  UNIQUE(culprit, kind, objects));
-- One turn a signer and term, as this node was shown it.
CREATE TABLE turn(kid BLOB NOT NULL, term INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY(kid, term)) WITHOUT ROWID;
-- Promises given to this node that its chain has not answered yet.
CREATE TABLE promise(
  id BLOB PRIMARY KEY, past INTEGER NOT NULL,  -- ms UTC: the deadline and what voters allow
  bytes BLOB NOT NULL, object BLOB NOT NULL, application BLOB NOT NULL) WITHOUT ROWID;
)sql";

}  // namespace lotmark::node
