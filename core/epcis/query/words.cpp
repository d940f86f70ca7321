#include "core/epcis/query/words.h"

#include <algorithm>
#include <array>

#include "core/gs1/identity.h"

namespace lotmark::epcis {

namespace {

// Where the standard words of a vocabulary are kept: what stands before the word in its longer spellings (CBV 2.0
// section 7; the ns.gs1.org form is of the drafts).
struct Stem {
  Spelling spelling;
  std::string_view text;
};
constexpr auto kStems = std::to_array<Stem>({
    {Spelling::kEventType, "https://ref.gs1.org/epcis/"},
    {Spelling::kBizStep, "https://ref.gs1.org/cbv/BizStep-"},
    {Spelling::kBizStep, "urn:epcglobal:cbv:bizstep:"},
    {Spelling::kBizStep, "https://ns.gs1.org/cbv/BizStep-"},
    {Spelling::kDisposition, "https://ref.gs1.org/cbv/Disp-"},
    {Spelling::kDisposition, "urn:epcglobal:cbv:disp:"},
    {Spelling::kDisposition, "https://ns.gs1.org/cbv/Disp-"},
    {Spelling::kTransactionType, "https://ref.gs1.org/cbv/BTT-"},
    {Spelling::kTransactionType, "urn:epcglobal:cbv:btt:"},
    {Spelling::kTransactionType, "https://ns.gs1.org/cbv/BTT-"},
    {Spelling::kPartyType, "https://ref.gs1.org/cbv/SDT-"},
    {Spelling::kPartyType, "urn:epcglobal:cbv:sdt:"},
    {Spelling::kPartyType, "https://ns.gs1.org/cbv/SDT-"},
    {Spelling::kErrorReason, "https://ref.gs1.org/cbv/ER-"},
    {Spelling::kErrorReason, "urn:epcglobal:cbv:er:"},
    {Spelling::kErrorReason, "https://ns.gs1.org/cbv/ER-"},
    {Spelling::kMeasurement, "https://gs1.org/voc/"},
    {Spelling::kMeasurement, "https://www.gs1.org/voc/"},
    {Spelling::kMeasurement, "https://ref.gs1.org/voc/"},
});

// "prefix:local" and not an absolute URI, as far as that can be told.
bool is_prefixed(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto prefix = text.substr(0, colon);
  return !text.substr(colon + 1).starts_with("//") && prefix != "urn" && prefix != "ni";
}

std::string full_uri(std::string_view text, const Context& context) {
  if (!is_prefixed(text)) return std::string(text);
  const auto colon = text.find(':');
  const auto space = context.space_of(text.substr(0, colon));
  return space ? *space + std::string(text.substr(colon + 1)) : std::string(text);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string joined(std::string_view space, std::string_view local) {
  while (!space.empty() && (space.ends_with('/') || space.ends_with('#') || space.ends_with(':')))
    space.remove_suffix(1);
  return std::string(space).append("/").append(local);
}

}  // namespace

std::string spelled(std::string_view text, Spelling spelling, const Context& context) {
  if (spelling == Spelling::kPlain) return std::string(text);
  if (spelling == Spelling::kHex) return lower_case(text);
  if (spelling == Spelling::kIdentity)
    return gs1::canonical_identity(text).value_or(std::string(text));
  std::string uri = full_uri(text, context);
  std::string secure = uri.starts_with("http://") ? "https://" + uri.substr(7) : uri;
  for (const auto& stem : kStems) {
    if (stem.spelling != spelling || !secure.starts_with(stem.text)) continue;
    if (const std::string word = secure.substr(stem.text.size()); is_bare_word(word)) return word;
  }
  return uri;
}

std::vector<std::string> spellings(std::string_view text, Spelling spelling,
                                   const Context& context) {
  std::vector<std::string> out{spelled(text, spelling, context)};
  const bool has_prefix = spelling != Spelling::kPlain && spelling != Spelling::kHex &&
                          spelling != Spelling::kIdentity && is_prefixed(text);
  if (has_prefix && out.front() != text) out.emplace_back(text);
  return out;
}

bool is_bare_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_uri_like(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const auto scheme = text.substr(0, colon);
  const bool named = std::ranges::all_of(scheme, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '-' || c == '.' || c == '_';
  });
  return named && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
         });
}

std::optional<FieldName> event_field_name(std::string_view name, const Context& context) {
  if (!is_uri_like(name)) return std::nullopt;
  FieldName out{std::string(name), {}};
  if (const auto full = context.expand(name)) out.full = joined(full->space, full->local);
  return out;
}

std::optional<FieldName> query_field_name(std::string_view name, const Context& context) {
  if (!is_uri_like(name)) return std::nullopt;
  FieldName out;
  if (const auto full = context.expand(name)) {
    if (full->local.empty()) return std::nullopt;
    out.full = joined(full->space, full->local);
  }
  const auto prefix = name.substr(0, name.find(':'));
  if (is_prefixed(name) && !context.prefixes().contains(prefix)) out.written = std::string(name);
  if (out.full.empty() && out.written.empty()) return std::nullopt;
  return out;
}

}  // namespace lotmark::epcis
