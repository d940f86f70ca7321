// An LLRP library of other people, npm llrpjs, at the other end: its client on the reader that our tests use, and its
// reader under our source. Where it is not installed (scripts/setup) this is skipped, loudly.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "edge-agent/source/llrp/llrp.h"
#include "tests/integration/edge_agent/tcp_reader.h"
#include "tests/unit/edge_agent/heard.h"
#include "tests/unit/edge_agent/scripted_node.h"

namespace lotmark::agent {
namespace {

using agent::test::eventually;
using llrp::test::TcpReader;

const SystemClock system_clock_of_interop;
const std::string kModules = LOTMARK_SOURCE_DIR "/mobile-qr";
const std::vector<std::string> kEpcs = {"3066c4409047e140075bcd15", "e2000000000000000000abcd",
                                        "000000000000000000000001"};

// What a program writes, line by line.
class Program {
 public:
  explicit Program(const std::string& command) : pipe_(::popen(command.c_str(), "r")) {}
  ~Program() { end(); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  std::string line() {
    std::string text;
    for (int c = std::fgetc(pipe_); c != EOF && c != '\n'; c = std::fgetc(pipe_)) {
      text += static_cast<char>(c);
    }
    return text;
  }
  // Reads to the end; the exit code.
  int end() {
    if (pipe_ == nullptr) return -1;
    while (std::fgetc(pipe_) != EOF) {
    }
    return WEXITSTATUS(::pclose(std::exchange(pipe_, nullptr)));
  }

 private:
  FILE* pipe_;
};

class LlrpInteropTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::filesystem::exists(kModules + "/node_modules/llrpjs")) return;
    std::cout << "SKIPPED LOUDLY: llrpjs is not in mobile-qr/node_modules" << std::endl;
    GTEST_SKIP();
  }
  static std::string command(const std::string& script, const std::string& arguments) {
    return "node " LOTMARK_SOURCE_DIR "/tests/integration/edge_agent/" + script + " " + kModules +
           " " + arguments;
  }
};

TEST_F(LlrpInteropTest, ItsClientReadsTheTagsOfOurReader) {
  TcpReader reader;
  Program client(command("llrpjs_client.cjs", std::to_string(reader.port()) + " 3"));
  ASSERT_TRUE(eventually([&] {
    return reader.with_model(
        [](const auto& m) { return m.rospecs.contains(17) && m.rospecs.at(17) == 2; });
  }));
  for (std::size_t i = 0; i < kEpcs.size(); ++i) {  // it loses messages that come at once
    reader.see(kEpcs[i], static_cast<std::uint16_t>(i + 1));
    EXPECT_EQ(client.line(), kEpcs[i] + " " + std::to_string(i + 1));
  }
  EXPECT_EQ(client.end(), 0);
  EXPECT_EQ(reader.with_model([](const auto& m) { return m.asked.back(); }),
            llrp::MessageType::kCloseConnection);
}

TEST_F(LlrpInteropTest, OurSourceReadsTheTagsOfItsReaderAndSaysWhatItUnderstands) {
  std::string epcs;
  for (const auto& e : kEpcs) epcs += e + " ";
  Program reader(command("llrpjs_reader.cjs", epcs));
  LlrpOptions o;
  o.name = o.tags.channel = "dock";
  o.host = "127.0.0.1";
  o.port = static_cast<std::uint16_t>(std::stoi(reader.line()));
  o.session.rospec = {{2}, std::uint8_t{1}, 64};
  test::Heard sink;
  LlrpSource source(o, system_clock_of_interop);
  std::thread thread([&] { (void)source.run(sink); });
  EXPECT_TRUE(eventually([&] { return sink.readings().size() >= kEpcs.size(); }));
  source.stop();
  thread.join();
  const auto readings = sink.readings();
  ASSERT_EQ(readings.size(), kEpcs.size());
  for (std::size_t i = 0; i < kEpcs.size(); ++i) {
    const Bytes bytes = from_hex(kEpcs[i]).value();
    EXPECT_EQ(std::get<std::string>(readings[i].value),
              gs1::epc_text({bytes, 96}, gs1::EpcForm::kUrn));
  }
  std::map<std::string, nlohmann::json> said;
  for (std::string line = reader.line(); !line.empty(); line = reader.line()) {
    const auto message = nlohmann::json::parse(line);
    said[message.at("type")] = message;
  }
  EXPECT_EQ(reader.end(), 0);
  EXPECT_TRUE(said.contains("KEEPALIVE_ACK"));
  EXPECT_TRUE(said.contains("CLOSE_CONNECTION"));
  const auto& rospec = said.at("ADD_ROSPEC").at("data").at("ROSpec");
  EXPECT_EQ(rospec.at("ROSpecID"), llrp::rospec_id(o.session.rospec));
  EXPECT_EQ(rospec.at("AISpec").at("AntennaIDs"), nlohmann::json::array({2}));
  EXPECT_EQ(rospec.at("ROReportSpec").at("N"), 1);
  const auto& content = rospec.at("ROReportSpec").at("TagReportContentSelector");
  for (const char* flag : {"EnableAntennaID", "EnablePeakRSSI", "EnableFirstSeenTimestamp",
                           "EnableLastSeenTimestamp"}) {
    EXPECT_EQ(content.at(flag), 1) << flag;
  }
  EXPECT_EQ(content.at("EnableROSpecID"), 0);
  const auto& config = said.at("SET_READER_CONFIG").at("data");
  EXPECT_EQ(config.at("KeepaliveSpec").at("PeriodicTriggerValue"), 10000);
  EXPECT_FALSE(config.contains("EventsAndReports"));  // it cannot hold them
}

}  // namespace
}  // namespace lotmark::agent
