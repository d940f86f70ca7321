// `lotmark nginx`: what it writes, what it refuses to write, and that nginx takes it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>

#include "cli/nginx/site.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

std::string nginx_program() {
  for (const char* path : {"/usr/sbin/nginx", "/usr/bin/nginx"}) {
    if (std::filesystem::exists(path)) return path;
  }
  return {};
}

class NginxCommand : public ::testing::Test {
 protected:
  NginxCommand() {
    for (const char* file : {"chain.db", "anchor", "private.db", "api.key"}) write(dir / file, "");
    write(dir / "api.toml", kApi);
    write(dir / "capture.toml", kApi + kEpcis);
    const Ran made = shell(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
        "/CN=lot.example -keyout " +
        (dir / "k.pem") + " -out " + (dir / "c.pem"));
    EXPECT_EQ(made.exit, 0) << made.out;
  }
  std::vector<std::string> order(const std::string& api = "api.toml") const {
    return {"nginx",  "--api",       dir / api, "--server-name", "lot.example",
            "--cert", dir / "c.pem", "--key",   dir / "k.pem"};
  }
  static Ran with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return lotmark(arguments);
  }
  std::string text(const std::string& api, const std::vector<std::string>& more = {}) const {
    const Ran ran = with(order(api), more);
    EXPECT_EQ(ran.exit, 0) << ran.err;
    return ran.out;
  }

  static inline const std::string kApi =
      "[api]\nport = 8081\nchain_db = \"chain.db\"\nanchor = \"anchor\"\n"
      "origin = \"https://lot.example\"\n";
  static inline const std::string kEpcis =
      "[epcis]\nprivate_db = \"private.db\"\nnode = \"http://127.0.0.1:7501\"\n"
      "node_kid = \"00112233445566778899aabbccddeeff\"\nkey = \"api.key\"\n"
      "capture_bytes = 2097152\n";
  static inline const std::string kUnits =
      "[units]\nnode = \"http://127.0.0.1:7501\"\n"
      "node_kid = \"00112233445566778899aabbccddeeff\"\nkey = \"api.key\"\n";
  const TempDir dir;
};

TEST_F(NginxCommand, TakesTheApisAddressAndItsLimitOfCapture) {
  const auto reads = text("api.toml");
  EXPECT_THAT(reads, HasSubstr("server 127.0.0.1:8081 "));
  EXPECT_THAT(reads, HasSubstr("client_max_body_size 8192;"));
  EXPECT_THAT(reads, Not(HasSubstr("location = /capture"))) << "nothing is captured there";
  const auto captures = text("capture.toml");
  EXPECT_THAT(captures, HasSubstr("location = /capture"));
  EXPECT_THAT(captures, HasSubstr("client_max_body_size 2097152;"));
}

TEST_F(NginxCommand, SetsEveryHeaderThatTheApiBelievesAProxy) {
  const auto t = text("api.toml");
  for (const char* line :
       {"proxy_set_header X-Lotmark-Client-Address $remote_addr;",
        "proxy_set_header X-Lotmark-Client-Verify $ssl_client_verify;",
        "proxy_set_header X-Lotmark-Client-DN $ssl_client_s_dn;",
        "proxy_set_header X-Lotmark-Client-Certificate $ssl_client_escaped_cert;",
        "proxy_set_header X-Lotmark-Client-Fingerprint \"\";",
        "proxy_set_header X-Lotmark-Client-Region \"\";"}) {
    EXPECT_THAT(t, HasSubstr(line));
  }
}

TEST_F(NginxCommand, MarksHaveARoomOfTheirOwnWhereTheyAreTaken) {
  EXPECT_THAT(text("capture.toml"), Not(HasSubstr("/v1/marks {")));
  write(dir / "marks.toml", kApi + kUnits);
  const auto t = text("marks.toml");
  const auto at = t.find("location = /v1/marks {");
  ASSERT_NE(at, std::string::npos);
  EXPECT_THAT(t.substr(at), HasSubstr("client_max_body_size 65536;"));
}

TEST_F(NginxCommand, WhoScannedWhichUnitIsInNoLog) {
  const auto t = text("api.toml");
  const auto at = t.find("log_format lotmark");
  ASSERT_NE(at, std::string::npos);
  const auto format = t.substr(at, t.find(';', at) - at);
  EXPECT_THAT(format, HasSubstr("$lotmark_logged"));
  for (const char* whole : {"$uri", "$request_uri", "$args", "$http_referer", "\"$request\""})
    EXPECT_THAT(format, Not(HasSubstr(whole)));
}

