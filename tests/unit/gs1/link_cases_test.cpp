// The cases of GS1's syntax engine, where they are at hand. What the engine takes under one of its options we take
// with all leniencies; what it refuses we refuse as the standard has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "core/gs1/element_string.h"
#include "core/gs1/link.h"

namespace lotmark::gs1 {
namespace {

struct LinkCase {
  bool right;
  std::string uri;
  std::string elements;  // '^' for a separator, one in front
};

std::vector<LinkCase> link_cases(std::istream& in) {
  std::vector<LinkCase> all;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto first = line.find('\t');
    const auto second = line.find('\t', first + 1);
    all.push_back({line.starts_with("true"), line.substr(first + 1, second - first - 1),
                   line.substr(second + 1)});
  }
  return all;
}

std::string in_carets(std::string raw) {
  std::ranges::replace(raw, kSeparator, '^');
  return "^" + raw;
}

TEST(LinkCases, AllOfTheSyntaxEngineAgree) {
  const std::filesystem::path file = LOTMARK_SOURCE_DIR "/../shared/data/digital-link/parse.tsv";
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << "not here: " << file << ", the syntax engine's cases were NOT run";
  const auto cases = link_cases(in);
  EXPECT_GT(cases.size(), 25u);
  for (const LinkCase& c : cases) {
    if (!c.right) {
      EXPECT_FALSE(read_link(c.uri)) << c.uri;
      continue;
    }
    const auto link = read_link(c.uri, {.short_gtin = true, .names = true});
    ASSERT_TRUE(link) << c.uri << ": " << link.error().message();
    const std::string raw = raw_elements(elements_of(*link));
    EXPECT_EQ(in_carets(raw), c.elements) << c.uri;
    const auto back = link_of_scan("]d2" + raw);
    ASSERT_TRUE(back) << c.elements << ": " << back.error().message();
    EXPECT_EQ(canonical_link(*back), canonical_link(*link)) << c.uri;
  }
}

}  // namespace
}  // namespace lotmark::gs1
