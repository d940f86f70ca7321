#include "api/access/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <memory>

#include "core/base/hex.h"
#include "core/base/utf8.h"
#include "core/crypto/sha256.h"
#include "core/http/message.h"

namespace lotmark::api::access {

namespace {

constexpr std::size_t kNameMax = 4096;
constexpr std::size_t kCertificateMax = 16 * 1024;
constexpr std::size_t kCommonNameMax = 256;

struct FreeX509Part {
  void operator()(X509* p) const { X509_free(p); }
  void operator()(BIO* p) const { BIO_free_all(p); }
};

bool is_plain_name(std::string_view s) {
  if (s.empty() || s.size() > kCommonNameMax || !is_utf8(s)) return false;
  for (const char c : s) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return true;
}

// A short name or an object identifier. The old form "/CN=a/O=b" would have one that begins with a slash.
bool is_attribute_type(std::string_view s) {
  return !s.empty() && std::ranges::all_of(s, [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-';
  });
}

// One value of RFC 4514 section 3 off the front of `rest`, up to a ',' or '+' that is not escaped.
std::optional<std::string> take_value(std::string_view& rest) {
  std::string out;
  if (rest.starts_with('#')) return std::nullopt;
  while (!rest.empty() && rest.front() != ',' && rest.front() != '+') {
    const char c = rest.front();
    if (c == '"' || c == ';' || c == '<' || c == '>' || c == '\0') return std::nullopt;
    rest.remove_prefix(1);
    if (c != '\\') {
      out += c;
      continue;
    }
    if (rest.empty()) return std::nullopt;
    if (std::string_view(" \"#+,;<=>\\/").find(rest.front()) != std::string_view::npos) {
      out += rest.front();
      rest.remove_prefix(1);
    } else {
      const auto byte = rest.size() < 2 ? std::nullopt : from_hex(rest.substr(0, 2));
      if (!byte) return std::nullopt;
      out += static_cast<char>(byte->front());
      rest.remove_prefix(2);
    }
  }
  return out;
}

std::string one_common_name(const X509_NAME* name) {
  const int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return is_plain_name(out) ? out : std::string{};
}

std::optional<Digest> digest_of(const X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return std::nullopt;
  const Digest out = sha256({der, static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return out;
}

}  // namespace

std::optional<std::string> common_name_of(std::string_view rest) {
  if (rest.size() > kNameMax) return std::nullopt;
  std::optional<std::string> found;
  while (!rest.empty()) {
    const auto equals = rest.find('=');
    if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
    const std::string_view type = rest.substr(0, equals);
    if (!is_attribute_type(type)) return std::nullopt;
    rest.remove_prefix(equals + 1);
    auto value = take_value(rest);
    const bool is_name = type == "CN" || type == "cn" || type == "2.5.4.3";
    if (is_name) {
      if (found || !value || !is_plain_name(*value)) return std::nullopt;
      found = std::move(value);
    } else if (!value) {
      return std::nullopt;
    }
    if (rest.empty()) break;
    rest.remove_prefix(1);
    if (rest.empty()) return std::nullopt;
  }
  return found;
}

std::optional<ClientCertificate> read_escaped_certificate(std::string_view text) {
  if (text.size() > kCertificateMax) return std::nullopt;
  const auto pem = http::percent_decode(text);
  if (!pem || !pem->starts_with("-----BEGIN CERTIFICATE-----")) return std::nullopt;
  const std::unique_ptr<BIO, FreeX509Part> bio(
      BIO_new_mem_buf(pem->data(), static_cast<int>(pem->size())));
  const std::unique_ptr<X509, FreeX509Part> certificate(
      bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
  ERR_clear_error();
  if (!certificate) return std::nullopt;
  return ClientCertificate{one_common_name(X509_get_subject_name(certificate.get())),
                           digest_of(certificate.get())};
}

}  // namespace lotmark::api::access
