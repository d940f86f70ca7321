#include "ledger-node/order/jetstream_lease.h"

#include <fmt/format.h>

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

Bytes encode_lease(const Lease& lease) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(lease.holder.view());
    w.uint(lease.term);
    w.uint(lease.beat);
  });
}

Result<Lease> decode_lease(ByteView bytes) {
  if (bytes.size() > kLeaseBytesMax) {
    return fail(Errc::kTooLarge, fmt::format("{} bytes as a lease", bytes.size()));
  }
  LM_ASSIGN(const auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) {
    return fail(Errc::kFieldType, "a lease is an array of three");
  }
  const CborValue holder = root.first();
  const CborValue term = holder.next();
  const CborValue beat = term.next();
  if (holder.type() != CborType::kBytes || term.type() != CborType::kInt ||
      beat.type() != CborType::kInt) {
    return fail(Errc::kFieldType, "a lease is a key's id, a term and a beat");
  }
  const auto kid = KeyId::from(holder.bytes());
  if (!kid || term.integer() < 0 || beat.integer() < 0) {
    return fail(Errc::kFieldRange, "a lease's id has 16 bytes, its term and beat are not negative");
  }
  return Lease{*kid, static_cast<std::uint64_t>(term.integer()),
               static_cast<std::uint64_t>(beat.integer())};
}

}  // namespace lotmark::node
