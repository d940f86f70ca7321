#include "ledger-node/archive/disclosures.h"

#include "core/wire/cbor_writer.h"
#include "core/wire/limits.h"

namespace lotmark::node {

Status write_disclosures(const chain::PublicChain& chain, std::uint64_t first, std::uint64_t last,
                         const std::function<Status(ByteView)>& sink) {
  LM_ASSIGN(auto q, chain.database().prepare(
                        "SELECT block, disclosure, samples FROM disclosure WHERE block >= ? AND "
                        "block <= ? ORDER BY block"));
  q.bind(1, first).bind(2, last);
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return {};
    LM_ASSIGN(const auto entry, chain::encode_disclosure(q.u64(0), q.blob(1), q.blob(2)));
    LM_TRY(sink(cbor_bytes([&](CborWriter& w) { w.bytes(entry); })));
  }
}

Result<std::optional<chain::ToldOf>> next_disclosure(ItemFile& file) {
  LM_ASSIGN(const auto bytes, file.bstr(limits::kBlock));
  if (!bytes) return std::optional<chain::ToldOf>();
  LM_ASSIGN(auto entry, chain::read_disclosure(*bytes));
  return std::optional(std::move(entry));
}

}  // namespace lotmark::node
