#include "api/described/described.h"

#include "api/access/policy.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api::test {
namespace {

using nlohmann::json;

// Kept, so that a part of it may be gone over.
const json& described() {
  static const json all = json::parse(openapi_text(), nullptr, false);
  return all;
}

// A path with something in each {place}.
std::string filled(std::string path) {
  const std::pair<const char*, const char*> places[] = {{"{gtin}", "06901234567892"},
                                                        {"{lot}", "A-2026%2F01"},
                                                        {"{value}", "06901234567892"},
                                                        {"{path}", "01/06901234567892/10/A"},
                                                        {"{file}", "index.html"}};
  for (const auto& [place, value] : places) {
    if (const auto at = path.find(place); at != std::string::npos)
      path.replace(at, std::string_view(place).size(), value);
  }
  while (path.find('{') != std::string::npos)
    path.replace(path.find('{'), path.find('}') - path.find('{') + 1, "x");
  return path;
}

TEST(Described, EveryRouteStandsInTheTableOfWhoMayDoWhat) {
  const json all = described();
  ASSERT_TRUE(all.is_object());
  ASSERT_GT(all["paths"].size(), 50u);
  for (const auto& [path, operations] : all["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      std::string upper = method;
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      const auto nobody = access::decide(upper, filled(path), {});
      EXPECT_NE(nobody.verdict, access::Verdict::kNoRoute) << upper << " " << path;
      EXPECT_NE(nobody.verdict, access::Verdict::kNoMethod) << upper << " " << path;
      if (path == "/metrics") continue;
      EXPECT_EQ(nobody.verdict == access::Verdict::kNoCredentials, operation.contains("security"))
          << upper << " " << path;
    }
  }
}

TEST(Described, EveryReferenceLeadsSomewhere) {
  const json all = described();
  std::function<void(const json&)> look = [&](const json& j) {
    if (j.is_object() && j.contains("$ref")) {
      const auto ref = j["$ref"].get<std::string>();
      EXPECT_TRUE(all.contains(json::json_pointer(ref.substr(1)))) << ref;
    }
    if (j.is_structured()) {
      for (const auto& e : j) look(e);
    }
  };
  look(all);
}

TEST(Described, ParametersOfAQueryAreGivenOnce) {
  EXPECT_NE(described()["info"]["description"].get<std::string>().find("once at most: 400"),
            std::string::npos);
}

TEST_F(Api, DescribesItself) {
  const auto text = get("/openapi.json");
  EXPECT_EQ(text.status, 200);
  EXPECT_EQ(json_of(text), described());
  const auto page = get("/docs");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(as_text(page.body).find("/v1/verify/{gtin}/{lot}"), std::string_view::npos);
}

TEST_F(Api, ServesWhatItDescribesToEverybody) {
  int open = 0;
  for (const auto& [path, operations] : described()["paths"].items()) {
    if (!operations.contains("get") || operations["get"].contains("security")) continue;
    ++open;
    const auto answer = get(filled(path), {{"accept", "application/json"}});
    if (answer.status != 404) continue;
    EXPECT_EQ(as_text(answer.body).find("no such address"), std::string_view::npos) << path;
  }
  EXPECT_GT(open, 5);
}

}  // namespace
}  // namespace lotmark::api::test
