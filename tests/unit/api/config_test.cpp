#include "api/config.h"

#include <gtest/gtest.h>

#include "tests/unit/api/api_fixture.h"

namespace lotmark::api {
namespace {

class Config : public ::testing::Test {
 protected:
  Config() {
    dir.write("chain.db", "x");
    dir.write("anchor", "x");
    dir.write("page/index.html", "x");
  }
  Result<ApiConfig> read(std::string_view text) {
    return read_api_config(dir.write("api.toml", text));
  }
  std::string faults(std::string_view text) {
    auto c = read(text);
    EXPECT_EQ(c.code(), Errc::kConfig);
    return c ? "" : c.error().text;
  }
  test::TempDir dir;
  const std::string least =
      "[api]\nchain_db = \"chain.db\"\nanchor = \"anchor\"\norigin = \"https://lot.example/\"\n";
};

TEST_F(Config, TheLeastIsReadWithDefaults) {
  auto c = read(least);
  ASSERT_TRUE(c) << c.error().text;
  EXPECT_EQ(c->address, "127.0.0.1");
  EXPECT_EQ(c->port, 8080);
  EXPECT_EQ(c->chain_db, dir.path() / "chain.db");
  EXPECT_EQ(c->origin, "https://lot.example");
  EXPECT_TRUE(c->page_dir.empty());
}

TEST_F(Config, WhatIsPrintedReadsTheSame) {
  auto c =
      read(least + "port = 0\npage_dir = \"page\"\nlog = \"warn\"\nthreads = 2\nrefresh_ms = 50\n");
  ASSERT_TRUE(c) << c.error().text;
  const std::string printed = print_config(*c);
  auto again = read(printed);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_EQ(print_config(*again), printed);
  EXPECT_EQ(again->log, log::Level::kWarn);
  EXPECT_EQ(again->port, 0);
}

TEST_F(Config, AllFaultsComeAtOnceWithTheirLines) {
  const std::string f = faults(
      "[api]\nport = 70000\nchain_db = \"none.db\"\norigin = \"lot.example\"\nlog = "
      "\"loud\"\ncolour = 1\n"
      "tls_cert = \"anchor\"\nthreads = \"2\"\n[other]\n");
  const std::string file = (dir.path() / "api.toml").string();
  for (const char* expected :
       {":2: api.port: must be a number from 0 to 65535", ":3: api.chain_db: no such file",
        ":1: api.anchor: is missing", ":4: api.origin: must be a URL", ":5: api.log: must be debug",
        ":6: api.colour: unknown key", ":7: api.tls_cert: tls_cert and tls_key go together",
        ":8: api.threads: must be a number", "other: unknown table"}) {
    EXPECT_NE(f.find(expected), std::string::npos) << expected << "\nin\n" << f;
  }
  EXPECT_NE(f.find(file + ":2:"), std::string::npos);
  EXPECT_EQ(std::count(f.begin(), f.end(), '\n'), 8);
}

TEST_F(Config, NoTableNoFileAndNoTomlAreFaults) {
  EXPECT_NE(faults("").find("[api] is missing"), std::string::npos);
  EXPECT_NE(faults("[api]\nport = = 1\n").find(":2:"), std::string::npos);
  EXPECT_EQ(read_api_config(dir.path() / "none.toml").code(), Errc::kConfig);
  EXPECT_NE(faults("api = 1\n").find("[api] is missing"), std::string::npos);
}

}  // namespace
}  // namespace lotmark::api
