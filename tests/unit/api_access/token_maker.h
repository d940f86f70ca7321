// Keys made by the openssl program and tokens signed by OpenSSL itself: nothing of ours is in them, so that what our code
// takes is what others make.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace lotmark::api::access::test {

// Base64 with the URL's alphabet, by OpenSSL's encoder.
std::string url64(std::string_view bytes);

// Key pairs in PEM files of a folder of its own, removed at the end.
class KeyFolder {
 public:
  KeyFolder();
  ~KeyFolder();
  KeyFolder(const KeyFolder&) = delete;
  KeyFolder& operator=(const KeyFolder&) = delete;

  // False if the openssl program is not here or did not make the keys.
  bool ok() const { return ok_; }
  std::filesystem::path file(const std::string& name) const { return dir_ / name; }
  // Runs the openssl program in the folder.
  bool openssl(const std::string& arguments) const;
  std::string read(const std::string& name) const;

 private:
  std::filesystem::path dir_;
  bool ok_ = false;
};

// Made once for a program: ec.pem, ec2.pem (P-256), p384.pem, rsa.pem (2048), rsa1024.pem, each with NAME.pub.pem.
const KeyFolder& keys();

// The public key NAME as a JWK with kid NAME, read out of its DER by hand.
nlohmann::json ec_jwk(const std::string& name);
nlohmann::json rsa_jwk(const std::string& name);

// The signature of `text` by the private key NAME: of EC r || s, of RSA PKCS#1 v1.5, over SHA-256.
std::string sign(const std::string& name, std::string_view text);
std::string hmac(std::string_view secret, std::string_view text);

// A token of these two objects, signed with the private key NAME.
std::string token(const nlohmann::json& header, const nlohmann::json& payload,
                  const std::string& key = "ec");
// The same of the texts as they are.
std::string token_of_texts(std::string_view header, std::string_view payload,
                           const std::string& key = "ec");

}  // namespace lotmark::api::access::test
