#include "api/routes.h"

#include <gtest/gtest.h>

#include "tests/unit/api/api_fixture.h"

namespace lotmark::api {
namespace {

using test::Api;
using test::kLinkPath;
using test::kLotPath;

TEST_F(Api, TheLinkSendsABrowserToThePage) {
  const http::Headers browser = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
  const auto sent = get(kLinkPath, browser);
  EXPECT_EQ(sent.status, 307);
  EXPECT_EQ(sent.headers.at("location"), "/lot" + kLinkPath);
  const auto r = get("/lot" + kLinkPath, browser);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, "text/html; charset=utf-8");
  const std::string policy = r.headers.at("content-security-policy");
  EXPECT_EQ(policy,
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src "
            "'self' data:; "
            "connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; "
            "base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'");
  EXPECT_EQ(r.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(r.headers.at("referrer-policy"), "no-referrer");
  EXPECT_EQ(r.headers.at("permissions-policy"), "camera=(self)");
}

TEST_F(Api, BadLinksAreA400ThatSaysWhy) {
  for (const char* path :
       {"/01/06901234567893/10/A", "/01/06901234567892/10/%20", "/01/1", "/01/06901234567892/99/x",
        "/v1/verify/06901234567893/A", "/v1/verify/06901234567892", "/v1/verify/06901234567892/a/b",
        "/v1/receipts/x/y", "/v1/verify/06901234567892/%ZZ"}) {
    const auto r = get(path);
    EXPECT_EQ(r.status, 400) << path;
    EXPECT_EQ(r.content_type, "application/problem+json") << path;
    EXPECT_FALSE(json_of(r)["detail"].get<std::string>().empty());
  }
}

TEST_F(Api, WhoWantsNeitherPageNorVerdictIsSentToThePageAsWell) {
  EXPECT_EQ(get(kLinkPath, {{"Accept", "image/png"}}).status, 307);
}

TEST_F(Api, PageFilesHaveTypesAndTags) {
  EXPECT_EQ(get("/").content_type, "text/html; charset=utf-8");
  EXPECT_EQ(get("/page/app.js").content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/page/verifier/verdict.js").status, 200);
  const auto wasm = get("/page/zxing/zxing_reader.wasm");
  EXPECT_EQ(wasm.content_type, "application/wasm");
  EXPECT_EQ(as_text(wasm.body), std::string_view("\0asm", 4));
  EXPECT_EQ(get("/page/app.js", {{"If-None-Match", get("/page/app.js").headers.at("etag")}}).status,
            304);
  EXPECT_EQ(get("/page/sw.js").headers.at("service-worker-allowed"), "/");
}

TEST_F(Api, NoPathLeadsOutOfThePage) {
  for (const char* path : {"/page/../secret.txt", "/page/%2e%2e/secret.txt",
                           "/page/..%2fsecret.txt", "/page//etc/passwd", "/page/%2fetc%2fpasswd",
                           "/page/", "/page/verifier", "/page/app.js%00.html", "/page/%"}) {
    const auto r = get(path);
    EXPECT_EQ(r.status, 404) << path;
    EXPECT_EQ(as_text(r.body).find("secret\n"), std::string_view::npos);
  }
}

TEST_F(Api, ReceiptsAreServedAsTheyAre) {
  const auto r = get("/v1/receipts" + kLotPath);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, "application/vnd.lotmark.receipt.v1+cbor");
  EXPECT_EQ(r.body, source.receipt_bytes());
  EXPECT_EQ(get("/v1/receipts" + kLotPath, {{"If-None-Match", r.headers.at("etag")}}).status, 304);
}

TEST_F(Api, WhereThereIsNoReceiptTheBodyNamesTheVerdict) {
  const auto none = get("/v1/receipts/06901234567892/NONE");
  EXPECT_EQ(none.status, 404);
  EXPECT_EQ(none.content_type, "application/problem+json");
  EXPECT_EQ(json_of(none)["verdict"], "unknown");
  source.set_state(2, VerdictKind::kRecalled);
  const auto recalled = get("/v1/receipts" + kLotPath);
  EXPECT_EQ(recalled.status, 404);
  EXPECT_EQ(json_of(recalled)["verdict"], "recalled");
}

TEST_F(Api, LotsComeInPages) {
  for (std::uint64_t i = 3; i <= 252; ++i) {
    source.add({i,
                {"06901234567892"},
                {"L" + std::to_string(i)},
                "Vaccine A",
                {20271231},
                1,
                VerdictKind::kNotFinal});
  }
  std::size_t seen = 0;
  std::string target = "/v1/lots";
  for (int pages = 0; pages < 5; ++pages) {
    const auto json = json_of(get(target));
    seen += json["lots"].size();
    if (pages == 0) {
      EXPECT_EQ(json["lots"][0]["state"], "released");
      EXPECT_EQ(json["lots"][0]["link"], "https://lot.example/01/06901234567892/10/A-2026%2F01");
      EXPECT_EQ(json["lots"][1]["state"], "not-final");
    }
    if (json["next"].is_null()) break;
    target = "/v1/lots?after=" + std::to_string(json["next"].get<int>());
  }
  EXPECT_EQ(seen, 251u);
  EXPECT_EQ(json_of(get("/v1/lots?limit=7"))["lots"].size(), 7u);
  EXPECT_EQ(json_of(get("/v1/lots?limit=100000"))["lots"].size(), 100u);
  for (const char* bad : {"/v1/lots?after=x", "/v1/lots?after=-1", "/v1/lots?limit=0",
                          "/v1/lots?limit=99999999999999999999", "/v1/lots?limit=5&limit=7",
                          "/v1/lots?after=1&after=1", "/v1/lots?after=%zz"}) {
    EXPECT_EQ(get(bad).status, 400) << bad;
  }
}

TEST_F(Api, TheCheckpointIsTheNewestRootWithAQuorum) {
  EXPECT_EQ(get("/v1/checkpoint").status, 404);
  CheckpointInfo c;
  c.size = 9;
  c.root = Digest{{0xab}};
  c.time = 1767618000000;
  c.voters = {KeyId{{1}}, KeyId{{2}}};
  c.quorum = 2;
  source.set_checkpoint(c);
  const auto json = json_of(get("/v1/checkpoint"));
  EXPECT_EQ(json["size"], 9);
  EXPECT_EQ(json["root"], to_hex(c.root));
  EXPECT_EQ(json["votes"], 2);
  EXPECT_EQ(json["quorum"], 2);
  EXPECT_EQ(json["time"], 1767618000000);
}

TEST_F(Api, HealthFollowsTheSource) {
  EXPECT_EQ(as_text(get("/healthz").body), "ok\n");
  source.set_broken(true);
  EXPECT_EQ(get("/healthz").status, 503);
}

TEST_F(Api, MetricsCountRoutesAndStatusesButNoPaths) {
  get("/v1/verify" + kLotPath);
  get("/v1/verify/06901234567892/NONE");
  get("/nowhere/evil%22%7D");
  const std::string text(as_text(get("/metrics").body));
  EXPECT_NE(text.find("lotmark_api_requests_total{route=\"/v1/verify/\",status=\"200\"} 1\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("route=\"/v1/verify/\",status=\"404\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("lotmark_api_request_seconds_bucket{route=\"/v1/verify/\",le=\"+Inf\"} 2\n"),
            std::string::npos);
  EXPECT_NE(text.find("lotmark_api_request_seconds_count{route=\"/v1/verify/\"} 2\n"),
            std::string::npos);
  EXPECT_EQ(text.find("evil"), std::string::npos);
}

TEST_F(Api, HeadHasTheHeadersOfGet) {
  const auto r = send("HEAD", "/v1/verify" + kLotPath);
  EXPECT_EQ(r.status, 200);
  EXPECT_TRUE(r.body.empty());
  const auto whole = get("/v1/verify" + kLotPath);
  EXPECT_EQ(r.headers.at("content-length"), std::to_string(whole.body.size()));
  EXPECT_EQ(r.headers.at("etag"), whole.headers.at("etag"));
}

TEST_F(Api, OtherMethodsAreNotAllowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "TRACE"}) {
    const auto r = send(method, "/v1/verify" + kLotPath);
    EXPECT_EQ(r.status, 405) << method;
    EXPECT_EQ(r.headers.at("allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(r.content_type, "application/problem+json");
  }
}

TEST_F(Api, OtherOriginsMayReadDataButNotThePage) {
  for (const std::string& path : {"/v1/verify" + kLotPath, kLinkPath, std::string("/v1/lots")}) {
    const auto options = send("OPTIONS", path);
    EXPECT_EQ(options.status, 204);
    EXPECT_EQ(options.headers.at("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(get(path).headers.at("access-control-allow-origin"), "*");
  }
  EXPECT_FALSE(get("/").headers.contains("access-control-allow-origin"));
  EXPECT_FALSE(get("/metrics").headers.contains("access-control-allow-origin"));
}

TEST_F(Api, NoAddressIsAProblem) {
  const auto r = get("/v2/anything");
  EXPECT_EQ(r.status, 404);
  EXPECT_EQ(json_of(r)["title"], "Not Found");
}

TEST(PageFiles, NeedAnIndexAndDoNotFollowLinks) {
  const test::TempDir dir;
  EXPECT_EQ(PageFiles::read(dir.path()).code(), Errc::kConfig);
  EXPECT_EQ(PageFiles::read(dir.path() / "none").code(), Errc::kConfig);
  dir.write("index.html", "x");
  std::filesystem::create_symlink("/etc/passwd", dir.path() / "passwd.txt");
  auto page = PageFiles::read(dir.path());
  ASSERT_TRUE(page) << page.error().message();
  EXPECT_EQ(page->size(), 1u);
  EXPECT_EQ(PageFiles::read({})->size(), 0u);
}

}  // namespace
}  // namespace lotmark::api
