// The bundles that captured events' sensor reports name, against the own intake log. A producer's systems write these
// events, and nothing is refused for what they say of a bundle: what differs is remarked, no fault of a row.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "ledger-node/capture/raw_data.h"
#include "ledger-node/chain/private/audit_events.h"

namespace lotmark::chain {

namespace {

// Nothing where the log has not, or has lost, that bundle; what is wrong with its row is the intake audit's to say.
Result<std::optional<Bundle>> logged_bundle(const AuditReader& reader, int file, const Digest& id) {
  const auto idx = reader.book.bundle(file, id);
  if (!idx) return std::optional<Bundle>();
  LM_ASSIGN(auto q, reader.db->prepare("SELECT wire FROM intake_wire WHERE idx = ?"));
  LM_ASSIGN(const bool row, q.bind(1, *idx).step());
  if (!row) return std::optional<Bundle>();
  WireReader wires;
  auto opened = wires.open_bundle(q.blob(0), reader.chain.chain_id());
  if (!opened || opened->id != id) return std::optional<Bundle>();
  return std::optional(std::move(opened->body));
}

AuditFault raw_data_remark(std::uint64_t n, Errc e, std::string text) {
  return {"event", n, {}, {}, {}, e, std::move(text), {}};
}

}  // namespace

Result<RawDataSeen> look_at_raw_data(const AuditReader& reader, int file, std::uint64_t n,
                                     std::string_view body) {
  RawDataSeen out;
  for (const auto& named : node::named_bundles(body)) {
    ++out.named;
    LM_ASSIGN(const auto bundle, logged_bundle(reader, file, named.bundle));
    if (!bundle) {
      ++out.missing;
      out.remarks.push_back(raw_data_remark(
          n, Errc::kNotFound,
          fmt::format("names bundle {}, which is not in the intake log", short_hex(named.bundle))));
    } else if (node::compare(named, *bundle) == node::RawDataMatch::kOutside) {
      ++out.outside;
      out.remarks.push_back(
          raw_data_remark(n, Errc::kAnnotation,
                          fmt::format("tells values in {} outside those of bundle {}", named.uom,
                                      short_hex(named.bundle))));
    }
  }
  return out;
}

}  // namespace lotmark::chain
