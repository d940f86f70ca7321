// What the CBOR reader accepts, the writer writes again, byte for byte (docs/format/cbor.md).
#include "core/wire/cbor_reader.h"

#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"
#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

void write(CborWriter& w, CborValue v) {
  switch (v.type()) {
    case CborType::kInt: return w.integer(v.integer());
    case CborType::kBytes: return w.bytes(v.bytes());
    case CborType::kText: return w.text(v.text());
    case CborType::kBool: return w.boolean(v.boolean());
    case CborType::kNull: return w.null();
    case CborType::kArray:
    case CborType::kMap: break;
  }
  const bool map = v.type() == CborType::kMap;
  if (map) w.map(v.count());
  else w.array(v.count());
  CborValue child = v.first();
  for (std::size_t i = 0; i < v.count() * (map ? 2 : 1); ++i, child = child.next()) write(w, child);
}

// Every key of a map is found, and no other.
void look_up(CborValue v) {
  if (v.type() == CborType::kMap) {
    CborValue key = v.first();
    for (std::size_t i = 0; i < v.count(); ++i, key = key.next().next()) {
      const auto found = v.find(key.integer());
      LM_ASSERT(found && found->type() == key.next().type());
    }
    LM_ASSERT(!v.find(limits::kIntMax + 1));
  }
}

void fuzz_cbor(ByteView in) {
  const auto doc = CborDoc::parse(in);
  CborDoc again;
  LM_ASSERT(again.read(in) == doc.code());
  if (!doc) return;
  const Bytes out = cbor_bytes([&](CborWriter& w) { write(w, doc->root()); });
  LM_ASSERT(std::ranges::equal(out, in));
  look_up(doc->root());
}

}  // namespace
LM_FUZZ_TARGET(cbor, fuzz_cbor);
}  // namespace lotmark
