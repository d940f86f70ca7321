// What a node prepared of a step, looked into before its author signs: segments that the node sealed are opened here, by
// a key made for this one step, and hold what the author gave and was shown. docs/operate/peer.md.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/result.h"
#include "core/sealed/segment.h"

namespace lotmark::cli {

class StepOpener {
 public:
  // With a fresh key, known to nobody else and gone with the opener.
  static Result<StepOpener> make();

  // What the node wraps content keys for: 130 hex digits.
  std::string reader() const;
  // The entries' segments in the clear. seal-reader where the node sealed one and does not let it be opened, seal where
  // one does not hold.
  Result<std::vector<Segment>> open(const nlohmann::json& prepared,
                                    const std::vector<Bytes>& entries, const Digest& chain) const;

 private:
  explicit StepOpener(sealed::OpeningKey key) : key_(std::move(key)) {}
  sealed::OpeningKey key_;
};

// What the author typed.
struct TypedStep {
  std::string step;
  std::optional<std::uint64_t> start;  // ms UTC; both, or neither for a step without devices
  std::optional<std::uint64_t> end;
  nlohmann::json notes = nlohmann::json::array();  // {name, text, audience}, in their order
};

// The segments hold the notes that were typed, claims of the step and of the span that were typed, each as the answer
// shows it, and nothing else that a person writes. What the node made of births, enrolments and events stands behind
// them, as docs/format/private.md has it: births of the claims' devices and a tree of events for the regulator, one
// plain text on calibration for the public, where there are claims. commitment-mismatch, naming the segment.
Status check_prepared(const nlohmann::json& prepared, const TypedStep& typed,
                      const std::vector<Segment>& segments, const Digest& chain);

// The text on calibration that everybody will read and the node wrote; empty where there is none.
std::string told_of_calibration(const std::vector<Segment>& segments);

}  // namespace lotmark::cli
