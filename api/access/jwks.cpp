#include "api/access/jwks.h"

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/access/base64url.h"
#include "api/access/strict_json.h"
#include "core/base/hex.h"
#include "core/crypto/p256.h"

namespace lotmark::api::access {

namespace {

using nlohmann::json;

constexpr std::size_t kKidMax = 256;

struct FreeJwkPart {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_PKEY_CTX* p) const { EVP_PKEY_CTX_free(p); }
  void operator()(OSSL_PARAM_BLD* p) const { OSSL_PARAM_BLD_free(p); }
  void operator()(OSSL_PARAM* p) const { OSSL_PARAM_free(p); }
  void operator()(BIGNUM* p) const { BN_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};
template <class T>
using JwkPart = std::unique_ptr<T, FreeJwkPart>;

// A text member; empty if it is absent or no text.
std::string_view text_member(const json& jwk, const char* name) {
  const auto found = jwk.find(name);
  if (found == jwk.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

std::optional<Bytes> bytes_member(const json& jwk, const char* name) {
  const auto text = text_member(jwk, name);
  if (text.empty()) return std::nullopt;
  return from_base64url(text);
}

JwkPart<EVP_PKEY> public_key(const char* type, OSSL_PARAM_BLD* parts) {
  JwkPart<OSSL_PARAM> params(OSSL_PARAM_BLD_to_param(parts));
  JwkPart<EVP_PKEY_CTX> make(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !make || EVP_PKEY_fromdata_init(make.get()) != 1 ||
      EVP_PKEY_fromdata(make.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  JwkPart<EVP_PKEY> key(made);
  JwkPart<EVP_PKEY_CTX> check(EVP_PKEY_CTX_new_from_pkey(nullptr, made, nullptr));
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return key;
}

std::string pem_of(EVP_PKEY* key) {
  JwkPart<BIO> bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), key) != 1) return {};
  const char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// RFC 7518 section 6.2.1: both coordinates at their full length.
Result<std::string> ec_pem(const json& jwk) {
  const auto x = bytes_member(jwk, "x");
  const auto y = bytes_member(jwk, "y");
  if (!x || !y || x->size() != 32 || y->size() != 32)
    return fail(Errc::kConfig, "x and y are not 32 bytes each, in base64url");
  Bytes point = {4};
  point.insert(point.end(), x->begin(), x->end());
  point.insert(point.end(), y->begin(), y->end());
  JwkPart<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  if (!parts ||
      OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return fail(Errc::kCrypto, "OpenSSL takes no key");
  }
  const auto key = public_key("EC", parts.get());
  if (!key) return fail(Errc::kConfig, "x and y are no point of P-256");
  return pem_of(key.get());
}

// RFC 7518 section 6.3.1.
Result<std::string> rsa_pem(const json& jwk) {
  const auto n = bytes_member(jwk, "n");
  const auto e = bytes_member(jwk, "e");
  if (!n || !e || e->size() > 8 || n->size() > KeySet::kRsaBitsMax / 8)
    return fail(Errc::kConfig,
                "n and e are no modulus of at most 4096 bits and exponent of at most "
                "64, in base64url");
  JwkPart<BIGNUM> modulus(BN_bin2bn(n->data(), static_cast<int>(n->size()), nullptr));
  JwkPart<BIGNUM> exponent(BN_bin2bn(e->data(), static_cast<int>(e->size()), nullptr));
  JwkPart<OSSL_PARAM_BLD> parts(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !parts) return fail(Errc::kCrypto, "OpenSSL takes no key");
  if (BN_num_bits(modulus.get()) < KeySet::kRsaBitsMin)
    return fail(Errc::kConfig, fmt::format("an RSA key of {} bits: at least 2048 are needed",
                                           BN_num_bits(modulus.get())));
  if (OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return fail(Errc::kCrypto, "OpenSSL takes no key");
  }
  const auto key = public_key("RSA", parts.get());
  if (!key) return fail(Errc::kConfig, "n and e are no RSA key");
  return pem_of(key.get());
}

bool verifies(const json& jwk) {
  const auto ops = jwk.find("key_ops");
  if (ops == jwk.end()) return true;
  return ops->is_array() &&
         std::ranges::any_of(*ops, [](const json& op) { return op == "verify"; });
}

// What the key is for; nothing, and `why`, if it is not for tokens that are taken here.
std::optional<TokenAlg> purpose(const json& jwk, std::string& why) {
  const auto kty = text_member(jwk, "kty");
  std::optional<TokenAlg> alg;
  if (kty == "EC" && text_member(jwk, "crv") == "P-256") alg = TokenAlg::kEs256;
  if (kty == "RSA") alg = TokenAlg::kRs256;
  if (!alg) why = "neither EC with P-256 nor RSA";
  else if (jwk.contains("use") && text_member(jwk, "use") != "sig") why = "not for signatures";
  else if (!verifies(jwk)) why = "key_ops has no verify";
  else if (jwk.contains("alg") && text_member(jwk, "alg") != name(*alg))
    why = "for another algorithm than " + std::string(name(*alg));
  else if (const auto kid = text_member(jwk, "kid"); kid.empty() || kid.size() > kKidMax)
    why = "no kid of 1 to 256 bytes";
  else return alg;
  return std::nullopt;
}

// A published private key is everybody's: better nothing works until it is replaced.
bool is_secret(const json& jwk) {
  return text_member(jwk, "kty") == "oct" || jwk.contains("d") || jwk.contains("k");
}

}  // namespace

std::string_view name(TokenAlg alg) { return alg == TokenAlg::kEs256 ? "ES256" : "RS256"; }

std::optional<TokenAlg> token_alg_named(std::string_view text) {
  for (const auto alg : {TokenAlg::kEs256, TokenAlg::kRs256}) {
    if (name(alg) == text) return alg;
  }
  return std::nullopt;
}

Result<KeySet> KeySet::read(ByteView bytes) {
  const auto set = read_object(bytes, kBytesMax);
  if (!set) return fail(Errc::kConfig, "the key set: " + set.error().text);
  const auto keys = set->find("keys");
  if (keys == set->end() || !keys->is_array())
    return fail(Errc::kConfig, "the key set has no list `keys`");
  if (keys->size() > kKeysMax)
    return fail(Errc::kConfig, fmt::format("the key set has more than {} keys", kKeysMax));
  KeySet out;
  for (std::size_t i = 0; i < keys->size(); ++i) {
    const json& jwk = (*keys)[i];
    const auto place = fmt::format("key {} of the set: ", i + 1);
    if (!jwk.is_object()) return fail(Errc::kConfig, place + "no object");
    if (is_secret(jwk))
      return fail(Errc::kConfig, place + "private or shared: it must not be here");
    std::string why;
    const auto alg = purpose(jwk, why);
    if (!alg) {
      out.skipped_.push_back(place + why);
      continue;
    }
    const std::string kid(text_member(jwk, "kid"));
    if (out.find(kid) != nullptr) return fail(Errc::kConfig, place + "its kid stands there twice");
    auto pem = *alg == TokenAlg::kEs256 ? ec_pem(jwk) : rsa_pem(jwk);
    ERR_clear_error();  // what was left there would be taken for a fault of TLS by who looks next
    if (!pem) return fail(pem.code(), place + pem.error().text);
    out.keys_.push_back({kid, *alg, *std::move(pem)});
  }
  if (out.keys_.empty()) return fail(Errc::kConfig, "the key set has no key that can be used");
  return out;
}

const TokenKey* KeySet::find(std::string_view kid) const {
  const auto found = std::ranges::find(keys_, kid, &TokenKey::kid);
  return found == keys_.end() ? nullptr : &*found;
}

std::string token_kid(const PublicKey& key) { return to_hex(key_id(key)); }

std::string key_set_json(std::span<const PublicKey> keys) {
  json list = json::array();
  for (const PublicKey& key : keys) {
    list.push_back({{"kty", "EC"},
                    {"crv", "P-256"},
                    {"x", base64url(key.view().subspan(1, 32))},
                    {"y", base64url(key.view().subspan(33, 32))},
                    {"use", "sig"},
                    {"alg", "ES256"},
                    {"kid", token_kid(key)}});
  }
  return json{{"keys", std::move(list)}}.dump(2) + "\n";
}

}  // namespace lotmark::api::access