// A server says itself what it logs: what it would inherit is the system's, with addresses and whole requests.
TEST_F(NginxCommand, NoServerInheritsALog) {
  const auto t = text("api.toml", {"--server-only", "--redirect-port", "80"});
  int count = 0;
  for (auto at = t.find("\nserver {"); at != std::string::npos; at = t.find("\nserver {", at + 1)) {
    const std::string inside = t.substr(at, t.find("\n}", at) - at);
    EXPECT_TRUE(std::regex_search(inside, std::regex("\n    access_log (off|[^ ]+ lotmark);")))
        << inside;
    EXPECT_TRUE(std::regex_search(inside, std::regex("\n    error_log [^ ]+ crit;"))) << inside;
    ++count;
  }
  EXPECT_EQ(count, 2);
  EXPECT_THAT(text("api.toml"), Not(HasSubstr(" error;\n")));
}

// A location that sets one header of its own loses the server's: a caller's X-Lotmark-Client-Verify would pass.
TEST_F(NginxCommand, NoLocationSetsAHeaderTowardsTheApi) {
  const auto t = text("capture.toml");
  const auto first = t.find("    location ");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(t.find("proxy_set_header", first), std::string::npos);
}

TEST_F(NginxCommand, SeveralProcessesShareTheLoad) {
  const auto t = text("api.toml", {"--upstream", "127.0.0.1:1001", "--upstream", "[::1]:1002"});
  EXPECT_THAT(t, HasSubstr("least_conn;"));
  EXPECT_THAT(t, HasSubstr("server 127.0.0.1:1001 "));
  EXPECT_THAT(t, HasSubstr("server [::1]:1002 "));
  EXPECT_THAT(t, Not(HasSubstr(":8081")));
  EXPECT_THAT(text("api.toml"), Not(HasSubstr("least_conn")));
}

TEST_F(NginxCommand, ClientCertificatesAreOptionalAndOnlyWithACa) {
  EXPECT_THAT(text("api.toml"), HasSubstr("ssl_verify_client off;"));
  const auto t = text("api.toml", {"--client-ca", dir / "c.pem"});
  EXPECT_THAT(t, HasSubstr("ssl_verify_client optional;"));
  EXPECT_THAT(t, HasSubstr("ssl_client_certificate " + (dir / "c.pem") + ";"));
}

TEST_F(NginxCommand, WhatWouldBeReadAsConfigurationIsRefused) {
  for (const char* name : {"a;b", "a b", "a{", "$host", "a\nb", "", "-a", ".a", "a..b", "_"}) {
    auto arguments = order();
    arguments[4] = name;
    EXPECT_EQ(lotmark(arguments).exit, 2) << name;
  }
  for (const char* upstream : {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:80;",
                               ":80", "a b:80", "[::1:80", "[x]:80", "unix:/x:80", "$a:80"}) {
    EXPECT_EQ(with(order(), {"--upstream", upstream}).exit, 2) << upstream;
  }
  for (const char* listen : {"0", "65536", "443 default_server", "443;", "x", "*:443", ""}) {
    EXPECT_EQ(with(order(), {"--listen", listen}).exit, 2) << listen;
  }
  std::filesystem::copy(dir / "c.pem", dir / "c $x.pem");
  auto arguments = order();
  arguments[6] = dir / "c $x.pem";
  const Ran ran = lotmark(arguments);
  EXPECT_EQ(ran.exit, 2);
  EXPECT_THAT(ran.err, HasSubstr("certificate"));
}

TEST_F(NginxCommand, ALimitOfNothingIsRefused) {
  EXPECT_EQ(with(order(), {"--connections", "0"}).exit, 2);
  EXPECT_EQ(with(order(), {"--rate", "0"}).exit, 2);
  EXPECT_EQ(with(order(), {"--rate", "-1"}).exit, 2);
}

TEST_F(NginxCommand, FilesThatAreNotThereAreNamed) {
  auto arguments = order();
  arguments[6] = dir / "none.pem";
  EXPECT_THAT(lotmark(arguments).err, HasSubstr("none.pem"));
  arguments = order("none.toml");
  EXPECT_EQ(lotmark(arguments).exit, 2);
  EXPECT_EQ(with(order(), {"--client-ca", dir.path().string()}).exit, 2) << "a folder";
}

