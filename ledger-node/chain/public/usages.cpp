#include "ledger-node/chain/public/usages.h"

#include <algorithm>
#include <unordered_map>

#include "core/proof/lot_objects.h"
#include "ledger-node/chain/public/cut_store.h"

namespace lotmark::chain {

namespace {

Result<KnownUsage> read_usage(const store::Query& q, const Digest& chain) {
  KnownUsage k;
  k.block = q.u64(0);
  LM_ASSIGN(auto object, open<Usage>(q.blob(1), chain));
  k.id = object.id;
  k.by = object.kid;
  k.usage = std::move(object.body);
  return k;
}

// The order in which serials come, as the page says.
constexpr std::string_view kOfLot =
    "SELECT block, object FROM used WHERE gtin = ? AND lot = ? AND block > ? ORDER BY block, "
    "kind != 1, kid, id";
static_assert(static_cast<int>(UsageKind::kSold) == 1);

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

Status take_usage(const PublicChain& chain, const Membership& /*judge*/, ByteView object,
                  std::uint64_t block) {
  LM_ASSIGN(auto u, open<Usage>(object, chain.chain_id()));
  LM_ASSIGN(auto q, chain.database().prepare("INSERT INTO used(id, block, gtin, lot, kind, units, "
                                             "kid, object) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, u.id).bind(2, block).bind(3, u.body.gtin.text).bind(4, u.body.lot.text);
  q.bind(5, static_cast<int>(u.body.kind)).bind(6, u.body.count);
  return q.bind(7, u.kid).bind(8, u.bytes).run();
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
