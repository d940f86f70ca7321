#include "ledger-node/chain/public/disclosures.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::chain {

Result<std::vector<Bytes>> disclosures_from(const PublicChain& chain, std::uint64_t from,
                                            std::size_t max_bytes) {
  constexpr std::string_view kRows =
      "SELECT block, disclosure, samples FROM disclosure WHERE block >= ? ORDER BY block LIMIT "
      "1000";
  LM_ASSIGN(auto q, chain.database().prepare(kRows));
  q.bind(1, from);
  std::vector<Bytes> out;
  std::size_t total = 0;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(Bytes one, encode_disclosure(q.u64(0), q.blob(1), q.blob(2)));
    total += one.size();
    if (!out.empty() && total > max_bytes) return out;
    out.push_back(std::move(one));
  }
}

Result<Bytes> encode_disclosure(std::uint64_t block, ByteView disclosure, ByteView shown) {
  LM_ASSIGN(const auto with_samples, decode<Receipt>(shown));
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.uint(block);
    w.raw(disclosure);
    w.array(with_samples.samples.size());
    for (const auto& s : with_samples.samples) w.raw(encode(s));
  });
}

Result<ToldOf> read_disclosure(ByteView bytes) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) return Errc::kFieldType;
  const CborValue number = root.first();
  const CborValue disclosure = number.next();
  const CborValue list = disclosure.next();
  if (number.type() != CborType::kInt || number.integer() < 0 ||
      disclosure.type() != CborType::kArray || list.type() != CborType::kArray ||
      list.count() > limits::kSamples) {
    return Errc::kFieldType;
  }
  ToldOf out;
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

Result<std::uint64_t> take_disclosure(PublicChain& chain, ByteView bytes, Time now) {
  LM_ASSIGN(auto told, read_disclosure(bytes));
  if (told.block >= chain.size()) return fail(Errc::kNotReady, "that block is not here yet");
  LM_TRY(chain.add_disclosure(told.block, told.disclosure, told.samples, now));
  return told.block;
}

Result<std::vector<Bytes>> votes_at(const PublicChain& chain, std::uint64_t size) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT bytes FROM vote WHERE size = ? ORDER BY term, kid LIMIT 1000"));
  q.bind(1, size);
  std::vector<Bytes> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    out.push_back(to_bytes(q.blob(0)));
  }
}

Result<std::optional<std::uint64_t>> undisclosed_from(const PublicChain& chain,
                                                      std::uint64_t from) {
  LM_ASSIGN(auto q,
            chain.database().prepare(
                "SELECT block FROM lot WHERE block >= ? AND NOT EXISTS(SELECT 1 FROM disclosure "
                "WHERE disclosure.block = lot.block) ORDER BY block LIMIT 1"));
  LM_ASSIGN(const bool row, q.bind(1, from).step());
  return row ? std::optional(q.u64(0)) : std::nullopt;
}

}  // namespace lotmark::chain
