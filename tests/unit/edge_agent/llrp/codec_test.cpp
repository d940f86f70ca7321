// Bytes written down by hand from LLRP 1.0.1, section 16, and what a real reader sent.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "edge-agent/source/llrp/answers.h"
#include "edge-agent/source/llrp/parameter.h"
#include "edge-agent/source/llrp/requests.h"

namespace lotmark::agent::llrp {
namespace {

Bytes hex(std::string text) {
  std::erase(text, ' ');
  return from_hex(text).value();
}

std::string hex_of(ByteView bytes) { return to_hex(bytes); }

TEST(LlrpMessage, IsWrittenWithVersionTypeLengthAndId) {
  EXPECT_EQ(encode({MessageType::kKeepaliveAck, 0x01020304, {}}), hex("0448 0000000a 01020304"));
  EXPECT_EQ(encode({MessageType::kStartRospec, 5, rospec_reference(7)}),
            hex("0416 0000000e 00000005 00000007"));
}

TEST(LlrpMessage, ComesWholeHoweverItIsCut) {
  const Bytes two = hex("043e 0000000a 00000001  083d 0000000c 00000002 abcd");
  for (std::size_t chunk = 1; chunk <= two.size(); ++chunk) {
    MessageCutter cutter;
    std::vector<Message> got;
    for (std::size_t at = 0; at < two.size(); at += chunk) {
      cutter.feed(ByteView(two).subspan(at, std::min(chunk, two.size() - at)));
      for (auto m = cutter.next(); m && *m; m = cutter.next()) got.push_back(**m);
    }
    ASSERT_EQ(got.size(), 2u) << chunk;
    EXPECT_EQ(got[0], (Message{MessageType::kKeepalive, 1, {}}));
    EXPECT_EQ(got[1], (Message{MessageType::kRoAccessReport, 2, {0xab, 0xcd}}));
    EXPECT_EQ(cutter.held(), 0u);
  }
}

TEST(LlrpMessage, AHeaderThatCannotBeIsTheEndOfTheConnection) {
  for (const char* header : {"003e 0000000a 00000001",     // no version
                             "0c3e 0000000a 00000001",     // version 3
                             "043e 00000009 00000001",     // shorter than its header
                             "043e 00100001 00000001"}) {  // above a megabyte
    MessageCutter cutter;
    cutter.feed(hex(header));
    EXPECT_EQ(cutter.next().code(), Errc::kFieldRange) << header;
  }
}

TEST(LlrpRequest, RospecRunsOnAllAntennasAndReportsEachTag) {
  const Bytes id = std::move(Writer().u32(rospec_id({}))).take();
  EXPECT_EQ(hex_of(add_rospec({})), hex_of(hex("00b10046" + to_hex(ByteView(id)) +
                                               "0000"
                                               "00b20012 00b3000501 00b600090000000000"
                                               "00b70018 00010000 00b800090000000000 00ba0007000101"
                                               "00ed0012 020001 00ee000b 1700 015c000540")));
}

TEST(LlrpRequest, RospecOfTwoAntennasInASession) {
  const RospecOptions options{{1, 3}, std::uint8_t{2}, 100};
  const Bytes id = std::move(Writer().u32(rospec_id(options))).take();
  EXPECT_EQ(hex_of(add_rospec(options)),
            hex_of(hex("00b1005e" + to_hex(ByteView(id)) +
                       "0000"
                       "00b20012 00b3000501 00b600090000000000"
                       "00b70030 000200010003 00b800090000000000"
                       "00ba001d000101 00de00160000 014a001000 0150000b 80 0064 00000000"
                       "00ed0012 020001 00ee000b 1700 015c000540")));
}

TEST(LlrpRequest, AnotherRospecHasAnotherId) {
  EXPECT_EQ(rospec_id({}), rospec_id({}));
  EXPECT_NE(rospec_id({}), rospec_id({{1}, std::nullopt, 32}));
  EXPECT_NE(rospec_id({{1}, std::nullopt, 32}), rospec_id({{2}, std::nullopt, 32}));
  EXPECT_NE(rospec_id({}), 0u);
}

TEST(LlrpRequest, ConfigurationAsksForKeepalivesEventsAndHolding) {
  const std::string events = "00f40019 00f50007000380 00f50007000480 00f50007000880";
  EXPECT_EQ(hex_of(set_reader_config(10000, true)),
            hex_of(hex("00" + events + "00dc00090100002710 00e2000580")));
  EXPECT_EQ(hex_of(set_reader_config(1000, false)),
            hex_of(hex("00" + events + "00dc000901000003e8")));
  EXPECT_EQ(get_reader_capabilities(), Bytes{0});
}

TEST(LlrpEvent, ConnectionWithUtcOrUptime) {
  const auto utc = read_event(hex("00f60016 0080000c 00000000000f4240 010000060000"));
  ASSERT_TRUE(utc);
  EXPECT_EQ(utc->time, (Stamp{true, 1000000}));
  EXPECT_EQ(utc->connection_attempt, kConnected);
  const auto uptime = read_event(hex("00f60016 0081000c 00000000000f4240 010000060002"));
  EXPECT_EQ(uptime->time, (Stamp{false, 1000000}));
  EXPECT_EQ(uptime->connection_attempt, 2);
}

TEST(LlrpEvent, WhatCanBeMissingIsRead) {
  const auto e =
      read_event(hex("00f60028 0080000c 0000000000000001 00fa000562 00fb0004"
                     "00fc0008000268 69 00ff0007000002"));
  ASSERT_TRUE(e);
  EXPECT_EQ(e->buffer_filled, 0x62);
  EXPECT_TRUE(e->buffer_overflow);
  EXPECT_EQ(e->exception, "hi");
  ASSERT_TRUE(e->antenna);
  EXPECT_EQ(e->antenna->antenna, 2);
  EXPECT_FALSE(e->antenna->connected);
}

TEST(LlrpReport, EpcOfAnyLengthWithItsParticulars) {
  const auto r = read_report(
      hex("00f0002b 8d3066c4409047e140075bcd15 810002 86c4 820000000000000001 840000000000000002"
          "8c3000"
          "00f0000e 00f1000a0020deadbeef"));
  ASSERT_TRUE(r);
  EXPECT_EQ(r->bad, 0u);
  ASSERT_EQ(r->tags.size(), 2u);
  EXPECT_EQ(r->tags[0],
            (TagReport{hex("3066c4409047e140075bcd15"), 96, std::uint16_t{2}, std::int8_t{-60},
                       Stamp{true, 1}, Stamp{true, 2}, std::uint16_t{0x3000}}));
  EXPECT_EQ(r->tags[1].epc, hex("deadbeef"));
  EXPECT_EQ(r->tags[1].epc_bits, 32u);
  EXPECT_FALSE(r->tags[1].antenna);
}

TEST(LlrpReport, AVendorsParametersArePassedOver) {
  const auto r =
      read_report(hex("03ff000d0000651a00000001ff"
                      "00f0001e 8d3066c4409047e140075bcd15 03ff000d0000651a0000000aff"));
  ASSERT_TRUE(r);
  EXPECT_EQ(r->tags.size(), 1u);
}

TEST(LlrpReport, ADamagedTagIsCountedAndTheOthersAreRead) {
  const std::string good = "00f00011 8d3066c4409047e140075bcd15";
  for (const char* bad : {"00f00006 8101",                     // cut short
                          "00f00007 810001",                   // no EPC
                          "00f00005 ff",                       // a TV nobody knows
                          "00f0000a 00f100060000",             // an EPC of no bits
                          "00f0000e 00f1000a0060deadbeef"}) {  // fewer bytes than it says
    std::string all = good;
    all.append(bad).append(good);
    const auto r = read_report(hex(all));
    ASSERT_TRUE(r) << bad;
    EXPECT_EQ(r->tags.size(), 2u) << bad;
    EXPECT_EQ(r->bad, 1u) << bad;
  }
}

TEST(LlrpReport, EveryCutOfAMessageIsRefusedOrShorter) {
  const Bytes whole =
      hex("00f00011 8d3066c4409047e140075bcd15 00f00011 8d3066c4409047e140075bcd16");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto r = read_report(ByteView(whole).first(size));
    EXPECT_EQ(static_cast<bool>(r), size == 0 || size == 17) << size;
  }
}

TEST(LlrpAnswer, StatusCapabilitiesAndRospecs) {
  const auto refused = read_status(hex("011f000b 0064 0003 626164"));
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, 100);
  EXPECT_EQ(refused->text, "bad");
  EXPECT_FALSE(read_status(hex("011f0007 0064 00")));
  EXPECT_FALSE(read_status({}));
  const auto rospecs =
      read_rospecs(hex("011f000800000000 00b1000a 00000007 00 02 00b1000a 00000008 00 00"));
  ASSERT_TRUE(rospecs);
  ASSERT_EQ(rospecs->size(), 2u);
  EXPECT_EQ((*rospecs)[0].id, 7u);
  EXPECT_EQ((*rospecs)[0].state, RospecState::kActive);
  EXPECT_EQ((*rospecs)[1].state, RospecState::kDisabled);
}

