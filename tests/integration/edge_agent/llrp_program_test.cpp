// Tags of a reader through the agent's program and a broker to a node, compared with what the reader saw.
#include "tests/integration/edge_agent/agent_program.h"
#include "tests/integration/edge_agent/tcp_reader.h"

namespace lotmark::agent {
namespace {

using llrp::test::TcpReader;
using test::eventually;

class LlrpProgramTest : public test::AgentProgramTest {
 protected:
  using Texts = std::vector<std::pair<std::uint64_t, std::string>>;

  void start(const TcpReader& reader, const std::string& keys) {
    start_agent("[[source]]\nname = \"dock\"\ntype = \"llrp\"\nhost = \"127.0.0.1\"\nport = " +
                std::to_string(reader.port()) + "\nkeepalive_s = 1\n" + keys);
  }
  static bool reports(TcpReader& reader) {
    return eventually([&] {
      return reader.with_model([](const auto& m) {
        return std::ranges::count(m.asked, llrp::MessageType::kEnableEventsAndReports) ==
                   std::ranges::count(m.asked, llrp::MessageType::kGetReaderCapabilities) &&
               !m.rospecs.empty();
      });
    });
  }
  Texts texts(const std::string& channel) { return node_->texts()[channel]; }
  // A tag seen, its text known: what the node must get.
  void see(TcpReader& reader, std::uint16_t antenna, const std::string& epc,
           const std::string& text) {
    const auto us = reader.see(epc, antenna);
    truth_[antenna].emplace_back(us / 1000, text);
  }

  std::map<std::uint16_t, Texts> truth_;
};

constexpr const char* kAntennas =
    "antennas = [{antenna = 1, channel = \"in\"}, {antenna = 2, channel = \"out\"}]\n";

TEST_F(LlrpProgramTest, TheNodeGetsEachTagInItsChannelWithTheReadersTime) {
  TcpReader reader;
  start(reader, kAntennas);
  ASSERT_TRUE(reports(reader));
  see(reader, 1, "3066C4409047E140075BCD15", "urn:epc:id:sgtin:95060001343.05.123456789");
  see(reader, 2, "311BA1B300CE0A6A83000000", "urn:epc:id:sscc:952012.03456789123");
  see(reader, 1, "F73795211411234538566CB0AFC4", "https://id.gs1.org/01/79521141123453/21/32a%2Fb");
  see(reader, 2, "E2801160600002084CD1A1B2", "urn:epc:raw:96.xE2801160600002084CD1A1B2");
  ASSERT_TRUE(eventually([&] { return texts("in").size() == 2 && texts("out").size() == 2; }));
  EXPECT_EQ(texts("in"), truth_[1]);
  EXPECT_EQ(texts("out"), truth_[2]);
  EXPECT_EQ(node_->refused(), 0u);
}

TEST_F(LlrpProgramTest, AReaderThatGoesAndComesBackLeavesADeclaredGap) {
  TcpReader reader;
  start(reader, kAntennas);
  ASSERT_TRUE(reports(reader));
  see(reader, 1, "000000000000000000000001", "urn:epc:raw:96.x000000000000000000000001");
  ASSERT_TRUE(eventually([&] { return texts("in").size() == 1; }));
  EXPECT_EQ(lost("in"), 0u);
  reader.power(false);
  ASSERT_TRUE(eventually([&] { return lost("in") > 0 && lost("out") > 0; }));
  reader.power(true);
  ASSERT_TRUE(reports(reader));
  ASSERT_TRUE(eventually([&] {
    reader.see("000000000000000000000002", 1);
    return texts("in").size() == 2;
  }));
  EXPECT_EQ(texts("in")[1].second, "urn:epc:raw:96.x000000000000000000000002");
  EXPECT_EQ(node_->refused(), 0u);
}

TEST_F(LlrpProgramTest, TheAgentStoppedAndStartedAgainGetsWhatTheReaderHeld) {
  TcpReader reader;
  start(reader, kAntennas);
  ASSERT_TRUE(reports(reader));
  see(reader, 1, "000000000000000000000001", "urn:epc:raw:96.x000000000000000000000001");
  ASSERT_TRUE(eventually([&] { return texts("in").size() == 1; }));
  agent_.end();
  reader.hang_up();
  see(reader, 1, "000000000000000000000002", "urn:epc:raw:96.x000000000000000000000002");
  start(reader, kAntennas);
  ASSERT_TRUE(eventually([&] { return texts("in").size() == 2; }));
  EXPECT_EQ(texts("in"), truth_[1]);
}

}  // namespace
}  // namespace lotmark::agent
