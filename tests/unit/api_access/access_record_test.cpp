// What the access log keeps of an address: all of it, or what fits and the hash of all.
#include "api/access/access_record.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::api::access::test {
namespace {

constexpr std::size_t kMost = AccessRecord::kTargetMax;
constexpr std::size_t kMarkSize = std::string_view(" sha256=").size() + 64;

std::string mark_of(const std::string& target) {
  return " sha256=" + to_hex(sha256(as_bytes(target)));
}

// An address whose `tail` begins so many bytes before the place where it is cut.
std::string target_with(const std::string& tail, std::size_t before) {
  std::string out = "/events?";
  out.append(kMost - kMarkSize - before - out.size(), 'a');
  return out + tail + std::string(kMost, 'b');
}

// What is kept of `tail`.
std::string kept_of(const std::string& tail, std::size_t before) {
  const std::string target = target_with(tail, before);
  const std::string kept = kept_target(target);
  EXPECT_LE(kept.size(), kMost);
  EXPECT_TRUE(kept.ends_with(mark_of(target)));
  const std::string part = kept.substr(0, kept.size() - kMarkSize);
  EXPECT_TRUE(target.starts_with(part));
  return part.substr(std::min(part.size(), kMost - kMarkSize - before));
}

TEST(KeptTarget, IsTheWholeAddressWhereItFits) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kMost - 1, kMost}) {
    const std::string target(size, 'x');
    EXPECT_EQ(kept_target(target), target) << size;
  }
}

TEST(KeptTarget, EndsWithTheHashOfTheWholeAddressWhereItIsCut) {
  const std::string target(kMost + 1, 'x');
  EXPECT_EQ(kept_target(target), std::string(kMost - kMarkSize, 'x') + mark_of(target));
}

TEST(KeptTarget, OfAddressesThatDifferInWhatIsCutIsNotTheSame) {
  const std::string harmless = "/events?" + std::string(3000, '&');
  EXPECT_NE(kept_target(harmless + "MATCH_anyEPC=urn:a"), kept_target(harmless + "EQ_bizStep=b"));
}

TEST(KeptTarget, HasNoHalfOfAnEscapeOrOfACharacter) {
  EXPECT_EQ(kept_of("%2F", 3), "%2F");
  for (const std::size_t before : {1u, 2u}) EXPECT_EQ(kept_of("%2F", before), "");
  EXPECT_EQ(kept_of("%E4%b8%AD", 9), "%E4%b8%AD");
  for (std::size_t before = 1; before < 9; ++before) EXPECT_EQ(kept_of("%E4%b8%AD", before), "");
  EXPECT_EQ(kept_of("\xf0\x9f\x92\x89", 4), "\xf0\x9f\x92\x89");
  for (std::size_t before = 1; before < 4; ++before)
    EXPECT_EQ(kept_of("\xf0\x9f\x92\x89", before), "");
}

TEST(KeptTarget, KeepsWhatFitsOfWhatIsNoText) {
  std::string middles;
  for (int i = 0; i < 2000; ++i) middles += "%80";
  EXPECT_EQ(kept_of(middles, 600), middles.substr(0, 600));
  EXPECT_EQ(kept_of("%%%g", 2), "%%");
}

}  // namespace
}  // namespace lotmark::api::access::test
