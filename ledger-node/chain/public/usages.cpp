#include "ledger-node/chain/public/usages.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "core/crypto/sha256.h"
#include "core/proof/item.h"
#include "core/proof/lot_objects.h"
#include "core/wire/cbor_writer.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

Result<KnownUsage> read_usage(const store::Query& q, const Digest& chain) {
  KnownUsage k;
  k.block = q.u64(0);
  auto object = open<Usage>(q.blob(1), chain);
  if (!object)
    return fail(Errc::kCorrupt, "a report of use in block " + std::to_string(k.block) +
                                    " is damaged: " + object.error().message());
  k.id = object->id;
  k.by = object->kid;
  k.usage = std::move(object->body);
  return k;
}

// The order in which serials come, as the page says.
constexpr std::string_view kOfLot =
    "SELECT block, object FROM used WHERE gtin = ? AND lot = ? AND block > ? ORDER BY block, "
    "kind != 1, kid, id";
static_assert(static_cast<int>(UsageKind::kSold) == 1);

// Reports of a kind that name a serial, in the blocks that do. Text in CBOR stands there as it is: what has not its bytes
// does not name it, and is not decoded.
constexpr std::string_view kOfSerial =
    "WITH named AS (SELECT block FROM (SELECT block FROM used_serial WHERE key = ?3 ORDER BY block "
    "LIMIT 192) UNION SELECT block FROM (SELECT block FROM used_serial WHERE key = ?3 ORDER BY "
    "block DESC LIMIT 64)) SELECT used.block, used.object FROM named CROSS JOIN used ON used.gtin "
    "= ?1 AND used.lot = ?2 AND used.block = named.block WHERE used.kind = ?4 AND "
    "instr(used.object, ?5) > 0 ORDER BY used.block, kid, id LIMIT ?6";

// One row of a block for each unit it names, by whichever of its reports.
Status list_serials(const store::Database& db, const Usage& usage, std::uint64_t block) {
  LM_ASSIGN(auto q, db.prepare("INSERT OR IGNORE INTO used_serial(key, block) VALUES(?, ?)"));
  for (const auto& serial : usage.serials) {
    q.bind(1, serial_key(usage.gtin, usage.lot, serial)).bind(2, block);
    LM_TRY(q.run());
  }
  return {};
}

class Serials {
 public:
  explicit Serials(LotUse& out) : out_(out) {}
  void add(const Usage& usage) {
    for (const auto& serial : usage.serials) {
      ++out_.read;
      auto [at, first] = seen_.try_emplace(serial);
      if (comes_again(at->second.state, usage.kind) && !at->second.again) {
        at->second.again = true;
        ++out_.again;
        if (out_.again_serials.size() < LotUse::kAgainNamed) out_.again_serials.push_back(serial);
      }
      at->second.state = after(at->second.state, usage.kind);
    }
  }

 private:
  struct Seen {
    SerialState state = SerialState::kUnseen;
    bool again = false;
  };
  LotUse& out_;
  std::unordered_map<std::string, Seen> seen_;
};

}  // namespace

Result<CheckedEvent> check_usage(const EventScope& scope, ByteView object) {
  LM_ASSIGN(auto u, open<Usage>(object, scope.chain.chain_id()));
  LM_TRY(signed_in_role(u, scope.judge, Role::kAgency));
  LM_ASSIGN(const auto place, place_of_lot(scope.chain, u.body.gtin, u.body.lot));
  if (!place.block) {
    return fail(Errc::kUsageLotUnknown, "lot " + u.body.lot.text + " of " + u.body.gtin.text +
                                            (place.cut ? " is cut" : " is not released"));
  }
  return CheckedEvent{u.kid, u.id};
}

std::uint64_t serial_key(const Gtin& gtin, const LotNumber& lot, std::string_view serial) {
  // A GTIN has 14 digits, and no lot or serial a zero byte.
  constexpr std::uint8_t kEnd[] = {0};
  const Digest hash = sha256({as_bytes(gtin.text), as_bytes(lot.text), kEnd, as_bytes(serial)});
  std::uint64_t key = 0;
  for (std::size_t i = 0; i < sizeof(key); ++i) key = key << 8 | hash.data()[i];
  return key >> 1;
}

