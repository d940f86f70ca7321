#include "core/gs1/link.h"

#include <algorithm>

#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

Error not_so(std::string text) { return fail(Errc::kUsage, std::move(text)); }

// The part up to `at`, which is taken off with it.
std::string_view take_until(std::string_view& text, char at) {
  const auto end = std::min(text.find(at), text.size());
  const auto part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

std::vector<std::string_view> alternative_of(std::string_view list) {
  std::vector<std::string_view> ais;
  while (!list.empty()) ais.push_back(take_until(list, ','));
  return ais;
}

std::vector<std::vector<std::string_view>> alternatives_of(const Ai& key) {
  std::vector<std::vector<std::string_view>> all;
  std::string_view list = key.qualifiers;
  do all.push_back(alternative_of(take_until(list, '|')));
  while (!list.empty());
  return all;
}

// Whether all of `qualifiers` are of the alternative, in its order and none twice.
bool follows(const std::vector<std::string_view>& alternative,
             const std::vector<AiValue>& qualifiers) {
  auto at = alternative.begin();
  for (const AiValue& q : qualifiers) {
    at = std::find(at, alternative.end(), q.ai);
    if (at == alternative.end()) return false;
    ++at;
  }
  return true;
}

Status judge_path(const Link& link, const Ai& key) {
  const auto alternatives = alternatives_of(key);
  const auto fits = [&](const auto& a) { return follows(a, link.qualifiers); };
  if (std::ranges::any_of(alternatives, fits)) return {};
  if (key.qualifiers.empty()) return not_so("key " + link.key.ai + " has no qualifiers");
  return not_so("qualifiers of key " + link.key.ai + " are " + std::string(key.qualifiers) +
                ", in this order");
}

// An attribute that would be a qualifier beside those there are must be one.
bool belongs_into_path(const Link& link, const Ai& key, std::string_view ai) {
  return std::ranges::any_of(alternatives_of(key), [&](const auto& alternative) {
    return follows(alternative, link.qualifiers) &&
           std::ranges::find(alternative, ai) != alternative.end();
  });
}

Status judge_attributes(const Link& link, const Ai& key) {
  for (const AiValue& a : link.attributes) {
    const Ai* row = find_ai(a.ai);
    if (row == nullptr) return judge(a);
    if (belongs_into_path(link, key, a.ai)) return not_so("AI " + a.ai + " belongs into the path");
    if (!row->attribute) return not_so("AI " + a.ai + " is no attribute of a link");
  }
  return {};
}

Status judge_repeats(const std::vector<AiValue>& elements) {
  std::vector<std::string_view> ais;
  for (const AiValue& e : elements) ais.push_back(e.ai);
  std::ranges::sort(ais);
  const auto twice = std::ranges::adjacent_find(ais);
  if (twice == ais.end()) return {};
  return not_so("AI " + std::string(*twice) + " stands twice");
}

std::string encoded(const AiValue& v, char between) {
  return v.ai + between + http::percent_encode(v.value);
}

std::string attributes_text(const Link& link) {
  std::string out;
  for (const AiValue& a : link.attributes) out += (out.empty() ? "" : "&") + encoded(a, '=');
  return out;
}

// `element` is moved to the qualifiers or the attributes of a link with this alternative.
void place(Link& link, const std::vector<std::string_view>& alternative,
           std::span<const AiValue> elements) {
  for (const auto ai : alternative) {
    const auto found = std::ranges::find(elements, ai, &AiValue::ai);
    if (found != elements.end()) link.qualifiers.push_back(*found);
  }
  for (const AiValue& e : elements) {
    if (e.ai == link.key.ai || std::ranges::find(alternative, e.ai) != alternative.end()) continue;
    link.attributes.push_back(e);
  }
}

}  // namespace

Status judge(const Link& link, CheckDigits check) {
  const Ai* key = find_ai(link.key.ai);
  if (key == nullptr || !key->key) return not_so("AI " + link.key.ai + " is no key of a link");
  const auto elements = elements_of(link);
  if (elements.size() > kLinkAisMax || link.others.size() > kLinkOthersMax) {
    return fail(Errc::kTooLarge, "a link of more than 64 identifiers or other parameters");
  }
  LM_TRY(judge_path(link, *key));
  LM_TRY(judge_attributes(link, *key));
  LM_TRY(judge_repeats(elements));
  for (const AiValue& e : elements) LM_TRY(judge(e, check));
  return {};
}

std::string_view without_last_slash(std::string_view path) {
  if (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::string link_path(const Link& link) {
  std::string out = "/" + encoded(link.key, '/');
  for (const AiValue& q : link.qualifiers) out += "/" + encoded(q, '/');
  return out;
}

std::string link_query(const Link& link) {
  std::string out = attributes_text(link);
  for (const std::string& o : link.others) out += (out.empty() ? "" : "&") + o;
  return out;
}

std::string link_uri(const Link& link) {
  const std::string query = link_query(link);
  return link.stem + link_path(link) + (query.empty() ? "" : "?" + query);
}

std::string canonical_link(const Link& link) {
  const std::string query = attributes_text(link);
  return std::string(kCanonicalStem) + link_path(link) + (query.empty() ? "" : "?" + query);
}

std::vector<AiValue> elements_of(const Link& link) {
  std::vector<AiValue> all{link.key};
  all.insert(all.end(), link.qualifiers.begin(), link.qualifiers.end());
  all.insert(all.end(), link.attributes.begin(), link.attributes.end());
  return all;
}

Result<Link> link_of_elements(std::span<const AiValue> elements) {
  const auto is_key = [](const AiValue& e) {
    const Ai* row = find_ai(e.ai);
    return row != nullptr && row->key;
  };
  const auto key = std::ranges::find_if(elements, is_key);
  if (key == elements.end()) return not_so("no key of a link among the elements");
  auto alternatives = alternatives_of(*find_ai(key->ai));
  const auto taken = [&](const std::vector<std::string_view>& alternative) {
    return std::ranges::count_if(alternative, [&](std::string_view ai) {
      return std::ranges::find(elements, ai, &AiValue::ai) != elements.end();
    });
  };
  std::ranges::stable_sort(alternatives, std::ranges::greater{}, taken);
  Result<Link> first = Errc::kInternal;
  for (const auto& alternative : alternatives) {
    Link link;
    link.key = *key;
    place(link, alternative, elements);
    const auto verdict = judge(link);
    if (verdict) return link;
    if (first.code() == Errc::kInternal) first = verdict.error();
  }
  return first;
}

}  // namespace lotmark::gs1
