// What source and reader say to one another, taken apart by a program of other people: tshark's LLRP dissector finds
// nothing malformed in it and reads the same values.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>

#include "edge-agent/source/llrp/llrp.h"
#include "tests/integration/edge_agent/tcp_reader.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent {
namespace {

using agent::test::eventually;
using llrp::test::Chunk;
using llrp::test::TcpReader;

const SystemClock system_clock_of_dissect;
constexpr std::uint16_t kClientPort = 40000;
// Malformed, or with a remark of the dissector's at the level of warnings and above.
constexpr const char* kFaults = "-Y '_ws.malformed || _ws.expert.severity >= 6291456'";

class Discard final : public Sink {
 public:
  bool put(std::vector<Reading> readings) override {
    for (const auto& r : readings) tags += std::holds_alternative<std::string>(r.value) ? 1 : 0;
    return true;
  }
  bool put(DeviceObject) override { return false; }
  std::atomic<int> tags{0};
};

void little(std::ofstream& out, std::uint32_t v, int bytes) {
  for (int i = 0; i < bytes; ++i) out.put(static_cast<char>(v >> (8 * i)));
}

// A capture file of IP packets (pcap, link type 101), one a chunk.
void write_capture(const std::string& path, const std::vector<Chunk>& chunks, std::uint16_t port) {
  std::ofstream out(path, std::ios::binary);
  little(out, 0xa1b2c3d4, 4);
  little(out, 2, 2);
  little(out, 4, 2);
  for (const std::uint32_t v : {0u, 0u, 262144u, 101u}) little(out, v, 4);
  std::uint32_t next[2] = {1000, 2000};  // sequence numbers, by who sends
  std::uint32_t at = 0;
  for (const auto& c : chunks) {
    llrp::Writer p;
    const auto size = static_cast<unsigned>(40 + c.bytes.size());
    p.u16(0x4500).u16(size).u32(0).u16(0x4006).u16(0).u32(0x7f000001).u32(0x7f000001);
    p.u16(c.from_reader ? port : kClientPort).u16(c.from_reader ? kClientPort : port);
    p.u32(next[c.from_reader ? 1 : 0]).u32(next[c.from_reader ? 0 : 1]);
    p.u16(0x5018).u16(0xffff).u32(0).bytes(c.bytes);
    next[c.from_reader ? 1 : 0] += static_cast<std::uint32_t>(c.bytes.size());
    const Bytes packet = std::move(p).take();
    little(out, 1767600000 + at++, 4);
    little(out, 0, 4);
    for (int i = 0; i < 2; ++i) little(out, static_cast<std::uint32_t>(packet.size()), 4);
    out.write(reinterpret_cast<const char*>(packet.data()),
              static_cast<std::streamsize>(packet.size()));
  }
}

class LlrpDissectTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("command -v tshark >/dev/null") != 0) {
      std::cout << "SKIPPED LOUDLY: tshark is not installed" << std::endl;
      GTEST_SKIP();
    }
    LlrpOptions o;
    o.name = o.tags.channel = "dock";
    o.host = "127.0.0.1";
    o.port = reader_.port();
    o.session.rospec = {{1, 3}, std::uint8_t{2}, 100};
    LlrpSource source(o, system_clock_of_dissect);
    std::thread thread([&] { (void)source.run(sink_); });
    EXPECT_TRUE(eventually([&] {
      return reader_.with_model([](const auto& m) {
        return !m.asked.empty() && m.asked.back() == llrp::MessageType::kEnableEventsAndReports;
      });
    }));
    for (const auto* epc : kTags) reader_.see(epc, 3, -61);
    EXPECT_TRUE(eventually([&] { return sink_.tags == 2; }));
    source.stop();
    thread.join();
    write_capture(dir_ / "llrp.pcap", reader_.traffic(), reader_.port());
  }
  // What tshark prints with these options, its lines and columns as words.
  std::vector<std::string> tshark(const std::string& options) {
    const std::string command = fmt::format(
        "tshark -r {}/llrp.pcap -o tcp.try_heuristic_first:FALSE -d tcp.port=={},llrp {} "
        "2>/dev/null",
        dir_.path().string(), reader_.port(), options);
    std::vector<std::string> words(1);
    FILE* pipe = ::popen(command.c_str(), "r");
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
      if (c != '\n' && c != ',' && c != '\t') words.back() += static_cast<char>(c);
      else if (!words.back().empty()) words.emplace_back();
    }
    EXPECT_EQ(::pclose(pipe), 0);
    words.pop_back();
    return words;
  }
  std::vector<std::string> fields(const std::string& filter, const std::string& field) {
    return tshark(fmt::format("-Y '{}' -T fields -e {}", filter, field));
  }

  static constexpr const char* kTags[] = {"3066c4409047e140075bcd15",
                                          "3666c4409047e159b2c2bf1000000000000000000000000000"
                                          "00"};
  agent::test::TempDir dir_;
  TcpReader reader_;
  Discard sink_;
};

