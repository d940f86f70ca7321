// A sealed segment on its way to a reader: COSE_Encrypt (RFC 9052 section 5), assembled when it is given out
// (docs/format/sealed.md). It holds all of the sealed segment, so that its entry can be compared with the record's tree.
#pragma once

#include "core/sealed/recipient.h"
#include "core/sealed/segment.h"
#include "core/wire/limits.h"

namespace lotmark::sealed {

inline constexpr std::string_view kCoseEncryptMedia =
    "application/cose; cose-type=\"cose-encrypt\"";

// What a COSE_Encrypt holds.
struct Envelope {
  Segment sealed;
  std::vector<Bytes> recipients;  // 1..256; kid ascending, no kid twice
};

// In order of kid. seal if the segment is not sealed, a recipient is none, or two are for one reader; field-range unless
// there are 1 to 256.
Result<Bytes> cose_encrypt(const Segment& sealed, const std::vector<Bytes>& recipients);

// object-too-large above 131,072 bytes; seal for whatever cose_encrypt would not have written.
Result<Envelope> read_cose_encrypt(ByteView bytes);

// By the recipient that is for `key`; seal-reader if none is.
Result<Segment> open_envelope(const Digest& chain, const Envelope& envelope, const OpeningKey& key);

}  // namespace lotmark::sealed
