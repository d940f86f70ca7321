#include "ledger-node/marks/mark_reader.h"

namespace lotmark::node {

Result<MarkReader> MarkReader::open(const std::filesystem::path& marks_db) {
  LM_ASSIGN(auto db, store::Database::open(marks_db, {.read_only = true}));
  return MarkReader(std::move(db));
}

Result<std::vector<KnownMark>> MarkReader::of_serial(const Gtin& gtin, const LotNumber& lot,
                                                     std::string_view serial) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT kind, time, kid, report FROM mark WHERE gtin = ? AND lot = "
                                "? AND serial = ? ORDER BY n"));
  q.bind(1, gtin.text).bind(2, lot.text).bind(3, serial);
  std::vector<KnownMark> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    KnownMark m;
    if (q.u64(0) >= static_cast<std::uint64_t>(kEnumCount<UsageKind>))
      return fail(Errc::kCorrupt, "marks.db: no kind of use");
    m.kind = static_cast<UsageKind>(q.integer(0));
    m.time = q.u64(1);
    LM_ASSIGN(m.signer, q.fixed<KeyId>(2));
    if (!q.is_null(3)) {
      LM_ASSIGN(m.report, q.fixed<Digest>(3));
    }
    out.push_back(std::move(m));
  }
}

}  // namespace lotmark::node
