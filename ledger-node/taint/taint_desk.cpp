#include "ledger-node/taint/taint_desk.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/chain/public/complaints.h"
#include "ledger-node/chain/public/cut_store.h"
#include "ledger-node/chain/public/recalls.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/chain/public/usages.h"
#include "ledger-node/taint/private_taint.h"
#include "ledger-node/taint/public_taint.h"

namespace lotmark::node {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kListed = 500;  // complaints or reports of use, an answer

Json iso(std::uint64_t ms) { return to_iso(from_ms(static_cast<std::int64_t>(ms))); }

template <class T>
Json optional_json(const std::optional<T>& v) {
  return v ? Json(*v) : Json();
}

// A member's organisation, or the name a key is enrolled under.
std::string owner(const chain::PublicChain& chain, const KeyId& kid) {
  if (const Member* m = chain.member(kid)) return m->organisation;
  if (const auto* e = chain.enrolled(kid)) return e->organisation + "/" + e->name;
  return {};
}

Json to_json(const chain::Settled& s, const chain::PublicChain& chain) {
  Json j = {{"block", s.block},   {"outcome", std::string(name(s.outcome))},
            {"points", s.points}, {"reward", s.reward},
            {"text", s.text},     {"penalties", Json::array()}};
  for (const PenaltyKind p : s.penalties) j["penalties"].push_back(std::string(name(p)));
  j["penalised"] = s.penalised ? Json(to_hex(*s.penalised)) : Json();
  j["penalised_name"] = s.penalised ? Json(owner(chain, *s.penalised)) : Json();
  return j;
}

Json to_json(const chain::KnownComplaint& k, const chain::PublicChain& chain, bool proven) {
  const Complaint& c = k.complaint;
  Json j = {{"id", to_hex(k.id)},
            {"block", k.block},
            {"final", chain.is_final(k.block)},
            {"by", to_hex(k.by)},
            {"by_name", owner(chain, k.by)},
            {"subject", to_hex(c.subject)},
            {"subject_name", owner(chain, c.subject)},
            {"kind", std::string(name(c.kind))},
            {"text", c.text},
            {"time_ms", c.time},
            {"time", iso(c.time)},
            {"about", Json::array()},
            {"evidence", c.evidence ? Json(to_hex(*c.evidence)) : Json()},
            {"proven", proven},
            {"rulings", k.rulings}};
  for (const auto& id : c.about) j["about"].push_back(to_hex(id));
  j["settled"] = k.settled ? to_json(*k.settled, chain) : Json();
  return j;
}

Json to_json(const chain::KnownUsage& k, const chain::PublicChain& chain) {
  return {{"id", to_hex(k.id)},
          {"block", k.block},
          {"final", chain.is_final(k.block)},
          {"by", to_hex(k.by)},
          {"by_name", owner(chain, k.by)},
          {"kind", std::string(name(k.usage.kind))},
          {"count", k.usage.count},
          {"serials", k.usage.serials.size()},
          {"time_ms", k.usage.time},
          {"time", iso(k.usage.time)}};
}

}  // namespace

std::optional<Reply> TaintDesk::control(const Route& route, const Call& call,
                                        const chain::Enrolled& /*from*/, Time /*now*/) {
  if (call.method != "GET" || route.parts.size() != 3) return std::nullopt;
  const std::string& what = route.parts[2];
  std::optional<Result<std::string>> text;
  if (what == "tainted") text = tainted(route);
  if (what == "revocations") text = revocations();
  if (what == "recalls") text = recalls();
  if (what == "complaints") text = complaints(route);
  if (what == "usage") text = usage(route);
  if (!text) return std::nullopt;
  return *text ? reply_json(**std::move(text)) : reply_error(text->error());
}