TEST_F(NginxCommand, AnApiThatNginxCannotSpeakToIsRefused) {
  write(dir / "tls.toml", kApi + "tls_cert = \"c.pem\"\ntls_key = \"k.pem\"\n");
  const Ran tls = lotmark(order("tls.toml"));
  EXPECT_EQ(tls.exit, 2);
  EXPECT_THAT(tls.err, HasSubstr("tls_cert"));
  write(dir / "any.toml", std::regex_replace(kApi, std::regex("8081"), "0"));
  EXPECT_THAT(lotmark(order("any.toml")).err, HasSubstr("--upstream"));
  EXPECT_EQ(with(order("any.toml"), {"--upstream", "127.0.0.1:1001"}).exit, 0);
}

TEST_F(NginxCommand, WhatItAnswersItselfIsAProblemInJson) {
  const auto pages = nginx::problem_pages();
  for (const char* code :
       {"400", "408", "413", "414", "429", "494", "495", "496", "497", "502", "503", "504"}) {
    EXPECT_TRUE(std::regex_search(pages, std::regex("error_page [0-9 ]*" + std::string(code))))
        << code;
  }
  const std::regex body("return ([0-9]+) '(\\{[^']*\\})';");
  int count = 0;
  for (auto i = std::sregex_iterator(pages.begin(), pages.end(), body); i != std::sregex_iterator();
       ++i, ++count) {
    const std::string made =
        std::regex_replace((*i)[2].str(), std::regex("\\$\\{[a-z0-9_]+\\}"), "\"type\":\"t\"");
    const json j = json::parse(made, nullptr, false);
    ASSERT_TRUE(j.is_object()) << made;
    EXPECT_EQ(std::to_string(j["status"].get<int>()), (*i)[1].str());
    EXPECT_FALSE(j["title"].get<std::string>().empty());
  }
  EXPECT_GE(count, 12);
}

TEST_F(NginxCommand, NginxTakesTheWholeFile) {
  if (nginx_program().empty()) GTEST_SKIP() << "nginx is not installed";
  const Ran ran = with(order("capture.toml"),
                       {"--client-ca", dir / "c.pem", "--listen", "127.0.0.1:18443", "--upstream",
                        "127.0.0.1:1001", "--upstream", "127.0.0.1:1002", "--redirect-port",
                        "18080", "--prefix", dir / "run", "--out", dir / "nginx.conf"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  const Ran tried =
      shell(nginx_program() + " -t -e " + (dir / "e.log") + " -c " + (dir / "nginx.conf"));
  EXPECT_EQ(tried.exit, 0) << tried.out;
  EXPECT_THAT(tried.out, Not(HasSubstr("warn")));
}

TEST_F(NginxCommand, NginxTakesTheServerAmongOthers) {
  if (nginx_program().empty()) GTEST_SKIP() << "nginx is not installed";
  const Ran ran = with(order("capture.toml"), {"--server-only", "--out", dir / "lotmark.conf"});
  ASSERT_EQ(ran.exit, 0) << ran.err;
  std::string served = read(dir / "lotmark.conf");
  EXPECT_THAT(served, Not(HasSubstr("worker_processes")));
  served = std::regex_replace(served, std::regex("/var/log/nginx"), dir.path().string());
  write(dir / "lotmark.conf", served);
  write(dir / "nginx.conf", "pid " + (dir / "pid") +
                                ";\nevents {}\nhttp {\n  access_log off;\n"
                                "  include " +
                                (dir / "lotmark.conf") +
                                ";\n  server { listen "
                                "127.0.0.1:18081; }\n}\n");
  const Ran tried =
      shell(nginx_program() + " -t -e " + (dir / "e.log") + " -c " + (dir / "nginx.conf"));
  EXPECT_EQ(tried.exit, 0) << tried.out;
}

TEST_F(NginxCommand, AFileThatIsThereIsReplaced) {
  write(dir / "n.conf", "old");
  ASSERT_EQ(with(order(), {"--out", dir / "n.conf"}).exit, 0);
  EXPECT_THAT(read(dir / "n.conf"), HasSubstr("lot.example"));
  EXPECT_EQ(with(order(), {"--out", dir / "no/such/n.conf"}).exit, 1);
}

TEST_F(NginxCommand, HelpsWithExamples) {
  EXPECT_THAT(lotmark({"nginx", "--help"}).out, HasSubstr("Examples:"));
}

}  // namespace
}  // namespace lotmark::cli::test
