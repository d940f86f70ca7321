// What must hold before an opening is signed. Reviewers check the same (docs/format/public.md,
// opening); here it is refused with words an operator can act on.
#pragma once

#include <map>

#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

using LineFiles = std::map<Digest, LineFile>;
// config with the file's name if one cannot be read.
Result<LineFiles> read_line_files(const std::vector<std::filesystem::path>& files);

struct OpeningRequest {
  std::string programme;
  std::string line;  // hash in hex, or the line file's name
  Gtin gtin;         // 8 to 14 digits; zeros are put in front
  LotNumber lot;
  std::vector<std::string> reviewers;  // organisations, or kids in hex; the first decides
  std::string start;                   // id in hex, "latest", or "latest:DEVICE"
  std::string device;                  // of the start signal, for "latest"
};

class OpeningRules {
 public:
  // All outlive it.
  OpeningRules(const PublicChain& chain, const ReceivedLog& received, const store::Database& db,
               const LineFiles& lines, const Signer& signer, std::string organisation)
      : chain_(chain),
        received_(received),
        db_(db),
        lines_(lines),
        signer_(signer),
        organisation_(std::move(organisation)) {}

  // A batch not yet stored. programme-unknown, gtin, lot, gtin-prefix, release-signer, start-used,
  // opening-count, not-found, conflict.
  Result<Batch> make(const OpeningRequest& request, Time now) const;

 private:
  Result<const Programme*> programme(const OpeningRequest& r, Opening& out) const;
  Status reviewers(const OpeningRequest& r, Opening& out) const;
  Result<ReceivedLog::Entry> start(const OpeningRequest& r) const;
  Result<ReceivedLog::Entry> newest_start(const std::string& device) const;
  Status check_start(const ReceivedLog::Entry& e, const Programme& p, Opening& out, Time now) const;
  Result<bool> used(const Digest& start) const;

  const PublicChain& chain_;
  const ReceivedLog& received_;
  const store::Database& db_;
  const LineFiles& lines_;
  const Signer& signer_;
  std::string organisation_;
};

}  // namespace lotmark::chain
