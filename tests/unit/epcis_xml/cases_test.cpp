// Documents as partners send them, each with the whole of what it has to become: cases/NAME.xml and NAME.json.
#include <gmock/gmock.h>

#include "tests/unit/epcis_xml/made.h"

namespace lotmark::epcis::test {
namespace {

constexpr const char* kCases[] = {"cold_chain", "commissioning", "error",         "extensions",
                                  "packing",    "receiving",     "results",       "shipping",
                                  "stock",      "transaction",   "transformation"};

class Cases : public testing::TestWithParam<const char*> {};

TEST_P(Cases, BecomesExactlyTheJsonBesideIt) {
  const std::string name = GetParam();
  const auto read = read_whole(file(name + ".xml"));
  ASSERT_TRUE(read) << read.error().message();
  const Json expected = Json::parse(file(name + ".json"));
  EXPECT_EQ(*read, expected) << Json::diff(expected, *read).dump(1);
}

TEST_P(Cases, HasAContextThatIsReadHere) {
  const auto read = read_whole(file(std::string(GetParam()) + ".xml"));
  ASSERT_TRUE(read);
  const auto context = Context::read(read->at("@context"));
  EXPECT_TRUE(context) << context.error().message();
}

TEST_P(Cases, IsReadTheSameWithAMarkAndWithOtherLineEnds) {
  const std::string whole = file(std::string(GetParam()) + ".xml");
  const Json plain = *read_whole(whole);
  EXPECT_EQ(*read_whole("\xEF\xBB\xBF" + whole), plain);
  std::string windows;
  for (const char c : whole) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(*read_whole(windows), plain);
}

// Whatever is lost at the end, nothing else is read than all of it.
TEST_P(Cases, IsRefusedOrTheSameWhereverItIsCut) {
  const std::string whole = file(std::string(GetParam()) + ".xml");
  const Json all = *read_whole(whole);
  const std::size_t end = whole.find_last_of('>') + 1;
  for (std::size_t size = 0; size < whole.size(); size += size + 64 < end ? 64 : 1) {
    const auto read = read_whole(std::string_view(whole).substr(0, size));
    EXPECT_EQ(static_cast<bool>(read), size >= end) << size;
    if (read) {
      EXPECT_EQ(*read, all);
    } else {
      EXPECT_EQ(read.code(), Errc::kUsage) << size;
    }
  }
}

TEST_P(Cases, SurvivesTheLossOfAnySixtyFourthByte) {
  const std::string whole = file(std::string(GetParam()) + ".xml");
  for (std::size_t at = 0; at < whole.size(); at += 64) {
    std::string one = whole;
    one.erase(at, 1);
    const auto read = read_whole(one);
    if (read) {
      EXPECT_TRUE(read->at("epcisBody").is_object()) << at;
    } else {
      EXPECT_EQ(read.code(), Errc::kUsage) << at;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Documents, Cases, testing::ValuesIn(kCases),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace lotmark::epcis::test
