#include "api/access/jwt.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/access/base64url.h"
#include "api/access/strict_json.h"
#include "api/access/token_signature.h"
#include "core/base/utf8.h"

namespace lotmark::api::access {

namespace {

using nlohmann::json;

constexpr std::size_t kTextMax = 256;
constexpr std::size_t kRoleWordsMax = 64;
constexpr std::size_t kAudiencesMax = 32;
constexpr double kYear10000 = 253402300800.0;  // seconds since 1970

Error refuse(std::string why) { return fail(Errc::kDenied, std::move(why)); }

// The three parts of a token as they came, and the two objects in them.
struct ParsedToken {
  std::string_view signed_text;  // header, dot, payload
  std::string_view signature;
  json header;
  json payload;
};

Result<json> part_object(std::string_view part, const char* what) {
  const auto bytes = from_base64url(part);
  if (!bytes) return refuse(std::string("the token's ") + what + " is no base64url");
  auto object = read_object(*bytes, TokenJudge::kTokenMax);
  if (!object) return refuse(std::string("the token's ") + what + ": " + object.error().text);
  return object;
}

Result<ParsedToken> parse_token(std::string_view token) {
  if (token.size() > TokenJudge::kTokenMax)
    return fail(Errc::kTooLarge, "the token is above 8 KiB");
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == std::string_view::npos || first == last ||
      token.substr(first + 1, last - first - 1).find('.') != std::string_view::npos) {
    return refuse("the token has not three parts");
  }
  ParsedToken out;
  out.signed_text = token.substr(0, last);
  out.signature = token.substr(last + 1);
  LM_ASSIGN(out.header, part_object(token.substr(0, first), "header"));
  LM_ASSIGN(out.payload, part_object(token.substr(first + 1, last - first - 1), "payload"));
  if (out.signature.empty() || !from_base64url(out.signature))
    return refuse("the token's signature is no base64url");
  return out;
}

// A text that may stand in a log: no control characters.
std::optional<std::string> text_of(const json& object, const std::string& name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  const auto& text = found->get_ref<const std::string&>();
  const bool printable = std::ranges::none_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (text.empty() || text.size() > kTextMax || !printable || !is_utf8(text)) return std::nullopt;
  return text;
}

bool same_type(std::string_view typ, std::string_view wanted) {
  constexpr std::string_view kPrefix =
      "application/";  // RFC 7515 section 4.1.9 lets it be left out
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; };
  if (typ.size() == wanted.size() + kPrefix.size() &&
      std::ranges::equal(typ.substr(0, kPrefix.size()), kPrefix, same)) {
    typ.remove_prefix(kPrefix.size());
  }
  return std::ranges::equal(typ, wanted, same);
}

// Names of keys in the header itself (jwk, jku, x5c, x5u) are not looked at: keys are ours.
Status check_header(const json& header) {
  if (header.contains("crit")) return refuse("the token's crit asks for what is not known here");
  if (header.contains("b64")) return refuse("the token's payload is not encoded");
  const auto typ = text_of(header, "typ");
  if (!typ || !(same_type(*typ, "at+jwt") || same_type(*typ, "jwt")))
    return refuse("the token's typ is neither at+jwt nor JWT");
  if (!text_of(header, "kid")) return refuse("the token names no key");
  return {};
}

Result<TokenKey> key_for(const json& header, const KeySet* keys, const TokenIssuer& rules) {
  const auto kid = *text_of(header, "kid");
  const TokenKey* key = keys == nullptr ? nullptr : keys->find(kid);
  if (key == nullptr) return fail(Errc::kKeyUnknown, "the token's key is not known here");
  const auto alg = header.find("alg");
  if (alg == header.end() || *alg != name(key->alg))
    return refuse("the token's alg is not its key's");
  if (std::ranges::find(rules.algorithms, key->alg) == rules.algorithms.end())
    return refuse("the token's alg is not taken");
  return *key;
}

// A NumericDate (RFC 7519 section 2), which may have a fraction. Nothing if it is absent.
Result<std::optional<Time>> date_of(const json& payload, const char* name) {
  const auto found = payload.find(name);
  if (found == payload.end()) return std::optional<Time>{};
  const double seconds = found->is_number() ? found->get<double>() : -1;
  if (!(seconds >= 0 && seconds < kYear10000))
    return refuse(std::string("the token's ") + name + " is no time");
  return std::optional(from_ms(static_cast<std::int64_t>(std::floor(seconds * 1000))));
}

Result<Time> check_times(const json& payload, Time now) {
  LM_ASSIGN(const auto expires, date_of(payload, "exp"));
  LM_ASSIGN(const auto not_before, date_of(payload, "nbf"));
  LM_ASSIGN(const auto issued, date_of(payload, "iat"));
  if (!expires) return refuse("the token does not expire");
  if (now >= *expires + TokenJudge::kLeeway) return refuse("the token has expired");
  if (not_before && now + TokenJudge::kLeeway < *not_before)
    return refuse("the token is not good yet");
  if (issued && now + TokenJudge::kLeeway < *issued)
    return refuse("the token was issued in the future");
  return *expires;
}

bool is_for(const json& payload, const std::string& audience) {
  const auto aud = payload.find("aud");
  if (aud == payload.end()) return false;
  if (aud->is_string()) return *aud == audience;
  if (!aud->is_array() || aud->size() > kAudiencesMax) return false;
  const bool texts = std::ranges::all_of(*aud, [](const json& a) { return a.is_string(); });
  return texts && std::ranges::find(*aud, json(audience)) != aud->end();
}

