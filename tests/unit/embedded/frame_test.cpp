// Frames as docs/format/frames.md has them.
#include "core/embedded/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes text(const std::string& s) { return {s.begin(), s.end()}; }

Bytes encode(std::uint8_t type, const Bytes& body) {
  Bytes out(LM_FRAME_BYTES_MAX);
  out.resize(lm_frame_encode(type, body.data(), body.size(), out.data(), out.size()));
  return out;
}

// What came of each 0x00: "T:body" for a frame, else the name of the error.
class Line {
 public:
  Line() { lm_frame_decoder_init(&decoder_); }

  Line& feed(const Bytes& bytes) {
    const std::uint8_t* data = bytes.data();
    std::size_t size = bytes.size();
    while (size != 0) {
      lm_frame frame{};
      note(lm_frame_feed_chunk(&decoder_, &data, &size, &frame), frame);
    }
    return *this;
  }

  std::vector<std::string> seen;
  std::vector<Bytes> bodies;

 private:
  void note(lm_frame_result result, const lm_frame& frame) {
    static const char* const kNames[] = {"", "", "large", "short", "cobs", "crc"};
    if (result == kLmFrameMore) return;
    if (result != kLmFrameReady) {
      seen.emplace_back(kNames[result]);
      return;
    }
    bodies.emplace_back(frame.body, frame.body + frame.body_size);
    seen.push_back(std::to_string(frame.type) + ":" +
                   std::string(bodies.back().begin(), bodies.back().end()));
  }

  lm_frame_decoder decoder_{};
};

Bytes pattern(std::size_t size, unsigned zero_every) {
  Bytes out(size);
  for (std::size_t i = 0; i < size; i++) {
    out[i] = zero_every != 0 && i % zero_every == 0 ? std::uint8_t{0}
                                                    : static_cast<std::uint8_t>(1 + i % 255);
  }
  return out;
}

TEST(Crc32, MatchesThePublishedCheckValue) {
  EXPECT_EQ(lm_crc32(0, "123456789", 9), 0xcbf43926u);
  EXPECT_EQ(lm_crc32(lm_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
  EXPECT_EQ(lm_crc32(0, "", 0), 0u);
}

TEST(Frame, ExamplesOfThePage) {
  EXPECT_EQ(encode(kLmFramePress, {}), (Bytes{0x06, 0x08, 0xbf, 0x67, 0xd9, 0xdc, 0x00}));
  Bytes anchor(40);
  anchor[7] = 5;
  for (std::size_t i = 0; i < 32; i++) anchor[8 + i] = static_cast<std::uint8_t>(i);
  Bytes line{0x02, 0x09, 0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x02, 0x05, 0x24};
  for (std::size_t i = 1; i < 32; i++) line.push_back(static_cast<std::uint8_t>(i));
  for (int b : {0x1f, 0x74, 0xf6, 0xce, 0x00}) line.push_back(static_cast<std::uint8_t>(b));
  EXPECT_EQ(encode(kLmFrameAnchor, anchor), line);
}

TEST(Frame, EverySizeComesBackWithAndWithoutZeros) {
  for (unsigned zero_every : {0u, 1u, 2u, 7u, 254u, 255u}) {
    for (std::size_t size = 0; size <= LM_FRAME_BODY_BYTES_MAX; size++) {
      const Bytes body = pattern(size, zero_every);
      const Bytes line = encode(kLmFrameBundle, body);
      ASSERT_FALSE(line.empty());
      ASSERT_LE(line.size(), LM_FRAME_BYTES_MAX);
      ASSERT_EQ(std::count(line.begin(), line.end(), 0), 1);
      Line reader;
      reader.feed(line);
      ASSERT_EQ(reader.bodies, std::vector<Bytes>{body}) << size << " " << zero_every;
    }
  }
}

TEST(Frame, RandomBodiesComeBackFromOneStream) {
  std::mt19937 random(7);
  Line reader;
  std::vector<Bytes> sent;
  Bytes stream;
  for (int i = 0; i < 500; i++) {
    Bytes body(random() % (LM_FRAME_BODY_BYTES_MAX + 1));
    for (auto& b : body) b = static_cast<std::uint8_t>(random() % 3 == 0 ? 0 : random());
    const Bytes line = encode(static_cast<std::uint8_t>(random() % 256), body);
    stream.insert(stream.end(), line.begin(), line.end());
    sent.push_back(body);
  }
  for (std::size_t at = 0; at < stream.size();) {  // in chunks of any size
    const std::size_t size = std::min<std::size_t>(1 + random() % 700, stream.size() - at);
    reader.feed({stream.begin() + static_cast<std::ptrdiff_t>(at),
                 stream.begin() + static_cast<std::ptrdiff_t>(at + size)});
    at += size;
  }
  EXPECT_EQ(reader.bodies, sent);
}

TEST(Frame, EveryFlippedBitIsRefused) {
  for (const Bytes& body : {Bytes{}, text("hello"), pattern(300, 5), pattern(300, 0),
                            pattern(LM_FRAME_BODY_BYTES_MAX, 0), Bytes(254, 0)}) {
    const Bytes good = encode(kLmFrameHello, body);
    for (std::size_t bit = 0; bit < good.size() * 8; bit++) {
      Bytes bad = good;
      bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1u << bit % 8));
      Line reader;
      reader.feed(bad).feed({0});
      ASSERT_TRUE(reader.bodies.empty()) << "bit " << bit << " of " << good.size() * 8;
      ASSERT_FALSE(reader.seen.empty()) << "bit " << bit;
    }
  }
}

