// The compiled table against its text, and against GS1's dictionary where that is at hand: read here once more, by
// other means than the script that made them.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

#include "core/gs1/ai.h"

namespace lotmark::gs1 {
namespace {

std::string joined(const std::string& a, const std::string& b, const char* between) {
  return a.empty() || b.empty() ? a + b : a + between + b;
}

std::string letter_of(CharSet set) {
  switch (set) {
    case CharSet::kDigits: return "N";
    case CharSet::kSet82: return "X";
    case CharSet::kSet39: return "Y";
    case CharSet::kSet64: return "Z";
  }
  return {};
}

const std::map<AiRule, std::string> kRuleNames = {
    {AiRule::kAllDigits, "all-digits"},
    {AiRule::kCheck, "check"},
    {AiRule::kCheckPair, "check-pair"},
    {AiRule::kCode, "code"},
    {AiRule::kDay, "day"},
    {AiRule::kHour, "hour"},
    {AiRule::kHyphen, "hyphen"},
    {AiRule::kIban, "iban"},
    {AiRule::kImporter, "importer"},
    {AiRule::kLatitude, "latitude"},
    {AiRule::kLetters, "letters"},
    {AiRule::kLongDay, "long-day"},
    {AiRule::kLongitude, "longitude"},
    {AiRule::kMedia, "media"},
    {AiRule::kMonthOrDay, "month-or-day"},
    {AiRule::kNoLeadingZero, "no-leading-zero"},
    {AiRule::kNonzero, "nonzero"},
    {AiRule::kNotAllDigits, "not-all-digits"},
    {AiRule::kPackage, "package"},
    {AiRule::kPercent, "percent"},
    {AiRule::kPieceOfTotal, "piece-of-total"},
    {AiRule::kPlaceInSequence, "place-in-sequence"},
    {AiRule::kPrefix, "prefix"},
    {AiRule::kSex, "sex"},
    {AiRule::kSixty, "sixty"},
    {AiRule::kTime, "time"},
    {AiRule::kWinding, "winding"},
    {AiRule::kYesNo, "yes-no"},
    {AiRule::kZero, "zero"},
};

std::string size_of(const AiPart& p) {
  return (p.min == p.max ? "" : std::to_string(p.min) + "-") + std::to_string(p.max);
}

// A row as its line in ai_table.tsv.
std::string line_of(const Ai& ai) {
  std::string parts;
  for (std::size_t i = 0; i < ai.part_count; ++i) {
    const AiPart& p = ai.parts[i];
    std::string rules;
    for (const AiRule r : p.rules) {
      if (r != AiRule::kNone) rules = joined(rules, kRuleNames.at(r), "+");
    }
    const std::string part =
        joined(letter_of(p.set) + size_of(p), rules, "=") + (p.optional ? "?" : "");
    parts = joined(parts, part, " ");
  }
  const std::string link = joined(ai.key ? "key" : "", ai.attribute ? "attribute" : "", "+");
  std::ostringstream line;
  line << ai.first << '\t' << ai.last << '\t' << parts << '\t' << (ai.fixed ? "fixed" : "-") << '\t'
       << (link.empty() ? "-" : link) << '\t' << (ai.qualifiers.empty() ? "-" : ai.qualifiers);
  return line.str();
}

TEST(AiTable, IsCompiledAsItsTextSays) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/core/gs1/ai_table.tsv");
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with('#')) lines.push_back(line);
  }
  const auto rows = all_ais();
  ASSERT_EQ(lines.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(line_of(*rows[i]), lines[i]);
}

// What of a line of the dictionary we take over, in its own notation: rules by how many there are.
std::string in_their_words(const Ai& ai) {
  std::string out = std::string(ai.fixed ? "*" : "") + (ai.attribute ? "?" : "");
  for (std::size_t i = 0; i < ai.part_count; ++i) {
    const AiPart& p = ai.parts[i];
    const std::string size = (p.min == p.max ? "" : "..") + std::to_string(p.max);
    const auto rules = std::ranges::count_if(p.rules, [](AiRule r) { return r != AiRule::kNone; });
    out += " " + std::string(p.optional ? "[" : "") + letter_of(p.set) + size +
           (p.optional ? "]" : "") + "/" + std::to_string(rules);
  }
  if (ai.key) out += " dlpkey";
  if (!ai.qualifiers.empty()) out += "=" + std::string(ai.qualifiers);
  return out;
}

// "N13,csum,gcppos1" as "N13/1": where a company's prefix begins in a number is no rule.
std::string part_in_short(const std::string& word) {
  const auto comma = word.find(',');
  const auto rules = std::ranges::count(word, ',');
  const bool number = word[0] == 'N' || word[1] == 'N';
  const bool prefix = number && word.find("gcppos") != std::string::npos;
  return word.substr(0, comma) + "/" + std::to_string(rules - (prefix ? 1 : 0));
}

std::string in_short(std::istream& words) {
  std::string out;
  std::string key;
  for (std::string word; words >> word && word != "#";) {
    if (word.starts_with("dlpkey")) key = " " + word;
    if (word.find_first_of("*?") == 0) out += word;
    if (std::string("NXYZ[").find(word[0]) != std::string::npos) out += " " + part_in_short(word);
  }
  return out + key;
}

TEST(AiTable, HasEveryRowOfTheDictionary) {
  const std::filesystem::path file =
      LOTMARK_SOURCE_DIR "/../shared/data/digital-link/gs1-syntax-dictionary.txt";
  std::ifstream in(file);
  if (!in) GTEST_SKIP() << "not here: " << file << ", the table was NOT compared with GS1's";
  std::size_t rows = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    std::string ais;
    words >> ais;
    const Ai* row = find_ai(ais.substr(0, ais.find('-')));
    ASSERT_NE(row, nullptr) << line;
    EXPECT_EQ(row->last, ais.substr(ais.find('-') + 1)) << line;
    EXPECT_EQ(in_their_words(*row), in_short(words)) << line;
    ++rows;
  }
  EXPECT_EQ(rows, all_ais().size());
}

}  // namespace
}  // namespace lotmark::gs1