Status take_usage(const PublicChain& chain, const Membership& /*judge*/, ByteView object,
                  std::uint64_t block) {
  LM_ASSIGN(auto u, open<Usage>(object, chain.chain_id()));
  LM_ASSIGN(auto q, chain.database().prepare("INSERT INTO used(id, block, gtin, lot, kind, units, "
                                             "kid, object) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, u.id).bind(2, block).bind(3, u.body.gtin.text).bind(4, u.body.lot.text);
  q.bind(5, static_cast<int>(u.body.kind)).bind(6, u.body.count);
  LM_TRY(q.bind(7, u.kid).bind(8, u.bytes).run());
  return list_serials(chain.database(), u.body, block);
}

Status list_due_serials(const PublicChain& chain) {
  const store::Database& db = chain.database();
  LM_ASSIGN(auto due, db.prepare("SELECT 1 FROM serials_due"));
  LM_ASSIGN(const bool any, due.step());
  due.reset();
  if (!any) return {};
  return db.transaction([&]() -> Status {
    LM_ASSIGN(auto q, db.prepare("SELECT block, object FROM used"));
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) return db.exec("DELETE FROM serials_due");
      const auto k = read_usage(q, chain.chain_id());
      if (k) LM_TRY(list_serials(db, k->usage, k->block));
    }
  });
}

Result<std::vector<SerialUse>> serial_uses(const store::Database& db, const Digest& chain_id,
                                           const Gtin& gtin, const LotNumber& lot,
                                           std::string_view serial) {
  std::vector<SerialUse> out;
  if (!proof::valid_serial(serial)) return out;
  LM_ASSIGN(auto q, db.prepare(kOfSerial));
  const Bytes named = cbor_bytes([&](CborWriter& w) { w.text(serial); });
  for (const auto kind : {UsageKind::kUsed, UsageKind::kSold, UsageKind::kDestroyed}) {
    q.bind(1, gtin.text).bind(2, lot.text).bind(3, serial_key(gtin, lot, serial));
    q.bind(4, static_cast<int>(kind)).bind(5, named);
    q.bind(6, static_cast<std::uint64_t>(kUsesOfKind));
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) break;
      LM_ASSIGN(const auto k, read_usage(q, chain_id));
      if (!std::ranges::binary_search(k.usage.serials, serial)) continue;
      out.push_back({k.usage.kind, k.usage.time, k.by, k.block, false, k.id});
    }
    q.reset();
  }
  std::ranges::sort(out, {}, [](const SerialUse& u) {
    return std::tuple(u.block, u.kind != UsageKind::kSold, u.agency, u.report);
  });
  return out;
}

Result<std::vector<SerialUse>> serial_uses(const PublicChain& chain, const Gtin& gtin,
                                           const LotNumber& lot, std::string_view serial) {
  LM_ASSIGN(auto out, serial_uses(chain.database(), chain.chain_id(), gtin, lot, serial));
  for (auto& use : out) use.final = chain.is_final(use.block);
  return out;
}

Result<std::vector<KnownUsage>> usages(const PublicChain& chain, const Gtin& gtin,
                                       const LotNumber& lot, std::uint64_t after,
                                       std::size_t limit) {
  LM_ASSIGN(auto q, chain.database().prepare(kOfLot));
  q.bind(1, gtin.text).bind(2, lot.text).bind(3, after);
  std::vector<KnownUsage> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row || (out.size() >= limit && q.u64(0) != out.back().block)) return out;
    LM_ASSIGN(auto k, read_usage(q, chain.chain_id()));
    out.push_back(std::move(k));
  }
}

Result<LotUse> lot_use(const PublicChain& chain, const Gtin& gtin, const LotNumber& lot) {
  LotUse out;
  LM_ASSIGN(auto sums,
            chain.database().prepare("SELECT kind, count(*), sum(units) FROM used WHERE gtin = ? "
                                     "AND lot = ? GROUP BY kind"));
  sums.bind(1, gtin.text).bind(2, lot.text);
  while (true) {
    LM_ASSIGN(bool row, sums.step());
    if (!row) break;
    if (sums.u64(0) >= out.units.size()) return fail(Errc::kCorrupt, "no kind of use");
    out.reports += sums.u64(1);
    out.units[sums.u64(0)] = sums.u64(2);
  }
  LM_ASSIGN(auto q, chain.database().prepare(kOfLot));
  q.bind(1, gtin.text).bind(2, lot.text).bind(3, 0);
  Serials serials(out);
  std::uint64_t looked = 0;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    LM_ASSIGN(const auto k, read_usage(q, chain.chain_id()));
    looked += std::max<std::uint64_t>(k.usage.serials.size(), 1);
    out.all_read = looked <= LotUse::kSerialsRead;
    if (!out.all_read) return out;
    serials.add(k.usage);
  }
}

}  // namespace lotmark::chain
