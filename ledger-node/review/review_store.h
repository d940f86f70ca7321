// The reviewer's tables of private.db: reviews, the transactions of each, and what contradicts itself. One
// thread at a time.
#pragma once

#include "core/store/database.h"
#include "core/wire/sign1.h"

namespace lotmark::review {

// The words of review.state.
inline constexpr std::string_view kOpen = "open";          // opened, transactions come in
inline constexpr std::string_view kApplied = "applied";    // evidence is fetched and recomputed
inline constexpr std::string_view kReviewed = "reviewed";  // a person decides
inline constexpr std::string_view kReleased = "released";
inline constexpr std::string_view kRefused = "refused";

struct ReviewRow {
  Digest start;
  std::string gtin;
  std::string lot;  // empty until an application names it, if the opening did not
  Bytes opening;
  KeyId enterprise;
  Bytes application;
  std::optional<Digest> application_id;
  std::string state;
  Bytes report;
  std::optional<Digest> report_id;
  Bytes decided;         // release or refusal object
  std::string details;   // JSON: review_json.h
  std::uint64_t at = 0;  // ms UTC of the last step
  bool sent = false;     // a primary promised it, or it is on the chain
  Bytes promise;         // the newest, a signed object; empty: none
};

struct KeptTransaction {
  Digest start;
  std::uint64_t n = 0;
  Digest id;
  Bytes object;
  std::optional<std::uint64_t> arrived;  // by the received log; nothing between the two writes
};

class ReviewStore {
 public:
  // `db` (private.db) must outlive the store.
  explicit ReviewStore(const store::Database& db) : db_(&db) {}

  Status add(const ReviewRow& row);
  Result<std::optional<ReviewRow>> find(const Digest& start) const;
  // Newest first.
  Result<std::vector<ReviewRow>> of_lot(std::string_view lot) const;
  Result<std::vector<ReviewRow>> newest(std::size_t limit) const;
  // How many of an enterprise are open, whose last step was at `since` or later.
  Result<std::uint64_t> open_since(const KeyId& enterprise, std::uint64_t since) const;
  // Those a tick has to do with: applied, or decided and not yet final on the chain.
  Result<std::vector<Digest>> unfinished() const;
  Result<std::vector<std::pair<std::string, std::uint64_t>>> counts() const;

  Status set_application(const Digest& start, const Signed<Application>& application,
                         std::uint64_t at);
  Status set_rows(const Digest& start, ByteView rows);
  // State, report, decision and details at once; what follows may be sent.
  Status set_outcome(const ReviewRow& row);
  // Promised, or on the chain: then without one.
  Status set_promised(const Digest& start, const std::optional<Bytes>& promise);
  Status set_final(const Digest& start);

  Status add_transaction(const Digest& start, std::uint64_t n, const Digest& id, ByteView object);
  Result<std::optional<KeptTransaction>> transaction(const Digest& id) const;
  Result<std::optional<KeptTransaction>> transaction(const Digest& start, std::uint64_t n) const;
  // In order of prev.
  Result<std::vector<KeptTransaction>> transactions(const Digest& start) const;
  // Keeps both objects of a fork, once.
  Status keep_fork(const KeptTransaction& first, const Signed<Transaction>& second,
                   std::uint64_t at);

 private:
  const store::Database* db_;
};

}  // namespace lotmark::review
