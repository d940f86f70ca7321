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
  std::vector<chain::Draft> steps;    // recorded
  std::vector<chain::Draft> waiting;  // prepared or signed
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

}  // namespace lotmark::node
