// Lots that the draw gave this reviewer to look at a second time: evidence is fetched and recomputed anew, and the report,
// which names the first one's, is kept. docs/operate/audit.md states the draw.
#pragma once

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/review/fetch.h"
#include "ledger-node/review/review_store.h"

namespace lotmark::review {

struct SecondRow {
  std::uint64_t block = 0;
  Digest start;
  Digest first;             // id of the report that the release names
  std::uint64_t drawn = 0;  // ms UTC
  std::optional<Digest> report;
  std::string details;  // JSON: review_json.h
  std::uint64_t made = 0;
};

class SecondReviews {
 public:
  // All outlive it. `every`: one released lot in so many; 0: none.
  SecondReviews(const store::Database& db, const chain::PublicChain& chain,
                const ReviewStore& reviews, const KeyId& self, std::uint64_t every)
      : db_(db), chain_(chain), reviews_(reviews), self_(self), every_(every) {}

  // Goes on through the lots that became final, a page a call, and keeps those drawn for this node.
  Status draw(Time now);
  // Newest first.
  Result<std::vector<SecondRow>> newest(std::size_t limit) const;
  // Of each enterprise the `each` that wait longest, so that none whose lots stay closed keeps another's waiting.
  Result<std::vector<SecondRow>> waiting(std::size_t each) const;
  // waiting, agree, object: how many of each.
  Result<std::vector<std::pair<std::string, std::uint64_t>>> counts() const;
  Status keep(const SecondRow& row, const Sealed& report, std::string_view details, bool agrees,
              Time now);

 private:
  Status look_at(const chain::LotEntry& lot, Time now);
  Result<std::vector<SecondRow>> rows(std::string_view of, std::size_t limit) const;

  const store::Database& db_;
  const chain::PublicChain& chain_;
  const ReviewStore& reviews_;
  KeyId self_;
  std::uint64_t every_;
  std::optional<std::uint64_t> seen_;  // the newest lot block that was looked at
};

}  // namespace lotmark::review
