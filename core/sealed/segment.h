// Sealed segments (docs/format/sealed.md): a segment of a record encrypted with a content key of its own. What the
// record commits to is the sealed one; whom its key is wrapped for (recipient.h) stands outside.
#pragma once

#include "core/sealed/keys.h"
#include "core/wire/private_level.h"

namespace lotmark::sealed {

inline constexpr std::string_view kName = "sealed";
inline constexpr std::string_view kMedia = "application/vnd.lotmark.sealed.v1+cbor";
// A segment whose content has at most so many bytes can be sealed, whatever its name and media.
inline constexpr std::size_t kPlainContentMax = 64947;

struct Sealing {
  Bytes entry;     // cbor of the sealed Segment: what the record's tree holds
  ContentKey key;  // wrap it for somebody before it is let go of
};

// Keeps the audience; salt, iv and key are new. segment-size if the content leaves no room, field-range if the segment
// is public or sealed already, or name or media are no texts.
Result<Sealing> seal_segment(const Digest& chain, const Segment& plain);

// By name and media alone.
bool is_sealed(const Segment& segment);

// What a sealed segment's content consists of. Views point into the segment.
struct SealedContent {
  ByteView iv;          // 12 bytes
  Digest check;         // key_check of the content key
  ByteView ciphertext;  // with its tag of 16 bytes at the end
};
// seal unless `segment` is sealed, not public, and its content of the form.
Result<SealedContent> read_content(const Segment& segment);

// The plain segment, with salt and audience of the sealed one: salt and audience are bound to the ciphertext. seal if
// anything does not hold.
Result<Segment> open_segment(const Digest& chain, const Segment& sealed, const ContentKey& key);

}  // namespace lotmark::sealed
