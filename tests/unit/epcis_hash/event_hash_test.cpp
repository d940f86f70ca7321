#include "core/epcis/hash/event_hash.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"
#include "core/crypto/sha256.h"
#include "tests/unit/epcis_hash/event_text.h"

namespace lotmark::epcis {
namespace {

const Digest kSome = sha256(as_bytes("some"));

TEST(EventHash, IsSha256OfTheString) {
  const auto event = test::event_with(R"("action": "ADD")");
  const auto text = lotmark::test::must(pre_hash(event, Context()));
  EXPECT_EQ(text, test::kHead + "action=ADD");
  EXPECT_EQ(*event_hash(event, Context()), sha256(as_bytes(text)));
}

TEST(EventHash, HasTheErrorOfTheString) {
  EXPECT_EQ(event_hash(Json::array(), Context()).code(), Errc::kUsage);
}

TEST(HashUri, IsNiWithHexAndVersion) {
  EXPECT_EQ(hash_uri(kSome), "ni:///sha-256;" + to_hex(kSome) + "?ver=CBV2.0");
}

TEST(HashUri, ReadsAsTheHash) { EXPECT_EQ(hash_of_uri(hash_uri(kSome)), kSome); }

TEST(HashUri, EveryShorterTextIsNone) {
  const auto uri = hash_uri(kSome);
  for (std::size_t size = 0; size < uri.size(); ++size)
    EXPECT_FALSE(hash_of_uri(uri.substr(0, size))) << size;
}

TEST(HashUri, OtherTextsAreNone) {
  const std::string hex = to_hex(kSome);
  std::string upper = hex;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  for (const auto& text :
       {"ni:///sha-256;" + hex, "ni:///sha-256;" + hex + "?ver=CBV2.1",
        "ni:///sha-256;" + upper + "?ver=CBV2.0", "ni:///sha-256;" + hex + "00?ver=CBV2.0",
        "ni:///sha-512;" + hex + "?ver=CBV2.0", " ni:///sha-256;" + hex + "?ver=CBV2.0",
        "NI:///sha-256;" + hex + "?ver=CBV2.0", "ni://host/sha-256;" + hex + "?ver=CBV2.0",
        "ni:///sha-256;" + hex.substr(1) + "g?ver=CBV2.0", hash_uri(kSome) + "#"}) {
    EXPECT_FALSE(hash_of_uri(text)) << text;
  }
}

TEST(HashUri, StartAndEndDoNotOverlap) {
  EXPECT_FALSE(hash_of_uri("ni:///sha-256;?ver=CBV2.0"));
  EXPECT_FALSE(hash_of_uri("ni:///sha-256;"));
  EXPECT_FALSE(hash_of_uri("?ver=CBV2.0"));
}

}  // namespace
}  // namespace lotmark::epcis
