#include "api/link/resolver.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/http/problem.h"

namespace lotmark::link {

namespace {

using http::Response;

constexpr std::string_view kLinksetContext =
    "<https://ref.gs1.org/standards/resolver/linkset-context>; "
    "rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"";

std::vector<Offer> offers_of(const Level& level, const gs1::Link& asked) {
  std::vector<Offer> out;
  for (const Target& t : *level.targets) {
    if (auto href = href_of(t, asked)) out.push_back({&t, *std::move(href)});
  }
  return out;
}

std::vector<Offer> defaults_of(const Level& level, const gs1::Link& asked) {
  auto out = offers_of(level, asked);
  std::erase_if(out, [](const Offer& o) { return !o.target->is_default; });
  return out;
}

// Those that count at levels[from]: its own, else the ones of the next above it that has any.
std::vector<Offer> defaults_from(const std::vector<Level>& levels, std::size_t from,
                                 const gs1::Link& asked) {
  std::vector<Offer> out;
  for (; from < levels.size() && out.empty(); ++from) out = defaults_of(levels[from], asked);
  return out;
}

// `query` joined to an href, before its fragment.
std::string with_query(const std::string& href, const std::string& query) {
  if (query.empty()) return href;
  const auto end = std::min(href.find('#'), href.size());
  const auto mark = href.find('?');
  const bool has_query = mark < end;
  const bool ready = has_query && (mark + 1 == end || href[end - 1] == '&');
  const char* between = !has_query ? "?" : ready ? "" : "&";
  return href.substr(0, end) + between + query + href.substr(end);
}

// Without the origin where it is ours: whoever came by another name of this server stays there.
std::string from_here(const std::string& href, const std::string& origin) {
  const bool here = href.starts_with(origin + "/") && href.compare(origin.size(), 2, "//") != 0;
  return here ? href.substr(origin.size()) : href;
}

Response redirect(const Ask& ask, const Offer& to, const std::string& origin) {
  Response out;
  out.status = 307;
  const std::string href = from_here(to.href, origin);
  out.headers["Location"] = to.target->takes_query ? with_query(href, ask.forwarded) : href;
  out.headers["Cache-Control"] = "no-cache";
  return out;
}

// A default link is repeated below its type, where that says what it is.
void repeat_defaults(LinkContext& context) {
  for (const Offer& d : context.defaults) {
    const auto is_it = [&](const Offer& o) { return o.target == d.target; };
    if (std::ranges::none_of(context.offers, is_it)) context.offers.push_back(d);
  }
}

// "Vaccine A (01)09521141123454(10)L-7".
std::string description_of(const gs1::Link& link, const std::string& product) {
  std::string out = (product.empty() ? "(" : product + " (") + link.key.ai + ")" + link.key.value;
  for (const auto& q : link.qualifiers) out += "(" + q.ai + ")" + q.value;
  return out;
}

std::string description_file(const std::string& origin, std::vector<std::string> contexts) {
  nlohmann::json keys = nlohmann::json::array();
  for (const gs1::Ai* ai : gs1::all_ais()) {
    if (ai->key) keys.push_back(ai->first);
  }
  return nlohmann::json{
      {"name", "Lotmark"},
      {"resolverRoot", origin},
      {"supportedPrimaryKeys", std::move(keys)},
      {"supportedLinkType", {{{"namespace", kVoc}, {"prefix", "gs1:"}}}},
      {"supportedContextValuesEnumerated", std::move(contexts)},
      {"linkTypeDefaultCanBeLinkset", false},
  }
      .dump();
}

}  // namespace

Resolver::Resolver(Links links, ResolverOptions options)
    : links_(std::move(links)),
      options_(std::move(options)),
      description_(description_file(options_.origin, links_.contexts())) {}

void Resolver::add_headers(const Ask& ask, Response& response) const {
  response.headers["Vary"] = "Accept, Accept-Language";
  response.headers["Link"] = "<" + options_.origin + ask.path +
                             "?linkType=linkset>; rel=\"linkset\"; type=\"" +
                             std::string(kLinksetType) + "\"";
}

Response Resolver::to_type(const Ask& ask, const Found& found) const {
  for (const Level& level : found.levels) {
    auto offers = offers_of(level, ask.link);
    std::erase_if(offers, [&](const Offer& o) { return o.target->type != ask.type; });
    if (offers.empty()) continue;
    offers = best_of(std::move(offers), ask);
    if (offers.size() == 1) return redirect(ask, offers.front(), options_.origin);
    LinkContext context = context_of(found, level);
    context.offers = std::move(offers);
    return http::text_response(300, kLinksetType, write_linkset({context}));
  }
  return http::problem(404, "there is no link of this type");
}

Response Resolver::to_default(const Ask& ask, const Found& found) const {
  const auto offers = defaults_from(found.levels, 0, ask.link);
  if (offers.empty()) return http::problem(404, "there is no link of this key here");
  return redirect(ask, best_of(offers, ask).front(), options_.origin);
}

LinkContext Resolver::context_of(const Found& found, const Level& level) const {
  return {options_.origin + level.path, description_of(level.of, found.product), {}, {}};
}

// Level by level: links of prefixes and of this server have the path of one before them, and join it.
std::vector<LinkContext> Resolver::contexts_of(const Ask& ask, const Found& found) const {
  std::vector<LinkContext> out;
  for (std::size_t i = 0; i < found.levels.size(); ++i) {
    const Level& level = found.levels[i];
    auto context = std::ranges::find(out, options_.origin + level.path, &LinkContext::anchor);
    if (context == out.end()) {
      context = out.insert(out.end(), context_of(found, level));
      context->defaults = defaults_from(found.levels, i, ask.link);
    }
    auto& offers = context->offers;
    const std::vector<Offer> before = offers;
    for (Offer& o : offers_of(level, ask.link)) {
      const auto same_type = [&](const Offer& b) { return b.target->type == o.target->type; };
      if (std::ranges::none_of(before, same_type)) offers.push_back(std::move(o));
    }
  }
  std::ranges::for_each(out, repeat_defaults);
  return out;
}

Response Resolver::linkset(const Ask& ask, const Found& found) const {
  if (found.levels.empty()) return http::problem(404, "there is no link of this key here");
  const auto contexts = contexts_of(ask, found);
  const std::string_view type = ask.wish == Wish::kJson ? "application/json" : kLinksetType;
  Response out = http::text_response(200, type, write_linkset(contexts));
  out.headers["Cache-Control"] = "no-cache";
  return out;
}

Response Resolver::answer(const Ask& ask, const std::optional<KnownLot>& known) const {
  const Found found = find(ask, known);
  Response out;
  switch (ask.wish) {
    case Wish::kType: out = to_type(ask, found); break;
    case Wish::kDefault: out = to_default(ask, found); break;
    case Wish::kLinkset:
    case Wish::kJson: out = linkset(ask, found); break;
  }
  add_headers(ask, out);
  if (found.levels.empty()) out.headers.erase("Link");  // there is no linkset either
  if (out.status == 200) out.headers["Link"].append(", ").append(kLinksetContext);
  return out;
}

}  // namespace lotmark::link
