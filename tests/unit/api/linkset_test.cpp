// Linksets as a resolver gives them: their shape (RFC 9264, GS1's linkset-schema 1.2.0) and their content; every key of GS1.
#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/api/resolver_fixture.h"

namespace lotmark::api {
namespace {

using test::kLinkPath;
using test::kProduct;
using test::kVoc;
using test::Resolving;

bool matches(const nlohmann::json& text, const char* pattern) {
  return text.is_string() && std::regex_search(text.get<std::string>(), std::regex(pattern));
}

// Null if it is not there.
nlohmann::json part(const nlohmann::json& object, const std::string& name) {
  return object.value(name, nlohmann::json());
}

// A link object by GS1's linkset-schema 1.2.0.
void check_link(const nlohmann::json& o, bool bare) {
  EXPECT_TRUE(matches(part(o, "href"), "^https?://[a-zA-Z0-9./]+")) << o;
  EXPECT_TRUE(matches(part(o, "title"), ".")) << o;
  for (const auto& [name, value] : o.items()) {
    if (name == "href" || name == "title") continue;
    EXPECT_FALSE(bare) << name;
    if (name == "type") EXPECT_TRUE(matches(value, "^\\w+/[-+.\\w]+$")) << o;
    else if (name == "hreflang")
      for (const auto& tag : value) EXPECT_TRUE(matches(tag, "^\\w{2}(-\\w{2})?$")) << o;
    else if (name == "context") EXPECT_TRUE(value.is_array()) << o;
    else ADD_FAILURE() << "a link has no " << name;
  }
}

// A link context object. Exactly one default link, which stands below its type as well.
void check_context(const nlohmann::json& c, const std::string& anchor) {
  EXPECT_EQ(part(c, "anchor"), anchor);
  EXPECT_TRUE(part(c, "description").is_string());
  EXPECT_EQ(part(c, "itemDescription"), part(c, "description"));
  ASSERT_EQ(part(c, kVoc + "defaultLink").size(), 1u) << c;
  bool repeated = false;
  for (const auto& [name, value] : c.items()) {
    if (name == "anchor" || name == "description" || name == "itemDescription") continue;
    ASSERT_TRUE(matches(name, "^https?://[a-zA-Z0-9./]+$")) << name;
    ASSERT_TRUE(value.is_array() && !value.empty()) << name;
    for (const auto& o : value) {
      check_link(o, name == kVoc + "defaultLink");
      repeated |= !name.starts_with(kVoc + "defaultLink") &&
                  o["href"] == c[kVoc + "defaultLink"][0]["href"];
    }
  }
  EXPECT_TRUE(repeated) << c;
}

TEST_F(Resolving, ALinksetHasEachLevelWithOurHostAndOneDefault) {
  const struct {
    std::string target;
    std::vector<std::string> anchors;
  } cases[] = {
      {kProduct, {kProduct}},
      {kProduct + "/", {kProduct}},
      {kProduct + "/10/L%2f7", {kProduct + "/10/L%2F7", kProduct}},
      {kProduct + "/10/L%2F7/21/9?17=281231", {kProduct + "/10/L%2F7", kProduct}},
      {kProduct + "/10/NONE", {kProduct}},
      {kLinkPath, {kLinkPath, "/01/06901234567892"}},
      {kLinkPath + "/21/7", {kLinkPath, "/01/06901234567892"}},
      {"/01/06901234567892/22/2A" + kLinkPath.substr(18),
       {"/01/06901234567892/22/2A" + kLinkPath.substr(18), "/01/06901234567892"}},
      {"/01/06901234567892/10/NONE", {"/01/06901234567892"}},
      {"/01/04006381333931", {"/01/04006381333931"}},
      {"/414/9521141123454/254/1", {"/414/9521141123454"}},
      {"/8013/1987654Ad4X4bL5ttr2310c2K", {"/8013/1987654Ad4X4bL5ttr2310c2K"}},
  };
  for (const auto& c : cases) {
    const auto set = linkset(c.target);
    ASSERT_EQ(set.size(), c.anchors.size()) << set;
    for (std::size_t i = 0; i < set.size(); ++i)
      check_context(set[i], "https://lot.example" + c.anchors[i]);
  }
}

TEST_F(Resolving, LevelsWithoutTheVariantOfTheUriHaveAnchorsOfTheirOwn) {
  const std::string key = "/01/06901234567892", lot = "/10/A-2026%2F01";
  std::string file;
  for (const std::string& of : {key + "/22/2A" + lot, key + lot}) {
    file += "[[links]]\nkey = \"" + of +
            "\"\ntype = \"gs1:recallStatus\"\nhref = \"https://a.example/\"\ntitle = \"T\"\n";
  }
  auto links = link::Links::parse(file, "links.toml");
  ASSERT_TRUE(links) << links.error().text;
  routes = std::make_unique<Routes>(source, clock, PageFiles(), "https://lot.example",
                                    std::move(*links));
  const auto set = linkset(key + "/22/2A" + lot);
  ASSERT_EQ(set.size(), 2u) << set;
  EXPECT_EQ(set[0]["anchor"], "https://lot.example" + key + "/22/2A" + lot);
  EXPECT_EQ(set[0]["description"], "Vaccine A (01)06901234567892(22)2A(10)A-2026/01");
  EXPECT_TRUE(set[0].contains(kVoc + "certificationInfo")) << "what is ours joins it";
  EXPECT_EQ(set[1]["anchor"], "https://lot.example" + key + lot);
  EXPECT_EQ(set[1]["description"], "Vaccine A (01)06901234567892(10)A-2026/01");
}

TEST_F(Resolving, ALinksetHasWholeTypesAndWhatTheFileSaysOfEachLink) {
  const auto set = linkset(kProduct);
  const nlohmann::json c = set.at(0);
  EXPECT_EQ(c["description"], "(01)09521141123454");
  EXPECT_EQ(c[kVoc + "defaultLink"][0],
            (nlohmann::json{{"href", "https://brand.example/p/09521141123454?src=code#top"},
                            {"title", "Product"}}));
  EXPECT_EQ(c[kVoc + "instructions"].size(), 3u);
  EXPECT_EQ(c[kVoc + "instructions"][0], (nlohmann::json{{"href", "https://brand.example/en"},
                                                         {"title", "Instructions"},
                                                         {"type", "text/html"},
                                                         {"hreflang", {"en", "fr"}}}));
  EXPECT_EQ(c[kVoc + "safetyInfo"][0]["context"], nlohmann::json::array({"patient"}));
  EXPECT_EQ(c[kVoc + "support"][0]["href"], "https://brand.example/help/09521141123454")
      << "of its prefix";
  EXPECT_FALSE(c.contains(kVoc + "relatedImage")) << "needs a lot";
}

TEST_F(Resolving, ALotOnTheChainLinksToItsPageVerdictReceiptAndEvents) {
  const auto c = linkset(kLinkPath)[0];
  EXPECT_EQ(c["description"], "Vaccine A (01)06901234567892(10)A-2026/01");
  EXPECT_EQ(linkset(kLinkPath)[1]["description"], "Vaccine A (01)06901234567892");
  EXPECT_EQ(linkset(kLinkPath)[1][kVoc + "defaultLink"][0]["href"],
            "https://lot.example/lot/01/06901234567892");
  EXPECT_EQ(c[kVoc + "traceability"].size(), 2u);
  EXPECT_EQ(c[kVoc + "traceability"][0]["hreflang"], nlohmann::json::array({"en", "zh"}));
  EXPECT_EQ(c[kVoc + "traceability"][1]["type"], "application/json");
  for (const char* type : {"certificationInfo", "epcis"})
    EXPECT_EQ(c[kVoc + type].size(), 1u) << type;
  for (const char* type : {"masterData", "verificationService"})
    EXPECT_FALSE(c.contains(kVoc + type)) << type;
}

TEST_F(Resolving, SeveralDefaultsAreWrittenBesideTheOne) {
  const auto c = linkset("/8013/1987654Ad4X4bL5ttr2310c2K")[0];
  EXPECT_EQ(c[kVoc + "defaultLink"][0]["href"], "http://brand.example/model");
  ASSERT_EQ(c[kVoc + "defaultLinkMulti"].size(), 2u);
  EXPECT_EQ(c[kVoc + "defaultLinkMulti"][1]["hreflang"], nlohmann::json::array({"de"}));
}

TEST_F(Resolving, ThoseThatFitEquallyAreListed) {
  const auto r = get(kProduct + "?linkType=gs1:hasRetailers");
  EXPECT_EQ(r.content_type, "application/linkset+json");
  const auto c = json_of(r)["linkset"][0];
  EXPECT_EQ(c["anchor"], "https://lot.example" + kProduct);
  ASSERT_EQ(c[kVoc + "hasRetailers"].size(), 2u);
  EXPECT_EQ(c[kVoc + "hasRetailers"][1]["href"], "https://shop-b.example/");
  EXPECT_EQ(c.size(), 4u) << "of that type alone: " << c;
}

// --- every key ---

const std::pair<const char*, const char*> kEveryKey[] = {
    {"/00/095201234567891235", ""},
    {"/01/09521141123454", "/22/2A/10/L/21/S"},
    {"/253/9521141123454X", ""},
    {"/255/95211411234541", ""},
    {"/401/9521141ABC", ""},
    {"/402/95211411234567892", ""},
    {"/414/9521141123454", "/254/1"},
    {"/415/9521141123454", "/8020/R-1"},
    {"/417/9521141123454", "/7040/1ABC"},
    {"/8003/09521141123454X1", ""},
    {"/8004/9521141ABC", "/7040/1ABC"},
    {"/8006/095211411234540102", "/22/2A/10/L/21/S"},
    {"/8010/9521141-AB", "/8011/12"},
    {"/8013/1987654Ad4X4bL5ttr2310c2K", ""},
    {"/8017/952114112345678906", "/8019/1"},
    {"/8018/952114112345678906", "/8019/1"},
};

TEST_F(Resolving, EveryKeyIsResolvedAndWalksUp) {
  std::string file;
  std::size_t keys = 0;
  for (const auto& [key, qualifiers] : kEveryKey) {
    const auto read = gs1::read_link_path(key);
    if (!read) {
      ADD_FAILURE() << key << ": " << read.error().message();
      continue;
    }
    ++keys;
    file += "[[links]]\nkey = \"" + std::string(key) +
            "\"\ntype = \"gs1:masterData\"\nhref = \"https://k.example/{" + read->key.ai +
            "}\"\ntitle = \"T\"\ndefault = true\n";
  }
  EXPECT_EQ(keys, 16u);
  auto links = link::Links::parse(file, "keys.toml");
  ASSERT_TRUE(links) << links.error().text;
  routes = std::make_unique<Routes>(source, clock, PageFiles(), "https://lot.example",
                                    std::move(*links));
  for (const auto& [key, qualifiers] : kEveryKey) {
    const auto read = gs1::read_link_path(key);
    const std::string to = "https://k.example/" + http::percent_encode(read->key.value);
    EXPECT_EQ(location(key), to);
    EXPECT_EQ(location(std::string(key) + qualifiers + "/"), to) << key << qualifiers;
    EXPECT_EQ(location(std::string(key) + "?linkType=gs1:masterData"), to);
    check_context(linkset(std::string(key) + qualifiers)[0],
                  "https://lot.example" + std::string(key));
  }
}

}  // namespace
}  // namespace lotmark::api
