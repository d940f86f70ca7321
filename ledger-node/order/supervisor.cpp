#include "ledger-node/order/supervisor.h"

#include "core/wire/cbor_reader.h"

namespace lotmark::node {

Status Supervisor::take_disclosure(ByteView body, const Member& from, Time now) {
  LM_ASSIGN(auto doc, CborDoc::parse(body));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 3) return Errc::kFieldType;
  const CborValue number = root.first();
  const CborValue disclosure = number.next();
  const CborValue list = disclosure.next();
  if (number.type() != CborType::kInt || number.integer() < 0 ||
      disclosure.type() != CborType::kArray || list.type() != CborType::kArray ||
      list.count() > 32) {
    return Errc::kFieldType;
  }
  const auto block = static_cast<std::uint64_t>(number.integer());
  if (block >= chain_.size()) return fail(Errc::kNotReady, "that block is not here yet");
  LM_ASSIGN(auto d, decode<Disclosure>(disclosure.encoded()));
  std::vector<Sample> samples;
  CborValue s = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, s = s.next()) {
    if (s.type() != CborType::kArray) return Errc::kFieldType;
    LM_ASSIGN(auto sample, decode<Sample>(s.encoded()));
    samples.push_back(std::move(sample));
  }
  LM_ASSIGN(auto tx, open<Transaction>(d.transaction.bytes, chain_.chain_id()));
  if (tx.kid != from.kid)
    return fail(Errc::kDenied, "a disclosure comes from the enterprise itself");
  return chain_.add_disclosure(block, d, samples, now);
}

std::optional<Reply> Supervisor::peer(const Route& route, const Call& call, const Member& from,
                                      Time now) {
  if (call.method != "POST" || route.parts[2] != "disclosures") return std::nullopt;
  Status done = take_disclosure(call.body, from, now);
  if (!done) return reply_error(done.error());
  ++taken_;
  return reply_cbor(encode_list({}));
}

std::vector<std::pair<std::string, double>> Supervisor::metrics() const {
  return {{"lotmark_disclosures_taken_total", static_cast<double>(taken_)}};
}

}  // namespace lotmark::node
