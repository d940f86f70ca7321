// Encodes and decodes every payload, file and hashed array of the formats. Instantiated for the types of
// schema.h's LM_WIRE_TYPES; any other does not link.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/wire/cut.h"
#include "core/wire/evidence.h"
#include "core/wire/receipt.h"

namespace lotmark {

// Deterministic CBOR of `value`. The value must be within the profile (our own, or decoded).
template <class T>
Bytes encode(const T& value);

// Strict in the order of docs/format/cbor.md: CBOR, then keys and types, then values. `signer` is the kid
// of the object around it, which a device's payload must name; of a membership, the root key's, which no member has.
template <class T>
Result<T> decode(ByteView bytes, const KeyId* signer = nullptr);

// The same value for people and programs: names of docs/format/keys.md, bytes as hex, enumerations as words.
template <class T>
nlohmann::json to_json(const T& value);

// receipt-too-large, then decode; likewise object-too-large for the others, of evidence also above
// 65,536 items.
Result<Receipt> read_receipt(ByteView bytes);
Result<Anchor> read_anchor(ByteView bytes);
Result<LineFile> read_line_file(ByteView bytes);
Result<Evidence> read_evidence(ByteView bytes);
// Another magic text: receipt-version. A proof above a receipt's limit: receipt-too-large; an item proof or a
// state above its own (limits.h): object-too-large.
Result<Archived> read_archived(ByteView bytes);
Result<ItemProof> read_item_proof(ByteView bytes);
Result<SnapshotHead> read_snapshot(ByteView bytes);
Result<CutState> read_state(ByteView bytes);
Result<ArchiveHeader> read_archive_header(ByteView bytes);

}  // namespace lotmark