Result<std::string> organisation_of(const json& payload, const TokenIssuer& rules) {
  if (!payload.contains(rules.organisation_claim)) {
    if (rules.organisations.size() == 1) return rules.organisations.front();
    return refuse("the token names no organisation");
  }
  const auto text = text_of(payload, rules.organisation_claim);
  if (!text || !valid_organisation(*text)) return refuse("the token's organisation is no name");
  const auto& may = rules.organisations;
  if (!may.empty() && std::ranges::find(may, *text) == may.end())
    return refuse("the token's issuer does not speak for that organisation");
  return *text;
}

// Words that name no role are passed over: an issuer serves others too.
Result<RoleSet> roles_of(const json& payload, const TokenIssuer& rules) {
  const auto found = payload.find(rules.roles_claim);
  if (found == payload.end()) return RoleSet{};
  std::vector<std::string_view> words;
  if (found->is_string()) {
    std::string_view rest = found->get_ref<const std::string&>();
    while (!rest.empty() && words.size() <= kRoleWordsMax) {
      const auto end = std::min(rest.find(' '), rest.size());
      words.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  } else if (found->is_array() && found->size() <= kRoleWordsMax) {
    for (const json& word : *found) {
      if (!word.is_string()) return refuse("the token's roles are no words");
      words.push_back(word.get_ref<const std::string&>());
    }
  } else {
    return refuse("the token's roles are no words");
  }
  if (words.size() > kRoleWordsMax) return refuse("the token has too many scopes");
  RoleSet out;
  for (const auto word : words) {
    if (const auto role = role_of_scope(word)) out.add(*role);
  }
  return out.both(rules.roles_max);
}

// `cnf` (RFC 7800) ties a token to a key; the one way that is known here is a certificate's SHA-256 (RFC 8705).
Result<std::optional<Digest>> bound_certificate(const json& payload) {
  const auto cnf = payload.find("cnf");
  if (cnf == payload.end()) return std::optional<Digest>{};
  if (cnf->is_object() && cnf->size() == 1) {
    const auto text = text_of(*cnf, "x5t#S256");
    const auto bytes = text ? from_base64url(*text) : std::nullopt;
    if (const auto digest = bytes ? Digest::from(*bytes) : std::nullopt) return digest;
  }
  return refuse("the token is tied to a key in a way that is not known here");
}

Result<TokenClaims> check_claims(const json& payload, const TokenIssuer& rules, Time now) {
  TokenClaims out;
  out.issuer = rules.issuer;
  LM_ASSIGN(out.expires, check_times(payload, now));
  if (!is_for(payload, rules.audience)) return refuse("the token is for another audience");
  auto subject = text_of(payload, "sub");
  if (!subject) return refuse("the token has no sub of 1 to 256 printable bytes");
  out.subject = *std::move(subject);
  LM_ASSIGN(out.organisation, organisation_of(payload, rules));
  LM_ASSIGN(out.roles, roles_of(payload, rules));
  LM_ASSIGN(out.certificate, bound_certificate(payload));
  return out;
}

Status check_rules(const TokenIssuer& i) {
  const auto text = [](const std::string& s) { return !s.empty() && s.size() <= kTextMax; };
  if (!text(i.issuer)) return fail(Errc::kConfig, "an issuer has no name of 1 to 256 bytes");
  const auto at = "issuer " + i.issuer + ": ";
  if (!text(i.audience)) return fail(Errc::kConfig, at + "no audience of 1 to 256 bytes");
  if (!text(i.roles_claim) || !text(i.organisation_claim))
    return fail(Errc::kConfig, at + "no claim for roles or organisation");
  if (i.algorithms.empty()) return fail(Errc::kConfig, at + "no algorithm");
  if (!std::ranges::all_of(i.organisations, valid_organisation))
    return fail(Errc::kConfig, at + "an organisation is not [a-z0-9-]{1,32}");
  return {};
}

}  // namespace

bool valid_organisation(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

Result<TokenJudge> TokenJudge::make(std::vector<TokenIssuer> issuers) {
  if (issuers.size() > kIssuersMax) return fail(Errc::kConfig, "more than 16 issuers of tokens");
  TokenJudge out;
  for (auto& issuer : issuers) {
    LM_TRY(check_rules(issuer));
    for (const Source& other : out.state_->sources) {
      if (other.rules.issuer == issuer.issuer)
        return fail(Errc::kConfig, "issuer " + issuer.issuer + " is there twice");
    }
    out.state_->sources.push_back({std::move(issuer), nullptr});
  }
  return out;
}

Status TokenJudge::set_keys(std::string_view issuer, KeySet keys) {
  auto fresh = std::make_shared<const KeySet>(std::move(keys));
  for (Source& source : state_->sources) {
    if (source.rules.issuer != issuer) continue;
    const std::lock_guard lock(state_->mutex);
    source.keys.swap(fresh);
    return {};
  }
  return fail(Errc::kNotFound, "no issuer " + std::string(issuer));
}

Result<TokenClaims> TokenJudge::judge(std::string_view token, Time now) const {
  LM_ASSIGN(const ParsedToken parsed, parse_token(token));
  LM_TRY(check_header(parsed.header));
  const auto issuer = text_of(parsed.payload, "iss");
  const auto source = std::ranges::find_if(
      state_->sources, [&](const Source& s) { return issuer && s.rules.issuer == *issuer; });
  if (source == state_->sources.end()) return refuse("the token's issuer is not known here");
  std::shared_ptr<const KeySet> keys;
  {
    const std::lock_guard lock(state_->mutex);
    keys = source->keys;
  }
  LM_ASSIGN(const TokenKey key, key_for(parsed.header, keys.get(), source->rules));
  if (!token_signature_holds(key, parsed.signed_text, parsed.signature))
    return refuse("the token's signature does not hold");
  return check_claims(parsed.payload, source->rules, now);
}

}  // namespace lotmark::api::access