// Bodies a reader sent, with what they say; they lie beside the repository, not in it.
class RealReader : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(folder_)) {
      std::cout << "SKIPPED LOUDLY: no " << folder_ << std::endl;
      GTEST_SKIP();
    }
  }
  Bytes body(const std::string& name) const {
    std::ifstream in(folder_ / (name + ".bytes"), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  nlohmann::json truth(const std::string& name) const {
    std::ifstream in(folder_ / (name + ".json"));
    return nlohmann::json::parse(in);
  }
  const std::filesystem::path folder_ =
      std::filesystem::path(LOTMARK_SOURCE_DIR).parent_path() / "shared/data/llrp";
};

TEST_F(RealReader, ReportsSayWhatTheReaderSaid) {
  std::size_t files = 0;
  for (const char* name : {"ROAccessReport-001", "ROAccessReport-003", "ROAccessReport-005",
                           "ROAccessReport-007", "ROAccessReport-009"}) {
    const auto r = read_report(body(name));
    ASSERT_TRUE(r) << name;
    const auto expected = truth(name).at("TagReportData");
    ASSERT_EQ(r->tags.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto& tag = r->tags[i];
      EXPECT_EQ(tag.epc_bits, 96u);
      EXPECT_EQ(tag.antenna, expected[i].at("AntennaID").get<std::uint16_t>());
      EXPECT_EQ(tag.rssi_dbm, expected[i].at("PeakRSSI").get<std::int8_t>());
      EXPECT_EQ(tag.first_seen, (Stamp{true, expected[i].at("FirstSeenUTC").get<std::uint64_t>()}));
      EXPECT_FALSE(tag.last_seen);
      ++files;
    }
  }
  EXPECT_GE(files, 5u);
}

TEST_F(RealReader, CapabilitiesAndCloseAreRead) {
  const auto caps = read_capabilities(body("GetReaderCapabilitiesResponse-000"));
  ASSERT_TRUE(caps);
  const auto general = truth("GetReaderCapabilitiesResponse-000").at("GeneralDeviceCapabilities");
  EXPECT_EQ(caps->antennas, general.at("MaxSupportedAntennas").get<unsigned>());
  EXPECT_EQ(caps->utc_clock, general.at("HasUTCClock").get<bool>());
  EXPECT_EQ(caps->manufacturer, general.at("DeviceManufacturer").get<std::uint32_t>());
  EXPECT_EQ(caps->model, general.at("Model").get<std::uint32_t>());
  EXPECT_EQ(caps->firmware, general.at("FirmwareVersion").get<std::string>());
  const auto llrp = truth("GetReaderCapabilitiesResponse-000").at("LLRPCapabilities");
  EXPECT_EQ(caps->holds_reports, llrp.at("SupportsEventsAndReportHolding").get<bool>());
  const auto event = read_event(body("ReaderEventNotification-000"));
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->closing);
  EXPECT_EQ(event->time, (Stamp{true, 1596721689842138}));
}

}  // namespace
}  // namespace lotmark::agent::llrp
