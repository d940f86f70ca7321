// What a second implementation sealed, and what it spoiled (tests/vectors/sealed).
#include <gtest/gtest.h>

#include "core/merkle/tree.h"
#include "tests/unit/sealed/sealed_vectors.h"

namespace lotmark::sealed {
namespace {

using test::fixed;
using test::hex;
using test::must;
using test::sealed_vectors;
using test::vector_chain;
using test::vector_reader;

// Opens a COSE_Encrypt as a reader does.
Result<Segment> open_file(ByteView bytes, const std::string& reader, const Digest& chain) {
  LM_ASSIGN(const auto envelope, read_cose_encrypt(bytes));
  return open_envelope(chain, envelope, vector_reader(reader));
}

TEST(SealedVectors, KidsAreThoseOfTheReadersKeys) {
  for (const auto& [name, reader] : sealed_vectors()["readers"].items()) {
    EXPECT_EQ(vector_reader(name).kid(), fixed<KeyId>(reader["kid"]));
    EXPECT_EQ(vector_reader(name).public_key(), fixed<PublicKey>(reader["public_key"]));
  }
}

TEST(SealedVectors, EachOpensToThePlainSegment) {
  for (const auto& c : sealed_vectors()["sealed"]) {
    const auto sealed = must(decode<Segment>(hex(c["entry"])));
    EXPECT_EQ(merkle::leaf_hash(hex(c["entry"])), fixed<Digest>(c["leaf"]));
    const auto key = ContentKey::from(hex(c["content_key"]));
    const auto plain = open_segment(vector_chain(), sealed, *key);
    ASSERT_TRUE(plain) << c["name"] << plain.error().message();
    EXPECT_TRUE(test::same(*plain, test::plain_of(c))) << c["name"];
  }
}

TEST(SealedVectors, EachRecipientGivesTheContentKeyToItsReaderAlone) {
  for (const auto& c : sealed_vectors()["sealed"]) {
    for (const auto& r : c["recipients"]) {
      const Bytes bytes = hex(r["bytes"]);
      const auto reader = vector_reader(r["reader"]);
      EXPECT_EQ(must(recipient_kid(bytes)), reader.kid());
      const auto key = must(unwrap(bytes, reader));
      EXPECT_EQ(to_bytes(key.view()), hex(c["content_key"])) << c["name"];
      EXPECT_EQ(unwrap(bytes, vector_reader("stranger")).code(), Errc::kSealReader);
    }
  }
}

TEST(SealedVectors, EachCoseEncryptIsReadAndWrittenTheSame) {
  for (const auto& c : sealed_vectors()["sealed"]) {
    const auto envelope = must(read_cose_encrypt(hex(c["cose"])));
    EXPECT_EQ(encode(envelope.sealed), hex(c["entry"])) << c["name"];
    auto recipients = envelope.recipients;
    std::ranges::reverse(recipients);  // the writer puts them in order
    EXPECT_EQ(must(cose_encrypt(envelope.sealed, recipients)), hex(c["cose"])) << c["name"];
    const auto plain =
        must(open_file(hex(c["cose"]), c["recipients"][0]["reader"], vector_chain()));
    EXPECT_TRUE(test::same(plain, test::plain_of(c))) << c["name"];
  }
}

TEST(SealedVectors, WhatIsSpoiledIsRefused) {
  EXPECT_GT(sealed_vectors()["refuse"].size(), 30U);
  for (const auto& c : sealed_vectors()["refuse"]) {
    Bytes bytes = hex(c["cose"]);
    bytes.resize(bytes.size() + c.value("zeros_behind", std::size_t{0}));
    const auto opened = open_file(bytes, c["reader"], fixed<Digest>(c["chain"]));
    EXPECT_EQ(name(opened.code()), c["error"].get<std::string>()) << c["name"];
  }
}

TEST(SealedVectors, SpoiledSegmentsAreRefused) {
  EXPECT_GT(sealed_vectors()["refuse_segments"].size(), 10U);
  for (const auto& c : sealed_vectors()["refuse_segments"]) {
    const auto segment = must(decode<Segment>(hex(c["entry"])));
    const auto key = ContentKey::from(hex(c["content_key"]));
    EXPECT_EQ(name(open_segment(vector_chain(), segment, *key).code()),
              c["error"].get<std::string>())
        << c["name"];
  }
}

// Every byte of a COSE_Encrypt for its one reader holds: header, iv, salt, check, ciphertext, recipient.
TEST(SealedVectors, NoSingleChangedByteOpens) {
  const auto& c = sealed_vectors()["sealed"][1];
  ASSERT_EQ(c["recipients"].size(), 1U);
  const Bytes whole = hex(c["cose"]);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      Bytes bytes = whole;
      bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ bit);
      const auto opened = open_file(bytes, c["recipients"][0]["reader"], vector_chain());
      EXPECT_TRUE(opened.code() == Errc::kSeal || opened.code() == Errc::kSealReader)
          << "byte " << i << ": " << name(opened.code());
    }
  }
}

TEST(SealedVectors, NoChangedByteOfARecipientUnwraps) {
  const auto& r = sealed_vectors()["sealed"][0]["recipients"][0];
  const Bytes whole = hex(r["bytes"]);
  const auto reader = vector_reader(r["reader"]);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes bytes = whole;
    bytes[i] ^= 0x10;
    const bool of_kid = i >= 9 && i < 9 + KeyId::kSize;
    EXPECT_EQ(unwrap(bytes, reader).code(), of_kid ? Errc::kSealReader : Errc::kSeal) << i;
  }
  EXPECT_EQ(unwrap(ByteView(whole).first(whole.size() - 1), reader).code(), Errc::kSeal);
  EXPECT_EQ(unwrap({}, reader).code(), Errc::kSeal);
}

TEST(SealedVectors, NoChangedByteOfASealedContentOpens) {
  const auto& c = sealed_vectors()["sealed"][0];
  const auto sealed = must(decode<Segment>(hex(c["entry"])));
  const auto key = ContentKey::from(hex(c["content_key"]));
  for (std::size_t i = 0; i < sealed.content.size(); ++i) {
    Segment changed = sealed;
    changed.content[i] ^= 0x04;
    EXPECT_EQ(open_segment(vector_chain(), changed, *key).code(), Errc::kSeal) << i;
  }
}

}  // namespace
}  // namespace lotmark::sealed
