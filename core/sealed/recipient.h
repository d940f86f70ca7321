// COSE_recipient of a sealed segment: its content key wrapped for one reader by ECDH-ES + A256KW (RFC 9053 section
// 6.4), always 143 bytes of one form (docs/format/sealed.md). It stands outside the commitment: readers come later too.
#pragma once

#include "core/sealed/keys.h"

namespace lotmark::sealed {

inline constexpr std::size_t kRecipientSize = 143;

// With an ephemeral key of its own.
Result<Bytes> wrap(const ContentKey& key, const ReaderKey& reader);

// seal if the bytes are no recipient; seal-reader if they are one for another key; seal if the wrapped key does not
// hold. Whether the key is the segment's, its key check tells (open_segment).
Result<ContentKey> unwrap(ByteView recipient, const OpeningKey& key);

// Whom it says it is for. seal if the bytes are no recipient.
Result<KeyId> recipient_kid(ByteView recipient);

}  // namespace lotmark::sealed
