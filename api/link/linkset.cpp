#include "api/link/linkset.h"

#include <nlohmann/json.hpp>

namespace lotmark::link {

namespace {

using Ordered = nlohmann::ordered_json;

Ordered bare_object(const Offer& o) { return {{"href", o.href}, {"title", o.target->title}}; }

Ordered target_object(const Offer& o) {
  Ordered out = bare_object(o);
  if (!o.target->media_type.empty()) out["type"] = o.target->media_type;
  if (!o.target->languages.empty()) out["hreflang"] = o.target->languages;
  if (!o.target->contexts.empty()) out["context"] = o.target->contexts;
  return out;
}

Ordered context_object(const LinkContext& c) {
  Ordered out{
      {"anchor", c.anchor}, {"description", c.description}, {"itemDescription", c.description}};
  const std::string default_link = std::string(kVoc) + "defaultLink";
  if (!c.defaults.empty()) out[default_link] = Ordered::array({bare_object(c.defaults.front())});
  if (c.defaults.size() > 1) {
    for (const Offer& o : c.defaults) out[default_link + "Multi"].push_back(target_object(o));
  }
  for (const Offer& o : c.offers) out[o.target->type].push_back(target_object(o));
  return out;
}

}  // namespace

std::string write_linkset(const std::vector<LinkContext>& contexts) {
  Ordered list = Ordered::array();
  for (const auto& c : contexts) list.push_back(context_object(c));
  return Ordered{{"linkset", std::move(list)}}.dump(-1, ' ', false,
                                                    Ordered::error_handler_t::replace);
}

}  // namespace lotmark::link