TEST_F(LlrpDissectTest, NothingIsMalformedAndAllMessagesAreKnown) {
  EXPECT_TRUE(tshark(kFaults).empty());
  std::vector<std::string> types;
  for (auto& t : fields("llrp", "llrp.type")) {
    if (t != "62" && t != "72") types.push_back(std::move(t));  // keepalives come when they come
  }
  EXPECT_EQ(types, (std::vector<std::string>{"63", "1", "11", "3", "13", "26", "36", "20", "30",
                                             "24", "34", "64", "61", "61", "14", "4"}));
}

TEST_F(LlrpDissectTest, AParameterThatReachesTooFarWouldBeFound) {
  const Bytes message = from_hex("043d0000000e0000000100f000ff").value();
  write_capture(dir_ / "llrp.pcap", {{true, message}}, reader_.port());
  EXPECT_FALSE(tshark(kFaults).empty());
}

TEST_F(LlrpDissectTest, TheRospecSaysWhatItShould) {
  const std::string add = "llrp.type == 20";
  const auto id = std::to_string(llrp::rospec_id({{1, 3}, std::uint8_t{2}, 100}));
  EXPECT_EQ(fields(add, "llrp.param.rospec_id"), std::vector<std::string>{id});
  EXPECT_EQ(fields("llrp.type == 24", "llrp.rospec"), std::vector<std::string>{id});
  EXPECT_EQ(fields(add, "llrp.param.antenna"), (std::vector<std::string>{"1", "3"}));
  EXPECT_EQ(fields(add, "llrp.param.rospec_start_trig_type"), std::vector<std::string>{"1"});
  EXPECT_EQ(fields(add, "llrp.param.session"), std::vector<std::string>{"2"});
  for (const char* flag : {"enable_antenna_id", "enable_peak_rssi"}) {
    EXPECT_EQ(fields(add, std::string("llrp.param.") + flag), std::vector<std::string>{"1"})
        << flag;
  }
  EXPECT_EQ(fields(add, "llrp.param.enable_rospec_id"), std::vector<std::string>{"0"});
}

TEST_F(LlrpDissectTest, ConfigurationAndTagsSayWhatTheyShould) {
  EXPECT_EQ(fields("llrp.type == 3", "llrp.param.hold_events_and_reports"),
            std::vector<std::string>{"1"});
  EXPECT_EQ(fields("llrp.type == 3", "llrp.param.event_type"),
            (std::vector<std::string>{"3", "4", "8"}));
  EXPECT_EQ(fields("llrp.type == 61", "llrp.param.epc"),
            (std::vector<std::string>{kTags[0], kTags[1]}));
  EXPECT_EQ(fields("llrp.type == 61", "llrp.antenna_id"), (std::vector<std::string>{"3", "3"}));
  EXPECT_EQ(fields("llrp.type == 61", "llrp.param.peak_rssi"),
            (std::vector<std::string>{"195", "195"}));  // -61 as a byte
}

}  // namespace
}  // namespace lotmark::agent
