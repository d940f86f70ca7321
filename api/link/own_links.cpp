// What this server itself links to: the page, the verdict, the receipt and the events of a lot. Types are those of GS1 Web
// Vocabulary 1.19 whose definition fits; verificationService is not: it is a service of GS1 Lightweight Messaging.
#include <algorithm>

#include "api/link/resolver.h"

namespace lotmark::link {

namespace {

const std::string* qualifier(const gs1::Link& link, std::string_view ai) {
  const auto found = std::ranges::find(link.qualifiers, ai, &gs1::AiValue::ai);
  return found == link.qualifiers.end() ? nullptr : &found->value;
}

// Key and qualifiers up to and with `last`.
gs1::Link cut_after(const gs1::Link& link, std::string_view last) {
  gs1::Link out;
  out.key = link.key;
  for (const auto& q : link.qualifiers) {
    out.qualifiers.push_back(q);
    if (q.ai == last) break;
  }
  return out;
}

// What the page reads: a product, its lot and serial (core/gs1/digital_link.h).
gs1::Link asked_of_page(const gs1::Link& link) {
  gs1::Link out = link;
  std::erase_if(out.qualifiers, [](const gs1::AiValue& q) { return q.ai != "10" && q.ai != "21"; });
  return out;
}

// The identity that events carry: key and one qualifier.
std::string epc_of(const gs1::Link& link, std::string_view ai) {
  gs1::Link out;
  out.key = link.key;
  out.qualifiers = {{std::string(ai), *qualifier(link, ai)}};
  return http::percent_encode(gs1::canonical_link(out));
}

}  // namespace

Target Resolver::own_link(std::string_view type, std::string path, std::string title,
                          std::string media_type) const {
  Target t;
  t.type = std::string(kVoc).append(type);
  t.href = options_.origin + std::move(path);
  t.title = std::move(title);
  t.media_type = std::move(media_type);
  t.takes_query = false;  // a route would refuse a label's attributes, or take them for its own
  return t;
}

// The first is the default. A lot that is not on the chain has no receipt; its page says that nothing is known.
std::vector<Target> Resolver::own_links(const gs1::Link& link, bool known) const {
  std::vector<Target> out;
  const std::string* lot = qualifier(link, "10");
  const std::string names = lot == nullptr ? "" : link.key.value + "/" + http::percent_encode(*lot);
  if (options_.page) {
    const std::string path = gs1::link_path(asked_of_page(link));
    out.push_back(own_link("traceability", "/lot" + path, "Lot check", "text/html"));
    out.back().languages = {"en", "zh"};
    out.back().takes_query = true;
  }
  if (lot != nullptr) {
    out.push_back(
        own_link("traceability", "/v1/verify/" + names, "Verdict on the lot", "application/json"));
  }
  if (const std::string* serial = lot != nullptr ? qualifier(link, "21") : nullptr) {
    const std::string query = "?gtin=" + link.key.value + "&lot=" + http::percent_encode(*lot) +
                              "&serial=" + http::percent_encode(*serial);
    out.push_back(own_link("traceability", "/v1/verify" + query,
                           "Verdict on the lot, and what is known of this unit",
                           "application/json"));
  }
  if (known)
    out.push_back(
        own_link("certificationInfo", "/v1/receipts/" + names, "Signed receipt of the lot", ""));
  if (known && !options_.events.empty()) {
    out.push_back(own_link("epcis", options_.events + "?MATCH_anyEPCClass=" + epc_of(link, "10"),
                           "EPCIS events of the lot", "application/json"));
  }
  if (!out.empty()) out.front().is_default = true;
  return out;
}

// What the file has counts before what is ours at the same level, of the lot without its variant too. A lot that is not on the chain has no level: what is
// ours stands behind all that the file has of its key.
void Resolver::add_own(const Ask& ask, bool known, Found& found) const {
  gs1::Link key;
  key.key = ask.link.key;
  const auto insert = [&](auto before, const gs1::Link& at, std::vector<Target> own) {
    if (own.empty()) return;
    found.levels.insert(before, {at, gs1::link_path(at), &found.own.emplace_back(std::move(own))});
  };
  if (known) {
    const auto coarser = std::ranges::find_if(found.levels, [](const Level& l) {
      return qualifier(l.of, "10") == nullptr && qualifier(l.of, "21") == nullptr;
    });
    insert(coarser, cut_after(ask.link, "10"), own_links(ask.link, true));
  }
  insert(found.levels.end(), key, own_links(known ? key : ask.link, false));
}

Resolver::Found Resolver::find(const Ask& ask, const std::optional<KnownLot>& known) const {
  Found found;
  found.levels = links_.levels(ask.link);
  found.product = known ? known->product : "";
  if (ask.link.key.ai == "01") add_own(ask, known && qualifier(ask.link, "10") != nullptr, found);
  return found;
}

}  // namespace lotmark::link
