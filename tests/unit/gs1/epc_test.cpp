#include "core/gs1/epc.h"

#include <gtest/gtest.h>

#include "core/base/hex.h"

namespace lotmark::gs1 {
namespace {

struct Tag {
  Bytes bytes;
  EpcMemory memory() const { return {bytes, bytes.size() * 8}; }
};

// Hex digits, filled with zeros to whole words as tags are.
Tag tag(std::string hex, std::size_t bits = 0) {
  const std::size_t size = std::max((hex.size() + 3) / 4 * 4, bits / 4);
  hex.resize(size, '0');
  return {*from_hex(hex)};
}

EpcIdentity identity(const std::string& hex, std::size_t bits = 0) {
  auto id = read_epc(tag(hex, bits).memory());
  EXPECT_TRUE(id) << hex;
  return id.value_or(EpcIdentity{});
}

bool refused(const std::string& hex, std::size_t bits = 0) {
  return !read_epc(tag(hex, bits).memory());
}

// The summary examples of TDS 2.3, annex E.3 (an erratum: the table's URI of SGTIN-96 has another serial).
TEST(Epc, ReadsTheStandardsOwnExamples) {
  struct Case {
    const char* hex;
    std::size_t bits;
    const char* urn;
    const char* path;
  };
  for (const auto& c : std::initializer_list<Case>{
           {"3066C4409047E140075BCD15", 96, "urn:epc:id:sgtin:95060001343.05.123456789",
            "/01/09506000134352/21/123456789"},
           {"3666C4409047E159B2C2BF10", 208, "urn:epc:id:sgtin:95060001343.05.32a%2Fb",
            "/01/09506000134352/21/32a%2Fb"},
           {"F73795211411234538566CB0AFC4", 112, "", "/01/79521141123453/21/32a%2Fb"},
           {"FB342CDE795211411234538566CB0AFC4", 144, "",
            "/01/79521141123453/21/32a%2Fb?17=220630"},
           {"311BA1B300CE0A6A83000000", 96, "urn:epc:id:sscc:952012.03456789123",
            "/00/095201234567891235"},
           {"F90095201234567891235", 96, "", "/00/095201234567891235"},
           {"3276451FD46072000000162E", 96, "urn:epc:id:sgln:9521141.12345.5678",
            "/414/9521141123454/254/5678"},
           {"3976451FD46072CD9615F88", 208, "urn:epc:id:sgln:9521141.12345.32a%2Fb",
            "/414/9521141123454/254/32a%2Fb"},
           {"F2395211411234548566CB0AFC4", 112, "", "/414/9521141123454/254/32a%2Fb"}}) {
    const auto id = identity(c.hex, c.bits);
    EXPECT_EQ(id.urn, c.urn) << c.hex;
    EXPECT_EQ(id.link, "https://id.gs1.org" + std::string(c.path)) << c.hex;
  }
}

// Bits of a field list, so that a test says what stands on the tag.
class Encoder {
 public:
  Encoder& put(std::uint64_t v, std::size_t bits) {
    for (std::size_t i = bits; i-- > 0;) bits_.push_back((v >> i & 1) != 0);
    return *this;
  }
  Encoder& text(const std::string& s, std::size_t bits) {
    for (const char c : s) put(static_cast<std::uint64_t>(c), 7);
    return zeros(bits - 7 * s.size());
  }
  Encoder& digits(const std::string& s) {
    for (const char c : s) put(static_cast<std::uint64_t>(c - '0'), 4);
    return *this;
  }
  Encoder& zeros(std::size_t bits) {
    bits_.insert(bits_.end(), bits, false);
    return *this;
  }
  Tag tag() const {
    Tag t;
    t.bytes.resize((bits_.size() + 15) / 16 * 2);
    for (std::size_t i = 0; i < bits_.size(); ++i) {
      if (bits_[i]) t.bytes[i / 8] |= static_cast<std::uint8_t>(0x80 >> i % 8);
    }
    return t;
  }

