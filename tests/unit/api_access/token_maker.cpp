#include "tests/unit/api_access/token_maker.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace lotmark::api::access::test {

namespace {

std::string from_upper_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  return out;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

std::string url64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

KeyFolder::KeyFolder() {
  char name[] = "/tmp/lotmark-tokens-XXXXXX";
  if (::mkdtemp(name) == nullptr) return;
  dir_ = name;
  const auto pair = [&](const std::string& key, const std::string& how) {
    return openssl("genpkey " + how + " -out " + key + ".pem") &&
           openssl("pkey -in " + key + ".pem -pubout -out " + key + ".pub.pem") &&
           openssl("pkey -in " + key + ".pem -pubout -outform DER -out " + key + ".pub.der");
  };
  const std::string ec = "-algorithm EC -pkeyopt ec_paramgen_curve:";
  const std::string rsa = "-algorithm RSA -pkeyopt rsa_keygen_bits:";
  ok_ = pair("ec", ec + "P-256") && pair("ec2", ec + "P-256") && pair("p384", ec + "P-384") &&
        pair("rsa", rsa + "2048") && pair("rsa1024", rsa + "1024");
}

KeyFolder::~KeyFolder() {
  std::error_code ignored;
  if (!dir_.empty()) std::filesystem::remove_all(dir_, ignored);
}

bool KeyFolder::openssl(const std::string& arguments) const {
  return std::system(
             ("cd " + dir_.string() + " && openssl " + arguments + " >/dev/null 2>&1").c_str()) ==
         0;
}

std::string KeyFolder::read(const std::string& name) const {
  std::ifstream in(dir_ / name, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

const KeyFolder& keys() {
  static const KeyFolder folder;
  return folder;
}

nlohmann::json ec_jwk(const std::string& name) {
  const std::string der = keys().read(name + ".pub.der");  // ends with the point: x, then y
  const std::size_t half = name == "p384" ? 48 : 32;
  if (der.size() < 2 * half) return {};
  return {{"kty", "EC"},
          {"crv", name == "p384" ? "P-384" : "P-256"},
          {"x", url64(std::string_view(der).substr(der.size() - 2 * half, half))},
          {"y", url64(std::string_view(der).substr(der.size() - half))},
          {"kid", name}};
}

nlohmann::json rsa_jwk(const std::string& name) {
  keys().openssl("rsa -pubin -in " + name + ".pub.pem -noout -modulus -out " + name + ".n");
  const std::string said = keys().read(name + ".n");  // "Modulus=C0FF...\n"
  const auto begin = said.find('=') + 1;
  const std::string n = from_upper_hex(said.substr(begin, said.find('\n') - begin));
  return {{"kty", "RSA"}, {"n", url64(n)}, {"e", "AQAB"}, {"kid", name}};
}

std::string sign(const std::string& name, std::string_view text) {
  const std::string pem = keys().read(name + ".pem");
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr);
  BIO_free_all(bio);
  if (key == nullptr) return {};
  EVP_MD_CTX* ctx = EVP_MD_CTX_new();
  std::vector<unsigned char> out(1024);
  std::size_t size = out.size();
  EVP_DigestSignInit(ctx, nullptr, EVP_sha256(), nullptr, key);
  EVP_DigestSign(ctx, out.data(), &size, bytes_of(text), text.size());
  EVP_MD_CTX_free(ctx);
  const bool is_ec = EVP_PKEY_get_base_id(key) == EVP_PKEY_EC;
  const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
  EVP_PKEY_free(key);
  if (!is_ec) return {reinterpret_cast<char*>(out.data()), size};
  const unsigned char* at = out.data();
  ECDSA_SIG* parts = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size));
  std::string raw(static_cast<std::size_t>(2 * half), '\0');
  auto* to = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(parts), to, half);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts), to + half, half);
  ECDSA_SIG_free(parts);
  return raw;
}

std::string hmac(std::string_view secret, std::string_view text) {
  unsigned char out[32];
  unsigned size = sizeof out;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), bytes_of(text), text.size(),
       out, &size);
  return {reinterpret_cast<char*>(out), size};
}

std::string token_of_texts(std::string_view header, std::string_view payload,
                           const std::string& key) {
  const std::string text = url64(header) + "." + url64(payload);
  return text + "." + url64(sign(key, text));
}

std::string token(const nlohmann::json& header, const nlohmann::json& payload,
                  const std::string& key) {
  return token_of_texts(header.dump(), payload.dump(), key);
}

}  // namespace lotmark::api::access::test
