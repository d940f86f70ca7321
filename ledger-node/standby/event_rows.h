// Rows that follow from captured events, made anew where rows came out of a copy: by what each event is found, which
// events a placed record holds, and which wait for one. docs/format/events.md.
#pragma once

#include <functional>

#include "ledger-node/capture/event_index.h"

namespace lotmark::node {

// Writes the terms and values of many rows of `event`: contexts are read once, terms written in the order of their
// table.
class EventIndexer {
 public:
  // `db` (private.db) must outlive it.
  explicit EventIndexer(const store::Database& db) : db_(&db), contexts_(db) {}

  // Event `n`, whose row stands in the table. One that cannot be read is left out and counted: its row is damaged, and
  // the audit names it.
  Status add(std::uint64_t n);
  // Writes what was added since. In the caller's transaction.
  Status write() { return rows_.write(*db_); }
  // Nothing of what was added since was written, nor of its contexts: the transaction was rolled back.
  void forget();

  std::uint64_t unreadable() const { return unreadable_; }
  // Of the last that could not be read: which, and why.
  const std::string& trouble() const { return trouble_; }

 private:
  const store::Database* db_;
  ReadContexts contexts_;
  IndexRows rows_;
  std::uint64_t unreadable_ = 0;
  std::string trouble_;
};

// Puts event_span rows where the set of a placed record says so, and takes away those that no such set has. Tells each
// first event whose row came, changed or went. Rows of a set that cannot be read are left as they are. In the caller's
// transaction.
Status settle_spans(const store::Database& db,
                    const std::function<void(std::uint64_t first)>& told = {});

// Terms and values of events that have none, or of all. Transactions of its own: killed, it is begun again.
enum class Indexed { kMissing, kAll };
Status index_events(const store::Database& db, Indexed which);

// Takes away spans of accesses that are of no period record here. Tells the first of each. In the caller's transaction.
Status settle_access_spans(const store::Database& db,
                           const std::function<void(std::uint64_t first)>& told = {});

// All of it, and event_pending: of a private.db that was copied, before it is a node's own.
Status settle_events(const store::Database& db);

}  // namespace lotmark::node