 private:
  std::vector<bool> bits_;
};

TEST(Epc, AssetsOfNumbersAndOfText) {
  const auto grai =
      Encoder().put(0x33, 8).put(0, 3).put(5, 3).put(9521141, 24).put(12345, 20).put(678, 38);
  const auto id = read_epc(grai.tag().memory());
  ASSERT_TRUE(id);
  EXPECT_EQ(id->urn, "urn:epc:id:grai:9521141.12345.678");
  EXPECT_EQ(id->link, "https://id.gs1.org/8003/09521141123454678");
  const auto text =
      Encoder().put(0x37, 8).put(0, 3).put(0, 3).put(952114112345, 40).zeros(4).text("A/1", 112);
  EXPECT_EQ(read_epc(text.tag().memory())->urn, "urn:epc:id:grai:952114112345..A%2F1");
  const auto giai = Encoder().put(0x34, 8).put(0, 3).put(6, 3).put(952114, 20).put(42, 62);
  EXPECT_EQ(read_epc(giai.tag().memory())->link, "https://id.gs1.org/8004/95211442");
  const auto named = Encoder().put(0x38, 8).put(0, 3).put(6, 3).put(952114, 20).text("x(1)", 168);
  EXPECT_EQ(read_epc(named.tag().memory())->urn, "urn:epc:id:giai:952114.x(1)");
}

TEST(Epc, APlaceWithoutExtensionHasNoneInItsLink) {
  const auto sgln =
      Encoder().put(0x32, 8).put(1, 3).put(5, 3).put(9521141, 24).put(12345, 17).put(0, 41);
  const auto id = read_epc(sgln.tag().memory());
  ASSERT_TRUE(id);
  EXPECT_EQ(id->urn, "urn:epc:id:sgln:9521141.12345.0");
  EXPECT_EQ(id->link, "https://id.gs1.org/414/9521141123454");
}

Encoder plus_item(std::uint64_t how, std::size_t count) {
  return Encoder()
      .put(0xF7, 8)
      .put(0, 1)
      .put(1, 3)
      .digits("79521141123453")
      .put(how, 3)
      .put(count, 5);
}

std::string serial_of(const Encoder& e) {
  const auto id = read_epc(e.tag().memory());
  return id ? id->link.substr(id->link.rfind('/') + 1) : "refused";
}

TEST(Epc, ASerialOfAnyOfTheSixEncodings) {
  EXPECT_EQ(serial_of(plus_item(0, 4).put(42, 14)), "0042");
  EXPECT_EQ(serial_of(plus_item(0, 20).put(0x5, 3).put(0x6BC75E2D630FFFFF, 64)),
            "99999999999999999999");
  EXPECT_EQ(serial_of(plus_item(1, 3).put(0xA0F, 12)), "A0F");
  EXPECT_EQ(serial_of(plus_item(2, 3).put(0xA0F, 12)), "a0f");
  EXPECT_EQ(serial_of(plus_item(3, 4).put(0, 6).put(26, 6).put(62, 6).put(63, 6)), "Aa-_");
  EXPECT_EQ(serial_of(plus_item(4, 2).put('z', 7).put('9', 7)), "z9");
  EXPECT_EQ(serial_of(plus_item(5, 4).put(1600 * 1 + 40 * 27 + 30 + 1, 16).put(1600 * 39 + 1, 16)),
            "A-09");
}

TEST(Epc, WhatASerialMayNotBeIsRefused) {
  EXPECT_EQ(serial_of(plus_item(4, 0)), "refused");
  EXPECT_EQ(serial_of(plus_item(4, 21).text(std::string(21, 'A'), 147)), "refused");
  EXPECT_EQ(serial_of(plus_item(4, 1).put('#', 7)), "refused");
  EXPECT_EQ(serial_of(plus_item(6, 1).put('A', 7)), "refused");
  EXPECT_EQ(serial_of(plus_item(0, 1).put(10, 4)), "refused");
  EXPECT_EQ(serial_of(plus_item(5, 1).put(64001, 16)), "refused");
  EXPECT_EQ(serial_of(plus_item(5, 1).put(1600 + 40 + 1 + 1, 16)), "refused");  // three for one
}

TEST(Epc, DataBehindAPlusSchemeIsPassedOverOnlyIfItSaysSo) {
  const auto item = [](std::uint64_t toggle) {
    return Encoder()
        .put(0xF9, 8)
        .put(toggle, 1)
        .put(0, 3)
        .digits("095201234567891235")
        .put(0x10, 8);
  };
  EXPECT_TRUE(read_epc(item(1).tag().memory()));
  EXPECT_FALSE(read_epc(item(0).tag().memory()));
}

TEST(Epc, WrongCheckDigitOfAPlusSchemeIsRefused) {
  EXPECT_TRUE(refused("F73795211411234548566CB0AFC4"));
  EXPECT_TRUE(refused("F90095201234567891236"));
  EXPECT_TRUE(refused("F2395211411234558566CB0AFC4"));
}

TEST(Epc, DatesThatAreNoneAreRefused) {
  EXPECT_TRUE(
      refused("FB3"
              "4"
              "2CDE"
              "79521141123454"
              "8566CB0AFC4"));  // check digit
  EXPECT_FALSE(
      refused("FB3"
              "4"
              "2CC0"
              "79521141123453"
              "8566CB0AFC4"));  // a month without day
  EXPECT_TRUE(
      refused("FB3"
              "4"
              "2C1E"
              "79521141123453"
              "8566CB0AFC4"));  // month 0
  EXPECT_TRUE(
      refused("FB3"
              "7"
              "2CDE"
              "79521141123453"
              "8566CB0AFC4"));  // a type not given out
}

TEST(Epc, NumbersAboveTheirDigitsAreRefused) {
  EXPECT_TRUE(refused("307FFFFFFFFFFFFFFFFFFFFF"));  // partition 7
  const auto prefix =
      Encoder().put(0x30, 8).put(0, 3).put(6, 3).put(1000000, 20).put(1, 24).put(1, 38);
  EXPECT_FALSE(read_epc(prefix.tag().memory()));
  const auto item =
      Encoder().put(0x30, 8).put(0, 3).put(6, 3).put(999999, 20).put(10000000, 24).put(1, 38);
  EXPECT_FALSE(read_epc(item.tag().memory()));
  const auto place = Encoder().put(0x32, 8).put(0, 3).put(0, 3).put(1, 40).put(1, 1).put(1, 41);
  EXPECT_FALSE(read_epc(place.tag().memory()));
  const auto reserved =
      Encoder().put(0x31, 8).put(0, 3).put(6, 3).put(952012, 20).put(1, 38).put(1, 24);
  EXPECT_FALSE(read_epc(reserved.tag().memory()));
}

TEST(Epc, TextWithAHoleOrAForeignCharacterIsRefused) {
  const auto serial = [](const std::string& s) {
    return Encoder().put(0x36, 8).put(0, 3).put(6, 3).put(952012, 20).put(1, 24).text(s, 140);
  };
  EXPECT_TRUE(read_epc(serial("A1").tag().memory()));
  EXPECT_FALSE(read_epc(serial("").tag().memory()));
  EXPECT_FALSE(read_epc(serial(std::string("A\0B", 3)).tag().memory()));
  EXPECT_FALSE(read_epc(serial("A B").tag().memory()));
}

TEST(Epc, EveryLengthShorterThanTheSchemeIsRefused) {
  for (const char* hex : {"3066C4409047E140075BCD15", "311BA1B300CE0A6A83000000",
                          "F73795211411234538566CB0AFC4", "3276451FD46072000000162E"}) {
    const Bytes bytes = *from_hex(hex);
    const auto whole = read_epc({bytes, bytes.size() * 8});
    ASSERT_TRUE(whole);
    for (std::size_t bits = 0; bits < bytes.size() * 8; ++bits) {
      const auto part = read_epc({bytes, bits});
      // What is cut off a "+" scheme's filling is no loss.
      if (part) {
        EXPECT_EQ(part->link, whole->link) << hex << " " << bits;
      }
    }
    EXPECT_FALSE(read_epc({bytes, 88})) << hex;
  }
}

TEST(Epc, ZerosAfterAClassicSchemeAreRoomOnTheTag) {
  EXPECT_FALSE(refused("3066C4409047E140075BCD150000"));
  EXPECT_TRUE(refused("3066C4409047E140075BCD150001"));
}

TEST(Epc, UnknownContentIsKeptAsItIs) {
  EXPECT_EQ(epc_text(tag("E2801160600002084CD1A1B2").memory(), EpcForm::kUrn),
            "urn:epc:raw:96.xE2801160600002084CD1A1B2");
  const Bytes bytes{0xAB, 0xC0};
  EXPECT_EQ(raw_epc({bytes, 10}), "urn:epc:raw:10.x2AF");
  EXPECT_EQ(raw_epc({bytes, 16}, std::uint8_t{0xA1}), "urn:epc:raw:16.xA1.xABC0");
}

TEST(Epc, OneTextForAChannelInEitherForm) {
  const auto classic = tag("3066C4409047E140075BCD15");
  EXPECT_EQ(epc_text(classic.memory(), EpcForm::kUrn), "urn:epc:id:sgtin:95060001343.05.123456789");
  EXPECT_EQ(epc_text(classic.memory(), EpcForm::kLink),
            "https://id.gs1.org/01/09506000134352/21/123456789");
  const auto item = tag("F73795211411234538566CB0AFC4");
  EXPECT_EQ(epc_text(item.memory(), EpcForm::kUrn),
            "https://id.gs1.org/01/79521141123453/21/32a%2Fb");
}

}  // namespace
}  // namespace lotmark::gs1
