// The resolver on the links of one file, and on the lot of the fixture (06901234567892, A-2026/01), which the chain knows.
#pragma once

#include "tests/unit/api/api_fixture.h"

namespace lotmark::api::test {

inline const std::string kProduct = "/01/09521141123454";
inline const std::string kVoc = "https://ref.gs1.org/voc/";

inline constexpr std::string_view kLinks = R"(
[[links]]
key = "/01/09521141123454"
type = "gs1:pip"
href = "https://brand.example/p/{gtin}?src=code#top"
title = "Product"
default = true

[[links]]
key = "/01/09521141123454"
type = "gs1:instructions"
href = "https://brand.example/en"
title = "Instructions"
language = ["en", "fr"]
media_type = "text/html"

[[links]]
key = "/01/09521141123454"
type = "gs1:instructions"
href = "https://brand.example/zh"
title = "Instructions"
language = "zh"
media_type = "text/html"

[[links]]
key = "/01/09521141123454"
type = "gs1:instructions"
href = "https://brand.example/zh.pdf"
title = "Instructions"
language = "zh"
media_type = "application/pdf"

[[links]]
key = "/01/09521141123454"
type = "gs1:safetyInfo"
href = "https://brand.example/patient"
title = "For patients"
context = ["patient"]

[[links]]
key = "/01/09521141123454"
type = "gs1:safetyInfo"
href = "https://brand.example/all"
title = "For all"

[[links]]
key = "/01/09521141123454"
type = "gs1:hasRetailers"
href = "https://shop-a.example/"
title = "A"

[[links]]
key = "/01/09521141123454"
type = "gs1:hasRetailers"
href = "https://shop-b.example/"
title = "B"

[[links]]
key = "/01/09521141123454"
type = "gs1:relatedImage"
href = "https://brand.example/lot/{lot}/{serial}"
title = "Picture of the item"

[[links]]
key = "/01/09521141123454/10/L%2F7"
type = "gs1:pip"
href = "https://brand.example/lot?{10}"
title = "Lot"
default = true

[[links]]
key = "/01/09521141*"
type = "gs1:support"
href = "https://brand.example/help/{gtin}"
title = "Help"

[[links]]
key = "/01/0690123*"
type = "gs1:pip"
href = "https://maker.example/{gtin}"
title = "Maker's page"

[[links]]
key = "/414/9521141123454"
type = "gs1:locationInfo"
href = "https://brand.example/site/{gln}"
title = "Site"
default = true

[[links]]
key = "/8013/1987654Ad4X4bL5ttr2310c2K"
type = "gs1:pip"
href = "http://brand.example/model"
title = "Model"
default = true

[[links]]
key = "/8013/1987654Ad4X4bL5ttr2310c2K"
type = "gs1:pip"
href = "http://brand.example/modell"
title = "Modell"
language = "de"
default = true
)";

class Resolving : public Api {
 protected:
  Resolving() {
    auto links = link::Links::parse(kLinks, "links.toml");
    EXPECT_TRUE(links) << links.error().text;
    auto page = PageFiles::read(dir.path() / "page");
    routes = std::make_unique<Routes>(source, clock, std::move(*page), "https://lot.example",
                                      std::move(*links), "/events");
  }
  std::string location(const std::string& target, const http::Headers& headers = {}) {
    const auto r = get(target, headers);
    return r.headers.contains("location") ? r.headers.at("location") : std::to_string(r.status);
  }
  nlohmann::json linkset(const std::string& target) {
    const auto r = get(target, {{"Accept", "application/linkset+json"}});
    EXPECT_EQ(r.status, 200) << target;
    EXPECT_EQ(r.content_type, "application/linkset+json");
    return json_of(r)["linkset"];
  }
};

}  // namespace lotmark::api::test
