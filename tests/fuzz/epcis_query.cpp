// The query string of an EPCIS request. What is taken means the same in any order, and asking for less never finds less;
// a fault names something and can be written into an answer.
#include "core/epcis/query/query.h"

#include <algorithm>

#include "core/http/message.h"
#include "tests/fuzz/target.h"

namespace lotmark::epcis {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kEvents[] = {
    R"({"type":"ObjectEvent","eventTime":"2026-02-03T07:15:00Z","eventTimeZoneOffset":"+01:00","action":"ADD",
        "epcList":["urn:epc:id:sgtin:4012345.011122.7"],"readPoint":{"id":"urn:epc:id:sgln:4012345.00001.0"},
        "bizStep":"packing","disposition":"in_progress","eventID":"urn:uuid:1","farm:a":7,
        "quantityList":[{"epcClass":"urn:epc:class:lgtin:4012345.011122.L","quantity":5,"uom":"KGM"}],
        "sensorElementList":[{"sensorReport":[{"type":"Temperature","value":7.5,"uom":"CEL"}]}]})",
    R"({"type":"AggregationEvent","eventTime":"2026-02-03T07:15:00Z","eventTimeZoneOffset":"+01:00",
        "action":"OBSERVE","parentID":"urn:epc:id:sscc:4012345.0111222333","childEPCs":[],
        "bizTransactionList":[{"type":"po","bizTransaction":"urn:epcglobal:cbv:bt:4012345000009:1"}]})",
};

std::vector<EventFacts> make_facts() {
  std::vector<EventFacts> out;
  const auto context = Context::read(Json::parse(
      R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"farm":"urn:farm:"}])"));
  LM_ASSERT(context);
  for (const char* text : kEvents) {
    auto facts = facts_of(Json::parse(text), *context, 1'770'102'900'000);
    LM_ASSERT(facts);
    out.push_back(*std::move(facts));
  }
  return out;
}

// As the API takes a query string apart; nothing for one that is badly encoded.
std::optional<Pairs> pairs_of(std::string_view query) {
  Pairs out;
  while (!query.empty()) {
    const auto end = query.find('&');
    std::string pair(query.substr(0, end));
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    std::ranges::replace(pair, '+', ' ');
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = http::percent_decode(std::string_view(pair).substr(0, equals));
    const auto value =
        http::percent_decode(std::string_view(pair).substr(std::min(equals + 1, pair.size())));
    if (!name || !value) return std::nullopt;
    out.emplace_back(*name, *value);
  }
  return out;
}

std::vector<bool> found(const SimpleQuery& query) {
  static const std::vector<EventFacts> facts = make_facts();
  std::vector<bool> out;
  for (const auto& f : facts) out.push_back(matches(query, f));
  return out;
}

void fuzz_epcis_query(ByteView in) {
  const auto pairs = pairs_of(as_text(in.first(std::min(in.size(), std::size_t{8} << 10))));
  if (!pairs) return;
  const auto query = parse_query(*pairs);
  if (!query) {
    LM_ASSERT(query.code() == Errc::kUsage || query.code() == Errc::kTooLarge);
    LM_ASSERT(!query.error().text.empty() && query.error().text.size() < 8192);
    return;
  }
  LM_ASSERT(pairs->size() <= kQueryParametersMax + 2);
  const auto all = found(*query);
  const auto reversed = parse_query(Pairs(pairs->rbegin(), pairs->rend()));
  LM_ASSERT(reversed && found(*reversed) == all);
  for (std::size_t without = 0; without < std::min<std::size_t>(pairs->size(), 8); ++without) {
    Pairs fewer = *pairs;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(without));
    const auto less = parse_query(fewer);
    if (!less) continue;  // a limit needs its order
    const auto more = found(*less);
    for (std::size_t i = 0; i < all.size(); ++i) LM_ASSERT(!all[i] || more[i]);
  }
}

}  // namespace
LM_FUZZ_TARGET(epcis_query, fuzz_epcis_query);
}  // namespace lotmark::epcis
