#include "ledger-node/capture/captured_event.h"

#include <algorithm>
#include <set>

#include "core/crypto/sha256.h"
#include "core/epcis/hash/event_hash.h"
#include "core/epcis/hash/event_time.h"
#include "core/epcis/query/facts.h"
#include "core/epcis/query/words.h"
#include "core/gs1/identity.h"

namespace lotmark::node {

using epcis::Json;

namespace {

constexpr std::size_t kLotsMax = 64;

// A text property; empty if it is not there.
std::string_view text_in(const Json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return {};
  return at->get_ref<const std::string&>();
}

// GTIN, and lot where it is named, of a class, an instance or an instance of a lot.
struct Trade {
  Gtin gtin;
  std::optional<LotNumber> lot;
};
std::optional<Trade> trade_item(std::string_view uri) {
  const auto link = gs1::link_of_identity(uri);
  if (!link || link->key.ai != "01") return std::nullopt;
  Trade out{Gtin{link->key.value}, std::nullopt};
  for (const auto& q : link->qualifiers) {
    if (q.ai == "10") out.lot = LotNumber{q.value};
  }
  return out;
}

// Of CBV's lotNumber, whichever way its namespace is written.
std::string_view lot_in(const Json& ilmd, const epcis::Context& context) {
  static const epcis::ExpandedName kLotNumber{"urn:epcglobal:cbv:mda:", "lotNumber"};
  for (const auto& [name, value] : ilmd.items()) {
    if (value.is_string() && context.expand(name) == kLotNumber)
      return value.get_ref<const std::string&>();
  }
  return {};
}

struct Named {
  std::vector<LotName> lots;
  std::set<std::string> gtins;

  void add(std::string_view uri) {
    const auto item = trade_item(uri);
    if (!item || gtins.size() > kLotsMax) return;
    gtins.insert(item->gtin.text);
    if (item->lot) add_lot({item->gtin, *item->lot});
  }
  void add_lot(LotName lot) {
    const bool good = valid(lot.gtin) && valid(lot.lot) && lots.size() < kLotsMax;
    if (good && std::ranges::find(lots, lot) == lots.end()) lots.push_back(std::move(lot));
  }
};

void add_list(const Json& event, const char* key, Named& out) {
  const auto list = event.find(key);
  if (list == event.end() || !list->is_array()) return;
  for (const auto& e : *list) {
    if (e.is_string()) out.add(e.get_ref<const std::string&>());
    else if (e.is_object()) out.add(text_in(e, "epcClass"));
  }
}

std::vector<std::pair<ResourceKind, std::string>> values_of(const epcis::EventFacts& facts) {
  using epcis::IdentityList;
  using epcis::TextFact;
  std::set<std::pair<ResourceKind, std::string>> out;
  const auto add = [&](ResourceKind kind, TextFact fact) {
    // A prefixed name has a second spelling behind: its own.
    if (const auto& texts = facts.of(fact); !texts.empty()) out.emplace(kind, texts.front());
  };
  add(ResourceKind::kBizStep, TextFact::kBizStep);
  add(ResourceKind::kBizLocation, TextFact::kBizLocation);
  add(ResourceKind::kReadPoint, TextFact::kReadPoint);
  add(ResourceKind::kDisposition, TextFact::kDisposition);
  if (const auto& type = facts.of(TextFact::kEventType); !epcis::is_bare_word(type.front()))
    add(ResourceKind::kEventType, TextFact::kEventType);
  for (const auto list : {IdentityList::kEpcs, IdentityList::kChildren, IdentityList::kParent,
                          IdentityList::kInputs, IdentityList::kOutputs}) {
    for (const auto& identity : facts.of(list)) out.emplace(ResourceKind::kEpc, identity.canonical);
  }
  return {out.begin(), out.end()};
}

epcis::Term term_of(char kind, std::string_view text) {
  std::string input(1, kind);
  input += text;
  const Digest digest = sha256(as_bytes(input));
  epcis::Term t = 0;
  for (const std::uint8_t byte : digest.view().first(8)) t = t << 8 | byte;
  return t;
}

}  // namespace

epcis::Term id_term(std::string_view id) { return term_of('\xff', id); }

std::string CapturedEvent::id_text() const { return id ? *id : epcis::hash_uri(hash); }

std::vector<LotName> lots_named(const Json& event, const epcis::Context& context) {
  Named out;
  for (const char* key : {"epcList", "childEPCs", "inputEPCList", "outputEPCList", "quantityList",
                          "childQuantityList", "inputQuantityList", "outputQuantityList"})
    add_list(event, key, out);
  out.add(text_in(event, "parentID"));
  const auto ilmd = event.find("ilmd");
  if (ilmd != event.end() && ilmd->is_object() && out.gtins.size() == 1) {
    const std::string_view lot = lot_in(*ilmd, context);
    if (!lot.empty()) out.add_lot({Gtin{*out.gtins.begin()}, LotNumber{std::string(lot)}});
  }
  return std::move(out.lots);
}

Result<CapturedEvent> read_captured(std::string body, const epcis::Context& document) {
  const Json event = Json::parse(body, nullptr, false);
  if (!event.is_object()) return fail(Errc::kUsage, "an event is a JSON object");
  epcis::Context context = document;
  if (const auto own = event.find("@context"); own != event.end()) {
    LM_ASSIGN(context, document.with(*own));
  }
  CapturedEvent out;
  LM_ASSIGN(out.hash, epcis::event_hash(event, context));
  LM_ASSIGN(auto facts, epcis::facts_of(event, context, 0));
  const auto time = epcis::event_time_ms(text_in(event, "eventTime"));
  if (!time) return fail(Errc::kFieldRange, "eventTime is no time");
  out.time = *time;
  out.sha = sha256(as_bytes(body));
  if (const auto id = text_in(event, "eventID"); !id.empty()) out.id = std::string(id);
  out.declares_error = event.contains("errorDeclaration");
  if (!out.id) {
    facts.texts[static_cast<std::size_t>(epcis::TextFact::kEventId)] = {out.id_text()};
  }
  out.terms = epcis::terms_of(facts);
  out.terms.push_back(id_term(out.id_text()));
  out.terms.push_back(kAllTerm);
  std::ranges::sort(out.terms);
  out.terms.erase(std::unique(out.terms.begin(), out.terms.end()), out.terms.end());
  out.values = values_of(facts);
  out.lots = lots_named(event, context);
  out.body = std::move(body);
  return out;
}

}  // namespace lotmark::node
