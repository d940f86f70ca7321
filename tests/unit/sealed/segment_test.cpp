// Sealing and opening with fresh keys.
#include <gtest/gtest.h>

#include <set>

#include "core/sealed/cose_encrypt.h"
#include "core/wire/codec.h"
#include "tests/must.h"

namespace lotmark::sealed {
namespace {

using test::must;

const Digest kChain{{7}};

Segment note(std::size_t bytes = 20, Audience audience = Audience::kRegulator) {
  return {Salt{{1}}, "note", audience, "text/plain", Bytes(bytes, 'n')};
}

OpeningKey new_key() { return must(OpeningKey::from(new_scalar())); }

// A note sealed, and the sealed segment.
struct Sealed {
  Sealing sealing;
  Segment segment;
};
Sealed sealed_note(const Segment& plain = note()) {
  auto sealing = must(seal_segment(kChain, plain));
  auto segment = must(decode<Segment>(sealing.entry));
  return {std::move(sealing), std::move(segment)};
}

bool holds(ByteView bytes, std::string_view text) {
  return as_text(bytes).find(text) != std::string_view::npos;
}

TEST(SealedSegment, OpensWithItsKeyToWhatWasSealed) {
  const auto [sealing, segment] = sealed_note(note(300, Audience::kPartner));
  EXPECT_TRUE(is_sealed(segment));
  EXPECT_EQ(segment.audience, Audience::kPartner);
  const auto plain = must(open_segment(kChain, segment, sealing.key));
  EXPECT_EQ(plain.name, "note");
  EXPECT_EQ(plain.media, "text/plain");
  EXPECT_EQ(plain.audience, Audience::kPartner);
  EXPECT_EQ(plain.content, Bytes(300, 'n'));
  EXPECT_EQ(plain.salt, segment.salt);
}

TEST(SealedSegment, HoldsNothingOfThePlainOne) {
  Segment secret = note();
  const std::string_view marker = "MARKER-OF-THE-RECIPE";
  secret.content = to_bytes(as_bytes(marker));
  EXPECT_TRUE(holds(encode(secret), marker));
  const auto [sealing, segment] = sealed_note(secret);
  EXPECT_FALSE(holds(sealing.entry, marker));
  EXPECT_FALSE(holds(sealing.entry, "text/plain"));
  EXPECT_NE(segment.salt, secret.salt);
}

TEST(SealedSegment, IsNewEachTime) {
  std::set<Bytes> entries;
  std::set<Bytes> keys;
  for (int i = 0; i < 50; ++i) {
    const auto sealing = must(seal_segment(kChain, note()));
    entries.insert(sealing.entry);
    keys.insert(to_bytes(sealing.key.view()));
  }
  EXPECT_EQ(entries.size(), 50U);
  EXPECT_EQ(keys.size(), 50U);
}

TEST(SealedSegment, OpensOnItsChainAndInItsPlaceOnly) {
  const auto [sealing, segment] = sealed_note();
  EXPECT_EQ(open_segment(Digest{{8}}, segment, sealing.key).code(), Errc::kSeal);
  Segment moved = segment;
  moved.salt.bytes[0] ^= 1;
  EXPECT_EQ(open_segment(kChain, moved, sealing.key).code(), Errc::kSeal);
  moved = segment;
  moved.audience = Audience::kPartner;
  EXPECT_EQ(open_segment(kChain, moved, sealing.key).code(), Errc::kSeal);
  EXPECT_EQ(open_segment(kChain, segment, ContentKey::random()).code(), Errc::kSeal);
  EXPECT_EQ(open_segment(kChain, note(), sealing.key).code(), Errc::kSeal);
}

TEST(SealedSegment, TakesAsMuchContentAsThePageSays) {
  Segment longest = note(kPlainContentMax);
  longest.name = std::string(256, 'n');
  longest.media = std::string(256, 'm');
  const auto [sealing, segment] = sealed_note(longest);
  EXPECT_EQ(segment.content.size(), limits::kSegmentContent);
  EXPECT_EQ(must(open_segment(kChain, segment, sealing.key)).content, longest.content);
  longest.content.push_back(0);
  EXPECT_EQ(seal_segment(kChain, longest).code(), Errc::kSegmentSize);
  Segment claim = note(65420);
  claim.name = kClaimName;
  claim.media = kClaimMedia;
  EXPECT_TRUE(seal_segment(kChain, claim));
  claim.content.push_back(0);
  EXPECT_EQ(seal_segment(kChain, claim).code(), Errc::kSegmentSize);
}

TEST(SealedSegment, IsNotMadeOfWhatNobodyCouldOpen) {
  Segment bad = note();
  bad.name = std::string(257, 'n');
  EXPECT_EQ(seal_segment(kChain, bad).code(), Errc::kFieldRange);
  bad.name = "\xff";
  EXPECT_EQ(seal_segment(kChain, bad).code(), Errc::kFieldRange);
  EXPECT_EQ(seal_segment(kChain, note(70'000)).code(), Errc::kSegmentSize);
}

TEST(SealedSegment, OfThePublicOrOfASealedOneIsRefused) {
  EXPECT_EQ(seal_segment(kChain, note(1, Audience::kPublic)).code(), Errc::kFieldRange);
  EXPECT_EQ(seal_segment(kChain, sealed_note().segment).code(), Errc::kFieldRange);
}

TEST(SealedRecipient, GivesTheKeyToItsReaderAlone) {
  const auto mine = new_key();
  const auto key = ContentKey::random();
  const Bytes recipient = must(wrap(key, mine.reader()));
  EXPECT_EQ(recipient.size(), kRecipientSize);
  EXPECT_EQ(must(recipient_kid(recipient)), mine.kid());
  EXPECT_EQ(to_bytes(must(unwrap(recipient, mine)).view()), to_bytes(key.view()));
  EXPECT_EQ(unwrap(recipient, new_key()).code(), Errc::kSealReader);
  EXPECT_NE(must(wrap(key, mine.reader())), recipient);  // ephemeral keys are used once
}

TEST(SealedRecipient, OfAnotherSegmentDoesNotOpenThisOne) {
  const auto mine = new_key();
  const auto a = sealed_note();
  const auto b = sealed_note();
  const Bytes of_b = must(wrap(b.sealing.key, mine.reader()));
  const auto envelope = must(read_cose_encrypt(must(cose_encrypt(a.segment, {of_b}))));
  EXPECT_EQ(open_envelope(kChain, envelope, mine).code(), Errc::kSeal);
}

TEST(SealedCoseEncrypt, OpensForEachOfItsReaders) {
  const auto [sealing, segment] = sealed_note();
  std::vector<OpeningKey> keys;
  std::vector<Bytes> recipients;
  for (std::size_t i = 0; i < limits::kSealedReaders; ++i) {
    keys.push_back(new_key());
    recipients.push_back(must(wrap(sealing.key, keys.back().reader())));
  }
  const Bytes file = must(cose_encrypt(segment, recipients));
  const auto envelope = must(read_cose_encrypt(file));
  EXPECT_EQ(encode(envelope.sealed), sealing.entry);
  for (const auto& key : keys) {
    EXPECT_EQ(must(open_envelope(kChain, envelope, key)).content, note().content);
  }
  EXPECT_EQ(open_envelope(kChain, envelope, new_key()).code(), Errc::kSealReader);
  recipients.push_back(must(wrap(sealing.key, new_key().reader())));
  EXPECT_EQ(cose_encrypt(segment, recipients).code(), Errc::kFieldRange);
}

TEST(SealedCoseEncrypt, OfTheLargestSegmentAndMostReadersIsRead) {
  const auto [sealing, segment] = sealed_note(note(65420));
  std::vector<Bytes> recipients;
  for (std::size_t i = 0; i < limits::kSealedReaders; ++i) {
    recipients.push_back(must(wrap(sealing.key, new_key().reader())));
  }
  const Bytes file = must(cose_encrypt(segment, recipients));
  EXPECT_TRUE(read_cose_encrypt(file));
}

TEST(SealedCoseEncrypt, IsWrittenOfSealedSegmentsAndSoundRecipientsOnly) {
  const auto [sealing, segment] = sealed_note();
  const Bytes recipient = must(wrap(sealing.key, new_key().reader()));
  EXPECT_EQ(cose_encrypt(note(), {recipient}).code(), Errc::kSeal);
  EXPECT_EQ(cose_encrypt(segment, {}).code(), Errc::kFieldRange);
  EXPECT_EQ(cose_encrypt(segment, {recipient, recipient}).code(), Errc::kSeal);
  EXPECT_EQ(cose_encrypt(segment, {Bytes(kRecipientSize)}).code(), Errc::kSeal);
}

TEST(SealedKeys, AreRefusedOffTheCurveAndOutOfRange) {
  EXPECT_EQ(ReaderKey::from(PublicKey{{4, 1}}).code(), Errc::kKeyBad);
  EXPECT_EQ(OpeningKey::from(Scalar{}).code(), Errc::kKeyBad);
  const auto key = new_key();
  EXPECT_EQ(must(ReaderKey::from(key.public_key())).kid, key.kid());
  EXPECT_EQ(key.agree(PublicKey{}).code(), Errc::kKeyBad);
}

TEST(SealedKeys, AgreeToTheSameSecretOnBothSides) {
  const auto a = new_key();
  const auto b = new_key();
  EXPECT_EQ(to_bytes(must(a.agree(b.public_key())).view()),
            to_bytes(must(b.agree(a.public_key())).view()));
}

TEST(SealedKeys, AContentKeyLeavesNothingWhereItWas) {
  auto key = ContentKey::random();
  const auto* place = &key;
  const auto moved = std::move(key);
  EXPECT_EQ(to_bytes(place->view()), Bytes(ContentKey::kSize));
  EXPECT_NE(to_bytes(moved.view()), Bytes(ContentKey::kSize));
  EXPECT_FALSE(ContentKey::from(Bytes(31)));
}

}  // namespace
}  // namespace lotmark::sealed
