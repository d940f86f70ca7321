#include "core/wire/cbor_writer.h"
#include "core/wire/codec.h"
#include "core/wire/event_proof.h"

namespace lotmark {

Bytes encode_event_entry(const Salt& salt, const Digest& sha, const Digest& hash) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(salt.view());
    w.bytes(sha.view());
    w.bytes(hash.view());
  });
}

Result<Checkpoint> read_event_tree(ByteView content) {
  LM_ASSIGN(const auto tree, decode<Checkpoint>(content));
  if (tree.size < 1 || tree.size > kEventsInSegment) return Errc::kFieldRange;
  return tree;
}

}  // namespace lotmark
