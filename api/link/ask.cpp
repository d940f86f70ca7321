#include "api/link/ask.h"

#include <algorithm>

#include "api/accept.h"
#include "api/link/links.h"

namespace lotmark::link {

namespace {

constexpr std::string_view kTypeName = "linkType";
constexpr std::string_view kContextName = "context";

std::string_view name_of(std::string_view parameter) {
  return parameter.substr(0, parameter.find('='));
}

// The query without what is only for the resolver.
std::string forwarded_of(std::string_view query) {
  std::string out;
  while (!query.empty()) {
    const auto parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    const auto name = name_of(parameter);
    if (parameter.empty() || name == kTypeName || name == kContextName) continue;
    out.append(out.empty() ? "" : "&").append(parameter);
  }
  return out;
}

bool holds(const gs1::Link& link, std::string_view name) {
  return std::ranges::any_of(link.others, [&](const std::string& o) { return name_of(o) == name; });
}

Wish wish_of(std::string_view accept) {
  const int linkset = api::named_quality(accept, "application/linkset+json");
  const int json = api::quality_of(accept, "application/json");
  const int html = api::quality_of(accept, "text/html");
  if (linkset > 0 && linkset >= json && linkset >= html) return Wish::kLinkset;
  return api::wants_json(accept).value_or(false) ? Wish::kJson : Wish::kDefault;
}

void take_type(Ask& ask, const std::string& value) {
  if (value == "linkset" || value == "all") {  // "all": before version 1.1
    ask.wish = Wish::kLinkset;
    return;
  }
  ask.type = whole_type(value).value_or("");
  const bool any_default = ask.type == std::string(kVoc) + "defaultLink" ||
                           ask.type == std::string(kVoc) + "defaultLinkMulti";
  ask.wish = any_default ? Wish::kDefault : Wish::kType;
}

}  // namespace

Result<Ask> read_ask(const http::Request& r) {
  Ask ask;
  LM_ASSIGN(ask.link,
            gs1::read_link_path(gs1::without_last_slash(r.path), r.query, {.short_gtin = true}));
  if (!ask.link.stem.empty())
    return fail(Errc::kUsage, "the path begins with a key of GS1, and has one");
  ask.path = gs1::link_path(ask.link);
  ask.accept = r.header("accept");
  ask.accept_language = r.header("accept-language");
  ask.forwarded = forwarded_of(r.query);
  ask.wish = wish_of(ask.accept);
  if (holds(ask.link, kTypeName)) {
    LM_ASSIGN(const auto type, http::query_value(r.query, kTypeName));
    take_type(ask, type.value_or(""));
  }
  if (holds(ask.link, kContextName)) {
    LM_ASSIGN(const auto context, http::query_value(r.query, kContextName));
    ask.context = context.value_or("");
  }
  return ask;
}

}  // namespace lotmark::link
