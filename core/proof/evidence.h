// Evidence files: proof of a party's dishonesty for anybody with the anchor (docs/format/evidence.md). One
// algorithm for command line and tests; it uses nothing but its inputs, no clock and no network.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/proof/statements.h"

namespace lotmark::proof {

enum class EvidenceOutcome : std::uint8_t { kProven, kNotProven, kUnreadable };
std::string_view name(EvidenceOutcome v);

// In the order in which they run; the first that fails ends the run.
enum class EvidenceCheck : std::uint8_t {
  kAnchor,
  kFile,
  kStatements,
  kObjects,
  kContradiction,
  kSigners,
  kProof
};
std::string_view name(EvidenceCheck c);

// Who did it: a member, or a device and who enrolled it.
struct Culprit {
  KeyId kid;
  std::string organisation;
  std::string role;  // "supervising", "keeping" or "device"
  struct Device {
    std::string name;
    KeyId enroller;        // the root key's for those of statement 0
    bool in_file = false;  // its enrolment came with the file: its place on the chain is not shown
  };
  std::optional<Device> device;
};

// What a proven case says.
struct Accusation {
  Culprit by;
  std::vector<Digest> objects;  // ids; of promise-unmet promise, promised object, last block
  std::string said;             // one or two sentences; texts of others in it are as they came
};

struct EvidenceResult {
  EvidenceOutcome outcome = EvidenceOutcome::kUnreadable;
  std::optional<EvidenceKind> kind;     // once the file was read
  std::optional<Digest> chain;          // once the anchor was
  std::optional<EvidenceCheck> failed;  // nothing when proven
  Errc error = Errc::kOk;
  std::string why;
  std::optional<Accusation> proven;
};

// Reads at most what the limits of docs/format/README.md allow; both may be of any length.
EvidenceResult verify_evidence(ByteView file, ByteView anchor);

// The JSON object of docs/format/evidence.md.
nlohmann::json to_json(const EvidenceResult& result);
// What it does not prove: codes in their order, and the words for one.
std::vector<std::string_view> not_proved(const EvidenceResult& result);
std::string_view evidence_not_proved_words(std::string_view code);

}  // namespace lotmark::proof
