#include "ledger-node/capture/access_page.h"

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/hex.h"
#include "ledger-node/chain/private/access_sets.h"

namespace lotmark::node {

namespace {

nlohmann::json access_json(const StoredAccess& a) {
  const AccessEntry& e = a.entry;
  return {{"n", a.n},
          {"logged", iso_of_ms(a.logged)},
          {"by", to_hex(a.by)},
          {"record", a.record ? nlohmann::json(to_hex(*a.record)) : nlohmann::json()},
          {"run", to_hex(e.run)},
          {"number", e.number},
          {"count", e.count},
          {"time", iso_of_ms(e.time)},
          {"time_ms", e.time},
          {"caller", e.caller},
          {"organisation", e.organisation},
          {"roles", e.roles},
          {"how", e.how},
          {"address", e.address},
          {"method", e.method},
          {"route", e.route},
          {"target", e.target},
          {"status", e.status},
          {"why", e.why}};
}

}  // namespace

Result<std::vector<StoredAccess>> read_accesses(const store::Database& db, std::uint64_t after,
                                                std::size_t limit) {
  LM_ASSIGN(auto q, db.prepare("SELECT n, logged, by, entry FROM access WHERE n > ? ORDER BY n "
                               "LIMIT ?"));
  q.bind(1, after).bind(2, static_cast<std::uint64_t>(limit));
  const chain::AccessSets sets(db);
  std::vector<StoredAccess> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return out;
    StoredAccess a;
    a.n = q.u64(0);
    a.logged = q.u64(1);
    LM_ASSIGN(a.by, q.fixed<KeyId>(2));
    auto entry = decode_access(q.blob(3));
    if (!entry)
      return fail(Errc::kCorrupt,
                  "access row " + std::to_string(a.n) + ": " + entry.error().message());
    a.entry = *std::move(entry);
    LM_ASSIGN(const auto place, sets.place_of(a.n));
    if (place) a.record = place->commitment;
    out.push_back(std::move(a));
  }
}

std::string access_page_json(const std::vector<StoredAccess>& page) {
  auto list = nlohmann::json::array();
  for (const auto& a : page) list.push_back(access_json(a));
  const auto next = page.size() < kAccessPage ? nlohmann::json() : nlohmann::json(page.back().n);
  const nlohmann::json body = {{"accesses", std::move(list)}, {"next", next}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace lotmark::node
