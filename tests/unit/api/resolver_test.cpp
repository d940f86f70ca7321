// What a GS1-Conformant Resolver does (version 1.2), request by request over real HTTP.
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "tests/unit/api/resolver_fixture.h"

namespace lotmark::api {
namespace {

using test::kLinkPath;
using test::kProduct;
using test::kVoc;
using test::Resolving;

// fact | request | Accept | Accept-Language | answer. P is the product, L the lot on the chain, brand https://brand.example.
constexpr std::string_view kFacts = R"(
default link, its query kept, before the fragment | P | | | 307 brand/p/09521141123454?src=code#top
a slash at the end changes nothing | P/ | | | 307 brand/p/09521141123454?src=code#top
the query is forwarded | P?17=281231&x=%20y | | | 307 brand/p/09521141123454?src=code&17=281231&x=%20y#top
without linkType and context | P?linkType=gs1:support&a=1&context=CN&b | | | 307 brand/help/09521141123454?a=1&b
a type by its name | P?linkType=gs1:pip | | | 307 brand/p/09521141123454?src=code#top
a type by its whole URI | P?linkType=https%3A%2F%2Fgs1.org%2Fvoc%2Fpip | | | 307 brand/p/09521141123454?src=code#top
the default by its type | P?linkType=gs1:defaultLink | | | 307 brand/p/09521141123454?src=code#top
no link of a type | P?linkType=gs1:recipeInfo | | | 404
no such type | P?linkType=nonsense | | | 404
an empty type | P?linkType= | | | 404
a type twice | P?linkType=gs1:pip&linkType=gs1:pip | | | 400
a context twice | P?linkType=gs1:safetyInfo&context=CN&context=Patient | | | 400
a type that is badly encoded | P?linkType=%zz | | | 400
several fit equally | P?linkType=gs1:hasRetailers | | | 300
the language asked for | P?linkType=gs1:instructions | | fr-CA, zh;q=0.5 | 307 brand/en
language, then media type | P?linkType=gs1:instructions | application/pdf | zh-CN | 307 brand/zh.pdf
a language that is not there, then media type | P?linkType=gs1:instructions | application/pdf | fi | 307 brand/zh.pdf
no language is asked for | P?linkType=gs1:instructions | | | 300
a context | P?linkType=gs1:safetyInfo&context=Patient | | | 307 brand/patient
no context: what is for all | P?linkType=gs1:safetyInfo | | | 307 brand/all
another context: what is for all | P?linkType=gs1:safetyInfo&context=CN | | | 307 brand/all
an unknown lot walks up | P/10/NONE | | | 307 brand/p/09521141123454?src=code#top
unknown variant, lot and serial walk up | P/22/V/10/NONE/21/S | | | 307 brand/p/09521141123454?src=code#top
a lot with links of its own | P/10/L%2f7 | | | 307 brand/lot?L%2F7
its serial too | P/10/L%2F7/21/9?x=1 | | | 307 brand/lot?L%2F7&x=1
types of levels above | P/10/L%2F7?linkType=gs1:safetyInfo | | | 307 brand/all
its variant is not said: what is said of the lot | P/22/V/10/L%2F7 | | | 307 brand/lot?L%2F7
of a type | P/22/V/10/L%2F7/21/9?linkType=gs1:pip | | | 307 brand/lot?L%2F7
values of the URI | P/10/a%25b/21/%2F?linkType=gs1:relatedImage | | | 307 brand/lot/a%25b/%2F
values that the URI has not | P?linkType=gs1:relatedImage | | | 404
a company's links | /01/09521141123669?linkType=gs1:support | | | 307 brand/help/09521141123669
another key | /414/9521141123454 | | | 307 brand/site/9521141123454
its unknown extension walks up | /414/9521141123454/254/5678 | | | 307 brand/site/9521141123454
a key without links | /414/9501101530003 | | | 404
linkset of a key without links | /414/9501101530003?linkType=linkset | | | 404
several defaults: the language asked for | /8013/1987654Ad4X4bL5ttr2310c2K | | de | 307 http://brand.example/modell
several defaults: the first | /8013/1987654Ad4X4bL5ttr2310c2K | | fi | 307 http://brand.example/model
linkset by linkType | P?linkType=linkset | text/html | | 200
linkset by its old name | P?linkType=all | | | 200
linkset by Accept | P | application/linkset+json | | 200
linkset among others | P | application/linkset+json, */* | | 200
linkset as JSON | P | application/json | | 200
linkset wanted less than a page | P | text/html, application/linkset+json;q=0.9 | | 307 brand/p/09521141123454?src=code#top
linkType before Accept | P?linkType=gs1:support | application/linkset+json | | 307 brand/help/09521141123454
an Accept of neither | P | image/png | | 307 brand/p/09521141123454?src=code#top
a lot on the chain: its page here | L | | | 307 /lot/01/06901234567892/10/A-2026%2F01
with its query | L?17=281231 | | | 307 /lot/01/06901234567892/10/A-2026%2F01?17=281231
its serial | L/21/7 | | | 307 /lot/01/06901234567892/10/A-2026%2F01/21/7
its variant, which the page does not read | /01/06901234567892/22/2A/10/A-2026%2F01/21/7 | | | 307 /lot/01/06901234567892/10/A-2026%2F01/21/7
a third party's serial | /01/06901234567892/235/X1 | | | 307 /lot/01/06901234567892
its maker's page | L?linkType=gs1:pip | | | 307 https://maker.example/06901234567892
its receipt | L?linkType=gs1:certificationInfo | | | 307 /v1/receipts/06901234567892/A-2026%2F01
its events | L?linkType=gs1:epcis | | | 307 /events?MATCH_anyEPCClass=https%3A%2F%2Fid.gs1.org%2F01%2F06901234567892%2F10%2FA-2026%252F01
its events, which ask by no attribute of a label | L?17=281231&linkType=gs1:epcis&MATCH_epc=y | | | 307 /events?MATCH_anyEPCClass=https%3A%2F%2Fid.gs1.org%2F01%2F06901234567892%2F10%2FA-2026%252F01
its receipt, which takes no query | L?17=281231&linkType=gs1:certificationInfo | | | 307 /v1/receipts/06901234567892/A-2026%2F01
what can be traced, for people | L?linkType=gs1:traceability | text/html | | 307 /lot/01/06901234567892/10/A-2026%2F01
for programs | L?linkType=gs1:traceability | application/json | | 307 /v1/verify/06901234567892/A-2026%2F01
for programs of any language | L?linkType=gs1:traceability | application/json | en | 307 /v1/verify/06901234567892/A-2026%2F01
for either | L?linkType=gs1:traceability | | | 300
a lot not on the chain, no default in the file: the page | /01/06901234567892/10/NONE | | | 307 /lot/01/06901234567892/10/NONE
no receipt of it | /01/06901234567892/10/NONE?linkType=gs1:certificationInfo | | | 404
a GTIN without links: the page | /01/04006381333931 | | | 307 /lot/01/04006381333931
a GTIN of 13 digits, as on old labels | /01/6901234567892/10/A-2026%2F01 | | | 307 /lot/01/06901234567892/10/A-2026%2F01
wrong check digit | /01/09521141123455 | | | 400
no value | /01/ | | | 400
no value at all | /01 | | | 400
two slashes at the end | P// | | | 400
qualifiers out of order | P/21/S/10/L | | | 400
a qualifier of another key | P/254/5678 | | | 400
an identifier that is no key | /17/281231 | | | 400
an identifier that is none | /99999/1 | | | 400
a key before the key | /01/06901234567892P | | | 400
an attribute that is none | P?9999=1 | | | 400
an attribute without value | P?17= | | | 400
an attribute that is no date | P?17=289931 | | | 400
a linkType badly encoded | P?linkType=%zz | | | 400
a bad escape | P/10/%zz | | | 400
)";

struct Fact {
  std::string name;
  std::string target;
  http::Headers headers;
  int status = 0;
  std::string location;
};

std::string whole(std::string text, std::string_view letter, const std::string& value) {
  const auto at = text.find(letter);
  return at == std::string::npos ? text : text.replace(at, letter.size(), value);
}

Fact fact_of(std::string line) {
  std::vector<std::string> parts(1);
  for (const char c : line) {
    if (c == '|') parts.emplace_back();
    else parts.back() += c;
  }
  for (auto& p : parts) {
    p.erase(0, p.find_first_not_of(' '));
    p.erase(p.find_last_not_of(' ') + 1);
  }
  EXPECT_EQ(parts.size(), 5u) << line;
  parts.resize(5);
  Fact f{parts[0],
         whole(parts[1], parts[1].starts_with('L') ? "L" : "P",
               parts[1].starts_with('L') ? kLinkPath : kProduct),
         {},
         std::atoi(parts[4].c_str()),
         parts[4].substr(std::min<std::size_t>(4, parts[4].size()))};
  if (f.location.starts_with("brand"))
    f.location = whole(f.location, "brand", "https://brand.example");
  if (!parts[2].empty()) f.headers["Accept"] = parts[2];
  if (!parts[3].empty()) f.headers["Accept-Language"] = parts[3];
  return f;
}

std::vector<Fact> facts() {
  std::vector<Fact> all;
  std::istringstream in{std::string(kFacts)};
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) all.push_back(fact_of(line));
  }
  return all;
}

TEST_F(Resolving, EachFactOfTheStandardHolds) {
  for (const Fact& row : facts()) {
    for (const char* method : {"GET", "HEAD"}) {
      const auto r = send(method, row.target, row.headers);
      EXPECT_EQ(r.status, row.status) << row.name << ": " << row.target;
      const auto at = r.headers.find("location");
      EXPECT_EQ(at == r.headers.end() ? "" : at->second, row.location) << row.name;
      ASSERT_TRUE(r.headers.contains("access-control-allow-origin"))
          << row.name << " " << r.status << " " << as_text(r.body);
      EXPECT_EQ(r.headers.at("access-control-allow-origin"), "*") << row.name;
      EXPECT_EQ(r.headers.at("access-control-allow-methods"), "GET, HEAD, OPTIONS") << row.name;
    }
    const auto options = send("OPTIONS", row.target, row.headers);
    EXPECT_EQ(options.status, 204) << row.name;
    EXPECT_EQ(options.headers.at("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(send("POST", row.target).status, 405) << row.name;
  }
}

// Lots of that name are refused where labels are made (lotmark label): a browser takes such steps out of an address.
TEST_F(Resolving, ValuesThatAreStepsOfAPathAreNoAddress) {
  for (const char* value : {"/10/.", "/10/%2E%2E", "/21/.%2e"})
    EXPECT_EQ(get(kProduct + value).status, 404) << value;
}

TEST_F(Resolving, TheLinksetIsNamedByEveryAnswerThatHasOneAndNoOtherLinkIs) {
  for (const Fact& row : facts()) {
    const auto r = get(row.target, row.headers);
    if (row.status == 400) continue;
    EXPECT_EQ(r.headers.at("vary"), "Accept, Accept-Language") << row.name;
    if (row.target.starts_with("/414/9501101530003")) {
      EXPECT_FALSE(r.headers.contains("link"));
      continue;
    }
    const std::string value = r.headers.at("link");
    EXPECT_TRUE(std::regex_search(
        value,
        std::regex("^<https://lot.example/[0-9]+/[^?]+\\?linkType=linkset>; rel=\"linkset\"")))
        << value;
    EXPECT_EQ(value.find("rel=\"gs1"), std::string::npos);
    const bool context = value.find(
                             "<https://ref.gs1.org/standards/resolver/linkset-context>; "
                             "rel=\"http://www.w3.org/ns/json-ld#context\"; "
                             "type=\"application/ld+json\"") != std::string::npos;
    EXPECT_EQ(context, r.status == 200) << row.name;
  }
}

TEST_F(Resolving, TheVerdictIsStillAtTheLinkForPrograms) {
  const auto r = get(kLinkPath, {{"Accept", "application/json"}});
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(json_of(r)["verdict"], "released");
  EXPECT_EQ(get(kLinkPath + "/", {{"Accept", "application/json"}}).body, r.body);
  EXPECT_EQ(get(kLinkPath + "?linkType=linkset", {{"Accept", "application/json"}}).content_type,
            "application/linkset+json");
}

TEST_F(Resolving, ThePageIsServedBelowLotToWhoeverIsSentThere) {
  const std::string target = location(kLinkPath, {{"Accept", "text/html"}});
  ASSERT_EQ(target, "/lot" + kLinkPath);
  const auto r = get(target);
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, "text/html; charset=utf-8");
  EXPECT_TRUE(r.headers.contains("content-security-policy"));
  EXPECT_FALSE(r.headers.contains("access-control-allow-origin"));
  for (const char* bad : {"/lot/", "/lot/01/06901234567893", "/lot/lot/01/06901234567892",
                          "/lot/10/A", "/lot/414/1"}) {
    EXPECT_EQ(get(bad).status, 400) << bad;
  }
}

TEST_F(Resolving, TheDescriptionNamesItsRootAndEveryKey) {
  const auto r = get("/.well-known/gs1resolver");
  EXPECT_EQ(r.status, 200);
  EXPECT_EQ(r.content_type, "application/json");
  EXPECT_EQ(r.headers.at("access-control-allow-origin"), "*");
  const auto json = json_of(r);
  EXPECT_EQ(json["resolverRoot"], "https://lot.example");
  EXPECT_EQ(json["supportedPrimaryKeys"],
            nlohmann::json::array({"00", "01", "253", "255", "401", "402", "414", "415", "417",
                                   "8003", "8004", "8006", "8010", "8013", "8017", "8018"}));
  EXPECT_EQ(json["supportedLinkType"][0],
            (nlohmann::json{{"namespace", kVoc}, {"prefix", "gs1:"}}));
  EXPECT_EQ(json["supportedContextValuesEnumerated"], nlohmann::json::array({"patient"}));
  EXPECT_EQ(send("HEAD", "/.well-known/gs1resolver").status, 200);
  EXPECT_EQ(get("/.well-known/gs1resolver", {{"If-None-Match", r.headers.at("etag")}}).status, 304);
}

}  // namespace
}  // namespace lotmark::api
