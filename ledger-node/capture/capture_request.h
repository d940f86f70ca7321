// What an API process asks a node to capture, and what it hears: the bytes between the two (docs/operate/peer.md,
// POST /control/v1/captures).
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::node {

inline constexpr std::size_t kCaptureEventsMax = 10'000;
inline constexpr std::size_t kCaptureBytesMax = 20 * 1024 * 1024;
inline constexpr std::size_t kCapturedEventMax = 64 * 1024;
inline constexpr std::size_t kCapturedContextMax = 64 * 1024;
inline constexpr std::size_t kCaptureOwnerMax = 1024;

struct CaptureRequest {
  enum class Kind {
    kRollback,
    kProceed,
    kSingle
  };  // of a document: all or nothing, or what is good; one event
  struct Event {
    std::size_t context = 0;  // place in `contexts`
    std::string body;         // JSON as it was sent
  };
  Kind kind = Kind::kRollback;
  std::string faults =
      "[]";  // JSON list of problems: what was wrong with events that are not among these
  std::vector<std::string> contexts;  // JSON of @context
  std::vector<Event> events;
  std::string owner{};  // client's id, whose job it is; empty: not known
};

// cbor([kind, faults, [context ...], [[context, body] ...], owner]), texts as bstrs. An API process of before sends no
// owner.
Bytes encode_capture(const CaptureRequest& request);
// The CBOR errors, field-type, field-range, too-large above a bound.
Result<CaptureRequest> decode_capture(ByteView bytes);

}  // namespace lotmark::node
