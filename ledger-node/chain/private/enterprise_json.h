// Batches and claims as the control routes show them. docs/operate/peer.md.
#pragma once

#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/enterprise_state.h"

namespace lotmark::node {

// Puts `key` as ISO 8601 and `key`_ms as an integer.
void put_time(nlohmann::json& j, const std::string& key, std::uint64_t ms);
nlohmann::json claim_json(const Claim& claim, const chain::PublicChain& chain);

// What goes into a batch's JSON beside the batch itself.
struct BatchView {
  const chain::Batch& batch;
  const LineFile* line = nullptr;     // null if it left the configuration
  const Live* live = nullptr;         // null when there is nothing left to do
  std::vector<chain::Draft> records;  // in the chain's order; no decoys
  std::vector<chain::Draft> waiting;  // prepared or signed
  chain::SerialsStanding serials = {};
  std::size_t records_shown = kRecordsShown;  // at most so many by commitment: the newest

  // In one answer, of all its batches: a caller takes 4 MiB.
  static constexpr std::size_t kRecordsShown = 1024;
};
nlohmann::json batch_json(const BatchView& view, const chain::PublicChain& chain);

// Requests; usage with the field's name for what is missing or of another type.
Result<chain::OpeningRequest> read_opening_request(ByteView body);
Result<chain::StepRequest> read_step_request(ByteView body);
struct ApplyRequest {
  std::string product;
  Expiry expires;
};
Result<ApplyRequest> read_apply_request(ByteView body);
Result<Bytes> read_record_object(ByteView body);
struct RewrapRequest {
  sealed::ReaderKey reader;
  std::string lot, gtin;                    // empty lot: every one
  bool partner = true, regulator = true;    // segments of which audience
  std::optional<std::uint64_t> until = {};  // ms UTC
  bool end = false;                         // take the reader away
  std::string after;                        // where the call before ended
};
Result<RewrapRequest> read_rewrap_request(ByteView body);
struct SerialsPageRequest {
  std::uint64_t page = 0;
  std::vector<std::string> serials;
};
Result<SerialsPageRequest> read_serials_page(ByteView body);
struct SerialsSealRequest {
  std::uint64_t count = 0;
  Digest through;
};
Result<SerialsSealRequest> read_serials_seal(ByteView body);
nlohmann::json serials_json(const chain::SerialsStanding& standing);

}  // namespace lotmark::node