TEST(Frame, EveryTruncationIsRefusedAndTheNextFrameRead) {
  const Bytes good = encode(kLmFrameStart, pattern(400, 9));
  const Bytes next = encode(kLmFrameHello, text("next"));
  for (std::size_t size = 1; size + 1 < good.size(); size++) {
    Line reader;
    reader.feed({good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)}).feed({0});
    reader.feed(next);
    ASSERT_EQ(reader.seen.size(), 2u) << size;
    ASSERT_EQ(reader.seen[1], "3:next") << size;
    ASSERT_EQ(reader.bodies.size(), 1u) << size;
  }
}

TEST(Frame, LostFrontIsRefusedAndTheNextFrameRead) {
  const Bytes good = encode(kLmFrameStart, pattern(400, 9));
  for (std::size_t from = 1; from + 1 < good.size(); from++) {
    Line reader;
    reader.feed({good.begin() + static_cast<std::ptrdiff_t>(from), good.end()});
    reader.feed(encode(kLmFrameHello, text("next")));
    ASSERT_EQ(reader.bodies, std::vector<Bytes>{text("next")}) << from;
  }
}

TEST(Frame, IdleLineIsNoError) {
  Line reader;
  reader.feed({0, 0, 0}).feed(encode(kLmFrameHello, text("a"))).feed({0, 0});
  EXPECT_THAT(reader.seen, testing::ElementsAre("3:a"));
}

TEST(Frame, GarbageOfAnyLengthIsOneErrorUpToTheNextZero) {
  for (std::size_t size : {1u, 5u, 520u, 522u, 100000u}) {
    Line reader;
    reader.feed(Bytes(size, 0xaa)).feed({0}).feed(encode(kLmFrameHello, text("a")));
    ASSERT_EQ(reader.seen.size(), 2u) << size;
    EXPECT_EQ(reader.seen[1], "3:a");
  }
}

TEST(Frame, RandomGarbageNeverYieldsAFrame) {
  std::mt19937 random(11);
  Line reader;
  for (int i = 0; i < 2000; i++) {
    Bytes noise(random() % 300);
    for (auto& b : noise) b = static_cast<std::uint8_t>(random());
    reader.feed(noise);
  }
  EXPECT_TRUE(reader.bodies.empty());
  reader.seen.clear();
  reader.feed({0}).feed(encode(kLmFramePress, {}));
  EXPECT_EQ(reader.seen.back(), "8:");
}

TEST(Frame, BodyAboveTheLimitIsNotWritten) {
  EXPECT_TRUE(encode(kLmFrameBundle, pattern(LM_FRAME_BODY_BYTES_MAX + 1, 0)).empty());
}

TEST(Frame, BodyAboveTheLimitIsNotRead) {
  // One byte too many, written as the encoder would: three groups of 254, all of it non-zero.
  Bytes line;
  for (std::size_t group = 0; group < 3; group++) {
    const std::size_t size = group < 2 ? 254 : LM_FRAME_RAW_BYTES_MAX + 1 - 508;
    line.push_back(static_cast<std::uint8_t>(size + 1));
    line.insert(line.end(), size, 0x55);
  }
  line.push_back(0);
  Line reader;
  reader.feed(line).feed(encode(kLmFrameHello, text("a")));
  EXPECT_THAT(reader.seen, testing::ElementsAre("large", "3:a"));
}

TEST(Frame, SmallBufferIsNotOverrun) {
  const Bytes body = pattern(300, 4);
  const std::size_t needed = encode(kLmFrameBundle, body).size();
  for (std::size_t cap = 0; cap <= needed; cap++) {
    Bytes out(needed + 8, 0xee);
    EXPECT_EQ(lm_frame_encode(kLmFrameBundle, body.data(), body.size(), out.data(), cap),
              cap == needed ? needed : 0u);
    for (std::size_t i = cap; i < out.size(); i++) ASSERT_EQ(out[i], 0xee) << cap;
  }
}

TEST(Frame, TooShortForTypeAndCrcIsRefused) {
  Line reader;
  reader.feed({0x01, 0x00}).feed({0x05, 1, 2, 3, 4, 0x00});
  EXPECT_THAT(reader.seen, testing::ElementsAre("short", "short"));
}

TEST(Frame, GroupThatEndsEarlyIsBadCobs) {
  Line reader;
  reader.feed({0x09, 1, 2, 3, 4, 5, 0x00});
  EXPECT_THAT(reader.seen, testing::ElementsAre("cobs"));
}

TEST(Frame, SecondFormOfAFullLastGroupIsBadCobs) {
  // A raw frame of exactly 254 bytes without a zero: "ff <254>"; the other form adds an empty group
  // "01".
  for (std::uint8_t i = 1; i != 0; i++) {
    Bytes line = encode(i, pattern(249, 0));
    if (line[0] != 0xff) continue;  // its CRC holds a zero
    Line good;
    good.feed(line);
    ASSERT_EQ(good.bodies.size(), 1u);
    line.insert(line.end() - 1, 0x01);
    Line bad;
    bad.feed(line);
    ASSERT_THAT(bad.seen, testing::ElementsAre("cobs"));
  }
}

TEST(Frame, UnknownTypesAreReadAndLeftToTheCaller) {
  Line reader;
  reader.feed(encode(200, text("x")));
  EXPECT_THAT(reader.seen, testing::ElementsAre("200:x"));
}

TEST(Frame, TypeNumbersStay) {
  EXPECT_EQ(kLmFrameStart, 1);
  EXPECT_EQ(kLmFrameBundle, 2);
  EXPECT_EQ(kLmFrameHello, 3);
  EXPECT_EQ(kLmFrameEnrol, 4);
  EXPECT_EQ(kLmFrameError, 5);
  EXPECT_EQ(kLmFrameAck, 6);
  EXPECT_EQ(kLmFrameState, 7);
  EXPECT_EQ(kLmFramePress, 8);
  EXPECT_EQ(kLmFrameAnchor, 9);
}

}  // namespace
