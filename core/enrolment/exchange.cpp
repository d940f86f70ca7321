#include "core/enrolment/exchange.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/crypto/sha256.h"

namespace lotmark::enrolment {

namespace {

using nlohmann::json;

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kCodeDigits = 20;
constexpr const char* kRequest = "lotmark/enrolment-request/1";
constexpr const char* kAnswer = "lotmark/enrolment-answer/1";

Digest mac(const Digest& key, std::string_view text) {
  Digest out;
  unsigned size = 0;
  const ByteView bytes = as_bytes(text);
  HMAC(EVP_sha256(), key.data(), Digest::kSize, bytes.data(), bytes.size(), out.data(), &size);
  return out;
}

// The fields as one text that cannot be cut otherwise: each with its length before it.
std::string joined(std::initializer_list<std::string_view> fields) {
  std::string out;
  for (const auto f : fields) out.append(std::to_string(f.size())).append(":").append(f);
  return out;
}
std::string body(const Request& r) {
  return joined({kRequest, r.name, to_hex(r.record_key), r.csr});
}
std::string body(const Answer& a) {
  return joined({kAnswer, a.name, a.certificate, a.ca, a.config});
}

Status check_mac(const std::string& text, const std::string& hex, const Digest& key) {
  const auto given = fixed_from_hex<Digest>(hex);
  const Digest own = mac(key, text);
  if (given && CRYPTO_memcmp(given->data(), own.data(), Digest::kSize) == 0) return {};
  return fail(Errc::kDenied, "made with another code, or changed on its way");
}

// A flat object of texts that calls itself `version`.
Result<json> read_texts(std::string_view text, const char* version) {
  if (text.size() > kFileMax) return fail(Errc::kFieldRange, "above 256 KiB");
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object() || j.value("version", json()) != version)
    return fail(Errc::kFieldRange, std::string("no ") + version);
  for (const auto& [key, value] : j.items()) {
    if (!value.is_string()) return fail(Errc::kFieldRange, key + ": must be a text");
  }
  return j;
}

Result<std::string> text_of(const json& j, const char* key) {
  const auto at = j.find(key);
  if (at == j.end()) return fail(Errc::kFieldRange, std::string(key) + ": missing");
  return at->get<std::string>();
}

}  // namespace

std::string new_code() {
  std::string out;
  const auto random = random_fixed<Digest>();
  for (std::size_t i = 0; i < kCodeDigits; ++i) {
    if (i != 0 && i % 5 == 0) out += '-';
    out += kAlphabet[random.bytes[i] % kAlphabet.size()];  // 256 is a multiple of 32
  }
  return out;
}

std::optional<Digest> code_key(std::string_view code) {
  std::string plain;
  for (char c : code) {
    if (c == '-' || c == ' ') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    if (kAlphabet.find(c) == std::string_view::npos || plain.size() == kCodeDigits)
      return std::nullopt;
    plain += c;
  }
  if (plain.size() != kCodeDigits) return std::nullopt;
  return sha256({as_bytes("lotmark/enrolment-code/1"), as_bytes(plain)});
}

Result<std::string> write_request(const Request& request, const Signer& record_key,
                                  const Digest& code_key) {
  const std::string text = body(request);
  LM_ASSIGN(const auto proof, record_key.sign(sha256(as_bytes(text))));
  const json j = {
      {"version", kRequest}, {"name", request.name},   {"record_key", to_hex(request.record_key)},
      {"csr", request.csr},  {"proof", to_hex(proof)}, {"mac", to_hex(mac(code_key, text))}};
  return j.dump(2) + "\n";
}

Result<std::string> name_of_request(std::string_view text) {
  LM_ASSIGN(const auto j, read_texts(text, kRequest));
  return text_of(j, "name");
}

Result<Request> read_request(std::string_view text, const Digest& code_key) {
  LM_ASSIGN(const auto j, read_texts(text, kRequest));
  Request out;
  LM_ASSIGN(out.name, text_of(j, "name"));
  LM_ASSIGN(out.csr, text_of(j, "csr"));
  LM_ASSIGN(const auto key, text_of(j, "record_key"));
  LM_ASSIGN(const auto proof, text_of(j, "proof"));
  LM_ASSIGN(const auto code, text_of(j, "mac"));
  const auto point = fixed_from_hex<PublicKey>(key);
  if (!point) return fail(Errc::kFieldRange, "record_key: must be a point of 130 hex digits");
  out.record_key = *point;
  LM_TRY(check_mac(body(out), code, code_key));
  const auto signature = fixed_from_hex<Signature>(proof);
  if (!signature || !verify_once(*point, sha256(as_bytes(body(out))), *signature))
    return fail(Errc::kCoseSignature, "not signed by the record key it names");
  return out;
}

std::string write_answer(const Answer& answer, const Digest& code_key) {
  const json j = {{"version", kAnswer},
                  {"name", answer.name},
                  {"certificate", answer.certificate},
                  {"ca", answer.ca},
                  {"config", answer.config},
                  {"mac", to_hex(mac(code_key, body(answer)))}};
  return j.dump(2) + "\n";
}

Result<Answer> read_answer(std::string_view text, const Digest& code_key) {
  LM_ASSIGN(const auto j, read_texts(text, kAnswer));
  Answer out;
  LM_ASSIGN(out.name, text_of(j, "name"));
  LM_ASSIGN(out.certificate, text_of(j, "certificate"));
  LM_ASSIGN(out.ca, text_of(j, "ca"));
  LM_ASSIGN(out.config, text_of(j, "config"));
  LM_ASSIGN(const auto code, text_of(j, "mac"));
  LM_TRY(check_mac(body(out), code, code_key));
  return out;
}

}  // namespace lotmark::enrolment
