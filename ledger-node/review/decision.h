// The report of a review and what is decided on it, sealed once and kept. docs/format/public.md (report,
// release, refusal).
#pragma once

#include "ledger-node/review/review_store.h"

namespace lotmark::review {

// Puts report and decision into the row, with its state. `findings` are those of the review; a release with one
// below 100 is refused (conflict). The row is then to be stored before anything is sent.
Status seal_refusal(ReviewRow& row, std::vector<Finding> findings, const Signer& signer,
                    const Digest& chain);
struct ReleaseWords {
  std::string number;
  std::optional<std::string> reason;  // there exactly when the application supersedes a block
};
Status seal_release(ReviewRow& row, std::vector<Finding> findings, const ReleaseWords& words,
                    const Signer& signer, const Digest& chain);
// The report alone, of a reviewer that does not decide.
Status seal_report(ReviewRow& row, std::vector<Finding> findings, Decision decision,
                   const Signer& signer, const Digest& chain);
// The report of a second review: it names the first one's.
Result<Sealed> seal_second(const Digest& application, std::vector<Finding> findings,
                           const Digest& first, Decision decision, const Signer& signer,
                           const Digest& chain);

// A lot release number that repeats for the same application: 20260105-LOT-1a2b3c4d.
std::string release_number(const ReviewRow& row, Time now);

}  // namespace lotmark::review
