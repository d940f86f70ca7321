// A CA with a server and a client certificate, and another CA with a client of its own, made anew
// for a test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace lotmark::http::test {

class Certificates {
 public:
  Certificates() {
    char name[] = "/tmp/lotmark-certs-XXXXXX";
    dir_ = ::mkdtemp(name);
    ok_ = authority("ca") && authority("other") &&
          leaf("server", "ca", "IP:127.0.0.1,DNS:localhost") &&
          leaf("named", "ca", "DNS:node.example") && leaf("client", "ca", "DNS:client") &&
          leaf("stranger", "other", "IP:127.0.0.1");
  }
  ~Certificates() { std::filesystem::remove_all(dir_); }
  Certificates(const Certificates&) = delete;
  Certificates& operator=(const Certificates&) = delete;

  // False if the openssl program is not here.
  bool ok() const { return ok_; }
  std::filesystem::path cert(const std::string& name) const { return dir_ / (name + ".pem"); }
  std::filesystem::path key(const std::string& name) const { return dir_ / (name + ".key"); }

 private:
  bool run(const std::string& arguments) const {
    return std::system(
               ("cd " + dir_.string() + " && openssl " + arguments + " 2>/dev/null").c_str()) == 0;
  }
  static std::string fresh_key(const std::string& name) {
    return " -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name +
           ".key -subj /CN=" + name;
  }
  bool authority(const std::string& name) const {
    return run("req -x509 -days 2" + fresh_key(name) + " -out " + name + ".pem");
  }
  bool leaf(const std::string& name, const std::string& ca, const std::string& names) const {
    return run("req -x509 -days 2" + fresh_key(name) + " -addext subjectAltName=" + names +
               " -addext basicConstraints=critical,CA:FALSE -CA " + ca + ".pem -CAkey " + ca +
               ".key -out " + name + ".pem");
  }
  std::filesystem::path dir_;
  bool ok_ = false;
};

}  // namespace lotmark::http::test