Result<std::string> TaintDesk::tainted(const Route& route) const {
  const auto key = fixed_from_hex<KeyId>(route.text("key").value_or(""));
  if (!key) return fail(Errc::kUsage, "key=KID: 32 hex digits");
  auto block = route.number("since");
  if (const auto ms = route.number("since_ms"); ms && !block) {
    LM_ASSIGN(const auto first, chain_.first_after(*ms == 0 ? 0 : *ms - 1));
    block = first.value_or(chain_.size());
  }
  if (!block) return fail(Errc::kUsage, "since=BLOCK or since_ms=TIME");
  LM_ASSIGN(const auto s, taint::suspect(chain_, *key, *block));
  taint::TaintedLots lots;
  LM_TRY(taint::find_public(chain_, s, lots));
  const Member* self = chain_.member(self_);
  if (private_db_ != nullptr && self != nullptr) {
    if (self->has(Role::kKeeping))
      LM_TRY(taint::find_in_batches(*private_db_, chain_, self_, s, lots, keys_));
    else LM_TRY(taint::find_in_reviews(*private_db_, chain_, s, lots, keys_));
  }
  Json list = Json::array();
  for (const auto& [place, lot] : lots) {
    list.push_back({{"gtin", lot.gtin.text},
                    {"lot", lot.lot.text},
                    {"block", optional_json(lot.block)},
                    {"product", lot.product},
                    {"enterprise", lot.enterprise},
                    {"why", lot.why}});
  }
  return Json{{"key", to_hex(*key)},
              {"owner", owner(chain_, *key)},
              {"since", *block},
              {"private", private_db_ != nullptr},
              {"lots", std::move(list)}}
      .dump();
}

Result<std::string> TaintDesk::revocations() const {
  LM_ASSIGN(const auto all, chain::all_revoked(chain_));
  Json list = Json::array();
  for (const auto& r : all) {
    list.push_back({{"kid", to_hex(r.kid)},
                    {"owner", owner(chain_, r.kid)},
                    {"suspected_since", r.from},
                    {"counts_from", r.counts_from},
                    {"block", r.block},
                    {"final", chain_.is_final(r.block)},
                    {"reason", std::string(name(r.reason))},
                    {"text", r.text}});
  }
  return list.dump();
}

Result<std::string> TaintDesk::recalls() const {
  LM_ASSIGN(const auto all, chain::open_recalls(chain_));
  Json list = Json::array();
  for (const auto& r : all) {
    list.push_back({{"gtin", r.gtin.text},
                    {"lot", r.lot ? Json(r.lot->text) : Json()},
                    {"block", r.block},
                    {"final", chain_.is_final(r.block)},
                    {"time_ms", r.time},
                    {"time", iso(r.time)},
                    {"reason", r.reason},
                    {"by", owner(chain_, r.signer)}});
  }
  return list.dump();
}

Result<std::string> TaintDesk::complaints(const Route& route) const {
  LM_ASSIGN(const auto all, chain::complaints(chain_, route.number("after").value_or(0), kListed));
  Json list = Json::array();
  for (const auto& k : all) {
    bool proven = false;
    if (k.complaint.evidence) {
      LM_ASSIGN(proven, evidence_.holds(*k.complaint.evidence));
    }
    list.push_back(to_json(k, chain_, proven));
  }
  return list.dump();
}

Result<std::string> TaintDesk::usage(const Route& route) const {
  const Gtin gtin{route.text("gtin").value_or("")};
  const LotNumber lot{route.text("lot").value_or("")};
  if (!valid(gtin) || !valid(lot)) return fail(Errc::kUsage, "gtin=GTIN&lot=LOT");
  LM_ASSIGN(const auto place, chain::place_of_lot(chain_, gtin, lot));
  LM_ASSIGN(const auto use, chain::lot_use(chain_, gtin, lot));
  LM_ASSIGN(const auto all,
            chain::usages(chain_, gtin, lot, route.number("after").value_or(0), kListed));
  Json list = Json::array();
  for (const auto& k : all) list.push_back(to_json(k, chain_));
  Json units = Json::object();
  for (std::size_t i = 0; i < use.units.size(); ++i)
    units[std::string(name(static_cast<UsageKind>(i)))] = use.units[i];
  return Json{{"gtin", gtin.text},
              {"lot", lot.text},
              {"block", optional_json(place.block)},
              {"cut", place.cut},
              {"reports", use.reports},
              {"units", std::move(units)},
              {"again", use.again},
              {"again_serials", use.again_serials},
              {"serials_read", use.read},
              {"all_read", use.all_read},
              {"list", std::move(list)}}
      .dump();
}

}  // namespace lotmark::node
