#include "ledger-node/archive/disclosures.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::node {

namespace {

Bytes entry_of(std::uint64_t block, ByteView disclosure, const std::vector<Sample>& samples) {
  const Bytes entry = cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.uint(block);
    w.raw(disclosure);
    w.array(samples.size());
    for (const auto& s : samples) w.raw(encode(s));
  });
  return cbor_bytes([&](CborWriter& w) { w.bytes(entry); });
}

Result<LotDisclosure> read_entry(ByteView bytes) {
  LM_ASSIGN(const auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) return Errc::kFieldType;
  const CborValue number = root.first();
  const CborValue disclosure = number.next();
  const CborValue list = disclosure.next();
  if (number.type() != CborType::kInt || number.integer() < 0 ||
      disclosure.type() != CborType::kArray || list.type() != CborType::kArray)
    return Errc::kFieldType;
  if (list.count() > limits::kSamples) return Errc::kSamplesCount;
  LotDisclosure out;
  out.block = static_cast<std::uint64_t>(number.integer());
  LM_ASSIGN(out.disclosure, decode<Disclosure>(disclosure.encoded()));
  CborValue s = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, s = s.next()) {
    if (s.type() != CborType::kArray) return Errc::kFieldType;
    LM_ASSIGN(auto sample, decode<Sample>(s.encoded()));
    out.samples.push_back(std::move(sample));
  }
  return out;
}

}  // namespace

Status write_disclosures(const chain::PublicChain& chain, std::uint64_t first, std::uint64_t last,
                         const std::function<Status(ByteView)>& sink) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT block, disclosure, samples FROM disclosure WHERE block >= ? AND "
                        "block <= ? ORDER BY block"));
  q.bind(1, first).bind(2, last);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return {};
    LM_ASSIGN(const auto with_samples, decode<Receipt>(q.blob(2)));
    LM_TRY(sink(entry_of(q.u64(0), q.blob(1), with_samples.samples)));
  }
}

Result<std::optional<LotDisclosure>> next_disclosure(ItemFile& file) {
  LM_ASSIGN(const auto bytes, file.bstr(limits::kBlock));
  if (!bytes) return std::optional<LotDisclosure>();
  LM_ASSIGN(auto entry, read_entry(*bytes));
  return std::optional(std::move(entry));
}

}  // namespace lotmark::node
