// Requests to the resolver that mean no good, and a store or a page that is not there.
#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "tests/unit/api/resolver_fixture.h"

namespace lotmark::api {
namespace {

using test::kLinkPath;
using test::kProduct;
using test::kVoc;
using test::Resolving;

TEST_F(Resolving, NoRequestLeadsAnywhereButWhereTheFileSays) {
  const std::string evil[] = {
      kProduct + "?linkType=https:%2F%2Fevil.example%2F",
      kProduct + "?linkType=//evil.example",
      kProduct + "?linkType=gs1:pip&linkType=gs1:recipeInfo",
      kProduct + "?href=https://evil.example&Location=https://evil.example",
      kProduct + "?linkType=gs1:pip%0d%0aLocation:%20https://evil.example",
      kProduct + "?context=%0d%0aSet-Cookie:x",
      kProduct + "?x=%0d%0aSet-Cookie:x",
      kProduct + "/10/%2F%2Fevil.example",
      kProduct + "/10/..%2F..%2Fevil?linkType=gs1:relatedImage",
      "//evil.example" + kProduct,
      "/01//evil.example",
      "/01/https:%2F%2Fevil.example",
      "/01/09521141123454@evil.example",
  };
  for (const auto& target : evil) {
    const auto r = get(target, {{"X-Forwarded-Host", "evil.example"}});
    EXPECT_FALSE(r.headers.contains("set-cookie")) << target;
    for (const char* name : {"location", "link"}) {
      const auto at = r.headers.find(name);
      if (at == r.headers.end()) continue;
      EXPECT_TRUE(
          std::regex_search(at->second, std::regex("^(<?https://(lot|brand)[.]example)?/[a-z0-9]")))
          << at->second;
      EXPECT_EQ(at->second.find_first_of("\r\n"), std::string::npos);
    }
    const bool listed = as_text(r.body).find("evil") != std::string_view::npos;
    EXPECT_FALSE(listed && (r.status == 200 || r.status == 300)) << target;
  }
}

// What a redirect or a Link may begin with: links of the file, and this server.
bool leads_where_it_may(std::string_view address) {
  for (const std::string_view start :
       {"https://brand.example/", "https://shop-a.example/", "https://shop-b.example/",
        "https://maker.example/", "http://brand.example/", "/lot/01/", "/v1/verify/",
        "/v1/receipts/", "/events?", "<https://lot.example/"}) {
    if (address.starts_with(start))
      return address.find_first_of("\r\n \\") == std::string_view::npos || start[0] == '<';
  }
  return false;
}

TEST_F(Resolving, NoMutatedRequestLeadsElsewhereOrFailsOddly) {
  const std::string seeds[] = {kProduct + "/10/L%2F7/21/9?17=281231&linkType=gs1:pip&context=CN",
                               kLinkPath + "/21/7?x=1",
                               "/414/9521141123454/254/5678?linkType=linkset", "/lot" + kLinkPath,
                               kProduct + "/10/A/21/B?linkType=gs1:relatedImage"};
  const std::string_view pieces[] = {
      "%",    "%2e", "..",        "/", "//",    "\\",   "@evil.example",
      "?",    "&",   "=",         "#", "{lot}", "\r\n", "%0d%0a",
      "\xff", "01/", "linkType=", ";", " ",     "\"",   "https://evil.example/"};
  std::mt19937 random(7);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  std::map<int, int> statuses;
  for (int i = 0; i < 20000; ++i) {
    std::string target = seeds[below(std::size(seeds))];
    for (std::size_t n = 1 + below(3); n > 0; --n) {
      const auto at = below(target.size() + 1);
      if (below(2) == 0) target.insert(at, pieces[below(std::size(pieces))]);
      else target.erase(at, below(4));
    }
    const auto mark = std::min(target.find('?'), target.size());
    http::Request r;
    r.method = "GET";
    r.path = target.substr(0, mark);
    r.query = target.substr(std::min(mark + 1, target.size()));
    const auto out = routes->handle(r);
    ++statuses[out.status];
    for (const char* name : {"Location", "Link"}) {
      const auto header = out.headers.find(name);
      if (header == out.headers.end()) continue;
      EXPECT_TRUE(leads_where_it_may(header->second)) << target << ": " << header->second;
      EXPECT_EQ(header->second.find_first_of("\r\n"), std::string::npos) << target;
    }
  }
  for (const auto& [status, count] : statuses) {
    EXPECT_TRUE(status == 200 || status == 300 || status == 307 || status == 400 || status == 404)
        << status;
  }
  EXPECT_GT(statuses[307], 1000);
  EXPECT_GT(statuses[400], 1000);
}

TEST_F(Resolving, WhatIsTooLongOrTooMuchIsRefused) {
  EXPECT_GE(get(kProduct + "/10/" + std::string(21, 'A')).status, 400);
  EXPECT_GE(get(kProduct + "?x=" + std::string(5000, 'A')).status, 400);
  std::string many = kProduct + "?x";
  for (int i = 0; i < 100; ++i) many += "&x" + std::to_string(i);
  EXPECT_EQ(get(many).status, 400);
  EXPECT_EQ(get(kProduct + "?linkType=gs1:" + std::string(3000, 'p')).status, 404);
  EXPECT_EQ(get(kProduct, {{"Accept-Language", std::string(8000, ',')}}).status, 307);
  EXPECT_EQ(get(kProduct + "/10/%00").status, 400);
  EXPECT_EQ(get(kProduct + "/10/%C3%A9").status, 400);
}

TEST_F(Resolving, AStoreThatCannotBeReadIsNoRedirect) {
  source.set_broken(true);
  const auto r = get(kLinkPath);
  EXPECT_EQ(r.status, 500);
  EXPECT_FALSE(r.headers.contains("location"));
  EXPECT_EQ(get(kProduct).status, 307) << "needs no store";
}

TEST_F(Resolving, WithoutAPageTheVerdictIsTheDefault) {
  routes = std::make_unique<Routes>(source, clock, PageFiles(), "https://lot.example");
  EXPECT_EQ(location(kLinkPath), "/v1/verify/06901234567892/A-2026%2F01");
  EXPECT_EQ(location("/01/06901234567892"), "404");
  EXPECT_FALSE(linkset(kLinkPath)[0].contains(kVoc + "epcis")) << "no events are served";
}

}  // namespace
}  // namespace lotmark::api
