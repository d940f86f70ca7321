// The API over real loopback HTTP, on lots in memory, a small page and a clock that stands still.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "api/routes.h"
#include "core/http/client.h"
#include "tests/make_folder.h"
#include "tests/unit/api/memory_lots.h"

namespace lotmark::api::test {

inline const std::string kLotPath = "/06901234567892/A-2026%2F01";
inline const std::string kLinkPath = "/01/06901234567892/10/A-2026%2F01";

class TempDir {
 public:
  TempDir() : dir_(lotmark::test::make_folder("api")) {}
  ~TempDir() { std::filesystem::remove_all(dir_); }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  std::filesystem::path write(const std::string& name, std::string_view text) const {
    const auto file = dir_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }
  const std::filesystem::path& path() const { return dir_; }

 private:
  std::filesystem::path dir_;
};

class Api : public ::testing::Test {
 protected:
  Api() {
    dir.write("page/index.html", "<!doctype html><title>t</title>");
    dir.write("page/app.js", "export {};");
    dir.write("page/sw.js", "// worker");
    dir.write("page/verifier/verdict.js", "export {};");
    dir.write("page/zxing/zxing_reader.wasm", std::string_view("\0asm", 4));
    dir.write("secret.txt", "secret");
    auto page = PageFiles::read(dir.path() / "page");
    EXPECT_TRUE(page) << page.error().message();
    routes = std::make_unique<Routes>(source, clock, std::move(*page), "https://lot.example");
    auto started =
        http::Server::start({}, [this](const http::Request& r) { return routes->handle(r); });
    EXPECT_TRUE(started);
    server.emplace(std::move(*started));
    auto made = http::Client::make({.base_url = server->url()});
    EXPECT_TRUE(made);
    client.emplace(std::move(*made));
  }
  http::Response send(std::string_view method, const std::string& target,
                      const http::Headers& headers = {}) {
    auto r = client->send(method, target, headers);
    EXPECT_TRUE(r) << method << " " << target << ": " << r.error().message();
    return r ? *r : http::Response{};
  }
  http::Response get(const std::string& target, const http::Headers& headers = {}) {
    return send("GET", target, headers);
  }
  static nlohmann::json json_of(const http::Response& r) {
    return nlohmann::json::parse(as_text(r.body), nullptr, false);
  }

  TempDir dir;
  MemoryLots source;
  ManualClock clock{from_ms(1798761600000)};
  std::unique_ptr<Routes> routes;
  std::optional<http::Server> server;
  std::optional<http::Client> client;
};

}  // namespace lotmark::api::test
