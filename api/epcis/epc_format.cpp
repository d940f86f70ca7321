#include "api/epcis/epc_format.h"

#include "core/gs1/epc_uri.h"

namespace lotmark::api::epcis {

namespace {

constexpr const char* kLists[] = {"epcList", "childEPCs", "inputEPCList", "outputEPCList"};
constexpr const char* kQuantities[] = {"quantityList", "childQuantityList", "inputQuantityList",
                                       "outputQuantityList"};
// List, and the property of its elements that may name something of GS1's.
constexpr std::pair<const char*, const char*> kParties[] = {{"sourceList", "source"},
                                                            {"destinationList", "destination"}};

class Translator {
 public:
  Translator(EpcFormat format, std::span<const std::string> prefixes)
      : format_(format), prefixes_(prefixes) {}

  void text(Json& value) const {
    if (!value.is_string()) return;
    auto other = in_format(value.get_ref<const std::string&>(), format_, prefixes_);
    if (other) value = *std::move(other);
  }
  void member(Json& object, const char* key) const {
    if (!object.is_object()) return;
    if (const auto at = object.find(key); at != object.end()) text(*at);
  }

 private:
  EpcFormat format_;
  std::span<const std::string> prefixes_;
};

// Calls use(element) for the elements of a list property.
template <class Use>
void each(Json& event, const char* key, const Use& use) {
  const auto list = event.find(key);
  if (list == event.end() || !list->is_array()) return;
  for (auto& element : *list) use(element);
}

}  // namespace

std::optional<std::string> in_format(std::string_view uri, EpcFormat format,
                                     std::span<const std::string> prefixes) {
  if (format == EpcFormat::kDigitalLink && uri.starts_with("urn:epc:")) {
    const auto link = gs1::link_of_urn(uri);
    if (link) return gs1::canonical_link(*link);
  } else if (format == EpcFormat::kUrn && uri.starts_with("http")) {
    const auto link = gs1::read_link(uri);
    if (link) return gs1::urn_of_link(*link, prefixes);
  }
  return std::nullopt;
}

void use_format(Json& event, EpcFormat format, std::span<const std::string> prefixes) {
  if (format == EpcFormat::kAsSent || !event.is_object()) return;
  const Translator t(format, prefixes);
  for (const char* key : kLists) each(event, key, [&](Json& epc) { t.text(epc); });
  for (const char* key : kQuantities)
    each(event, key, [&](Json& quantity) { t.member(quantity, "epcClass"); });
  for (const auto& [list, name] : kParties)
    each(event, list, [&, key = name](Json& party) { t.member(party, key); });
  t.member(event, "parentID");
  for (const char* place : {"readPoint", "bizLocation"}) {
    if (const auto at = event.find(place); at != event.end()) t.member(*at, "id");
  }
}

}  // namespace lotmark::api::epcis
