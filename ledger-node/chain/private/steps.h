// Records of a batch before they have a place in its chain: steps with their claims, decoys, the
// release record. docs/format/private.md.
#pragma once

#include "ledger-node/chain/private/batch_store.h"
#include "ledger-node/chain/private/evidence.h"
#include "ledger-node/chain/private/sealing_rules.h"

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
  // The author's key for this one step: to it the node opens what it sealed, before the author signs.
  std::optional<sealed::ReaderKey> reader = {};
};

struct PreparedStep {
  Draft draft;  // without its author's signature
  std::vector<Claim> claims;
  std::vector<std::string> warnings;  // what a reviewer would find
  // Where the request named a reader: what opens each entry to it, empty for those in the clear. Nothing of it is kept.
  std::vector<Bytes> recipients = {};
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
  const EventSets* events = nullptr;       // EPCIS events that name the lot; null: none are told
  const SealingRules* sealing = nullptr;   // null: segments are kept in the clear
  const SegmentReader* reader = nullptr;   // opens what is sealed of `earlier`; null: nothing is
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
// name, and public notes. Both signed by the enterprise's own key. `reader` opens what is sealed of the steps; null:
// nothing is. seal-reader, seal if a segment does not open.
Result<Draft> make_decoy(const Digest& chain, const Batch& batch, const Signer& signer, Time now);
Result<Draft> make_release_record(const Digest& chain, const Batch& batch,
                                  const std::vector<Draft>& steps, const Programme& programme,
                                  const Signer& signer, Time now,
                                  const SegmentReader* reader = nullptr);

// The row and the transaction that give a signed draft its place at the end of the batch's chain.
struct Placed {
  RecordRow row;
  Sealed transaction;
  std::uint64_t tx_time = 0;
};
Result<Placed> place(const Digest& chain, const Batch& batch, Draft draft, const Signer& signer,
                     Time now);

}  // namespace lotmark::chain
