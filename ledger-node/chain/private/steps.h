// Records of a batch before they have a place in its chain: steps with their claims, decoys, the
// release record. docs/format/private.md.
#pragma once

#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/evidence.h"

namespace lotmark::node {
class BirthLog;
}

namespace lotmark::chain {

struct Note {
  std::string name;
  std::string text;
  Audience audience = Audience::kRegulator;
};

struct StepRequest {
  std::string step;
  std::optional<std::uint64_t> start;  // ms UTC; null without devices
  std::optional<std::uint64_t> end;
  std::vector<Note> notes;
};

struct PreparedStep {
  Draft draft;  // without its author's signature
  std::vector<Claim> claims;
  std::vector<std::string> warnings;  // what a reviewer would find
};

// What publishing a batch may take of a receipt's 256 KiB.
inline constexpr std::size_t kPublicBytesMax = 128 * 1024;

// What a step is prepared with. All outlive the call.
struct StepContext {
  const PublicChain& chain;
  const EvidenceSource& evidence;
  const Batch& batch;
  const LineFile& line;
  const Programme& programme;
  const std::vector<Draft>& earlier;       // steps recorded and waiting, which will be shown too
  const node::BirthLog* births = nullptr;  // null: none are kept
};
// A step of the line as `author` (an operator's kid) is to sign it. denied for another author than
// the line file's; not-found for a step it does not list; too-large if the lot would show more than
// a receipt holds; else as EvidenceSource::make_claim.
Result<PreparedStep> prepare_step(const StepContext& context, const StepRequest& request,
                                  const KeyId& author, Time now);

// The record object must be its author's, over this draft. commitment-mismatch, device-unknown,
// cose-signature.
Status check_signed(const PublicChain& chain, const Draft& draft, ByteView object);

// Random bytes in a record's form; and the last record: claims of channels the programme's limits
// name, and public notes. Both signed by the enterprise's own key.
Result<Draft> make_decoy(const Digest& chain, const Batch& batch, const Signer& signer, Time now);
Result<Draft> make_release_record(const Digest& chain, const Batch& batch,
                                  const std::vector<Draft>& steps, const Programme& programme,
                                  const Signer& signer, Time now);

// The row and the transaction that give a signed draft its place at the end of the batch's chain.
struct Placed {
  RecordRow row;
  Sealed transaction;
  std::uint64_t tx_time = 0;
};
Result<Placed> place(const Digest& chain, const Batch& batch, Draft draft, const Signer& signer,
                     Time now);

}  // namespace lotmark::chain
