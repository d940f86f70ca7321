#include "edge-agent/check/check.h"
#include "edge-agent/check/diag.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include <nlohmann/json.hpp>

#include "core/crypto/key_file.h"
#include "edge-agent/check/outbox_glance.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

class CheckTest : public testing::Test {
 protected:
  CheckTest() {
    EXPECT_TRUE(write_key_file(dir_ / "record.key", new_scalar()));
    config_.key.file = dir_ / "record.key";
    config_.state_dir = dir_ / "state";
    config_.chain = test::chain();
  }
  Finding only(const Findings& findings) {
    EXPECT_EQ(findings.size(), 1u);
    return findings.empty() ? Finding{} : findings[0];
  }
  Finding key() {
    Findings out;
    check_key(config_, out);
    return only(out);
  }
  Finding clock_at(const char* time, std::optional<std::uint64_t> ack_ms = std::nullopt) {
    Findings out;
    check_clock(ManualClock(*from_iso(time)), ack_ms, out);
    return only(out);
  }
  Mark device(SourceOptions options) { return tried(std::move(options)).mark; }
  Finding tried(SourceOptions options) {
    config_.sources = {SourceConfig{}};
    config_.sources[0].name = "s";
    config_.sources[0].options = std::move(options);
    Findings out;
    check_devices(config_, out);
    return only(out);
  }
  static SourceConfig feeds(const std::string& channel) {
    SourceConfig s;
    WedgeOptions wedge;
    wedge.channel = channel;
    s.options = wedge;
    return s;
  }
  Finding action() {
    Findings out;
    check_actions(config_, out);
    return only(out);
  }
  test::TempDir dir_;
  Config config_;
};

TEST_F(CheckTest, KeySignsAndVerifies) { EXPECT_EQ(key().mark, Mark::kOk); }

TEST_F(CheckTest, KeyThatOthersMayReadIsAFault) {
  ASSERT_EQ(::chmod(config_.key.file.c_str(), 0644), 0);
  EXPECT_EQ(key().mark, Mark::kFault);
  EXPECT_NE(key().text.find("denied"), std::string::npos) << key().text;
}

TEST_F(CheckTest, MissingKeyIsAFault) {
  config_.key.file = dir_ / "nowhere.key";
  EXPECT_EQ(key().mark, Mark::kFault);
}

TEST_F(CheckTest, ClockBeforeTheProgramIsAFault) {
  EXPECT_EQ(clock_at("1970-01-01").mark, Mark::kFault);
  EXPECT_NE(clock_at("2026-01-05").mark, Mark::kFault);
}

TEST_F(CheckTest, ClockBehindTheNewestAckIsAFault) {
  const auto ack = static_cast<std::uint64_t>(to_ms(*from_iso("2026-01-05T09:00")));
  EXPECT_EQ(clock_at("2026-01-05T08:00", ack).mark, Mark::kFault);
  EXPECT_NE(clock_at("2026-01-05T09:01", ack).mark, Mark::kFault);
}

TEST_F(CheckTest, DevicesThatCannotBeOpenedAreFaults) {
  ReplayOptions replay;
  replay.file = dir_ / "x.csv";
  EXPECT_EQ(device(replay), Mark::kFault);
  dir_.write("x.csv", "a\n");
  EXPECT_EQ(device(replay), Mark::kOk);
  EXPECT_EQ(device(ExecOptions{"s", {"no-such-program-of-lotmark"}, Restart::kAlways, {}}),
            Mark::kFault);
  EXPECT_EQ(device(ExecOptions{"s", {"sh", "-c", "true"}, Restart::kAlways, {}}), Mark::kOk);
  EXPECT_EQ(device(FramesOptions{"s", {}, dir_ / "tty", "d-1"}), Mark::kFault);
}

// An alarm found out that its siren was missing when it was to sound.
TEST_F(CheckTest, ProgramsOfAlarmsAndRenewalThatAreMissingAreFaults) {
  AlarmConfig a;
  a.rule.name = "warm";
  a.rule.channel = "cold";
  config_.sources = {feeds("cold")};
  a.actions.run = {"no-such-siren-of-lotmark", "--password", "hunter2"};
  config_.alarms = {a};
  EXPECT_EQ(action().name, "alarm.warm");
  EXPECT_EQ(action().mark, Mark::kFault);
  EXPECT_EQ(action().text.find("hunter2"), std::string::npos) << action().text;
  config_.alarms[0].actions.run = {dir_.write("siren", "#!/bin/sh\n"), "on"};
  EXPECT_EQ(action().mark, Mark::kFault) << "it may not be run";
  ASSERT_EQ(::chmod((dir_ / "siren").c_str(), 0755), 0);
  EXPECT_EQ(action().mark, Mark::kOk);
  config_.alarms[0].actions.run = {dir_.path().string()};
  EXPECT_NE(action().text.find("is a folder"), std::string::npos) << action().text;
  config_.alarms[0].actions.run = {"sh", "-c", "true"};
  EXPECT_EQ(action().mark, Mark::kOk);
  config_.alarms.clear();
  config_.renewal_command = {"/no/such/ca"};
  EXPECT_EQ(action().name, "renewal");
  EXPECT_EQ(action().mark, Mark::kFault);
}

// A channel with a slip of the pen loaded and passed, and the alarm never came.
TEST_F(CheckTest, AnAlarmOnAChannelThatNoSourceHasIsAWarning) {
  AlarmConfig a;
  a.rule.name = "warm";
  a.rule.channel = "coldd";
  config_.alarms = {a};
  config_.sources = {feeds("cold")};
  EXPECT_EQ(action().mark, Mark::kWarn);
  EXPECT_EQ(action().name, "alarm.warm");
  EXPECT_EQ(action().text, "no source has channel coldd");
  config_.alarms[0].actions.run = {"/no/such/siren"};
  EXPECT_EQ(action().mark, Mark::kFault);
  EXPECT_NE(action().text.find("; no source has channel coldd"), std::string::npos);
  config_.alarms[0].actions.run.clear();
  config_.sources.push_back(feeds("coldd"));
  Findings out;
  check_actions(config_, out);
  EXPECT_TRUE(out.empty());
}

TEST_F(CheckTest, NothingIsSaidOfChannelsWhereASourceNamesItsOwn) {
  ExecOptions exec;
  ReplayOptions replay;
  replay.format = SenmlOptions{};
  MqttOptions mqtt;
  mqtt.senml_topics = {"probes/#"};
  const std::vector<SourceOptions> open = {exec, replay, mqtt, FramesOptions{}};
  for (std::size_t i = 0; i < open.size(); ++i) {
    SourceConfig s;
    s.options = open[i];
    EXPECT_TRUE(may_feed({feeds("cold"), s}, "coldd")) << i;
  }
  exec.senml.columns = {{"c", "cold", "Cel", -2}};
  replay.format = CsvOptions{{}, exec.senml.columns};
  mqtt.senml.columns = exec.senml.columns;
  const std::vector<SourceOptions> closed = {exec, replay, mqtt};
  for (std::size_t i = 0; i < closed.size(); ++i) {
    SourceConfig s;
    s.options = closed[i];
    EXPECT_FALSE(may_feed({s}, "coldd")) << i;
    EXPECT_TRUE(may_feed({s}, "cold")) << i;
  }
}

TEST_F(CheckTest, WebhooksCaThatCannotBeReadIsAFault) {
  config_.webhook_ca = dir_ / "ca.pem";
  EXPECT_EQ(action().name, "alarms.webhook_ca");
  EXPECT_EQ(action().mark, Mark::kFault);
  dir_.write("ca.pem", "");
  EXPECT_EQ(action().mark, Mark::kOk);
}

TEST_F(CheckTest, ATerminalOpensAndAFileIsNone) {
  const int main_end = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_TRUE(main_end >= 0 && ::grantpt(main_end) == 0 && ::unlockpt(main_end) == 0);
  SerialOptions serial;
  serial.port.path = ::ptsname(main_end);
  EXPECT_EQ(device(serial), Mark::kOk);
  ModbusOptions modbus;
  modbus.line.serial = serial.port.path;
  EXPECT_EQ(device(modbus), Mark::kOk);
  ::close(main_end);
  serial.port.path = dir_.write("tty", "");
  EXPECT_EQ(device(serial), Mark::kFault);
  EXPECT_NE(tried(serial).text.find("no terminal"), std::string::npos);
}

TEST_F(CheckTest, AnInputDeviceIsOneOrAFifo) {
  WedgeOptions wedge;
  wedge.path = dir_ / "scanner";
  EXPECT_EQ(device(wedge), Mark::kFault);
  ASSERT_EQ(::mkfifo(wedge.path.c_str(), 0600), 0);
  EXPECT_EQ(device(wedge), Mark::kOk);
  wedge.path = "/dev/null";
  EXPECT_NE(tried(wedge).text.find("no input device"), std::string::npos);
}

// The check said that all was well, and the agent ended.
TEST_F(CheckTest, ALoggersFoldersMustBeWritten) {
  FridgeLogOptions fridge;
  fridge.folder = dir_ / "in";
  fridge.kept = dir_ / "out/kept";
  fridge.rejected = dir_ / "out/rejected";
  EXPECT_EQ(device(fridge), Mark::kFault);
  std::filesystem::create_directory(fridge.folder);
  EXPECT_EQ(device(fridge), Mark::kOk);  // the others can be made
  EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
  dir_.write("out", "");
  EXPECT_NE(tried(fridge).text.find("out is no folder"), std::string::npos) << tried(fridge).text;
}

TEST_F(CheckTest, ALoggersFoldersOfAnotherAreFaults) {
  namespace fs = std::filesystem;
  fs::permissions(dir_.path(), fs::perms(0755));
  FridgeLogOptions fridge;
  fridge.folder = dir_ / "in";
  fridge.kept = dir_ / "kept";
  fridge.rejected = dir_ / "in";
  for (const auto& folder : {fridge.folder, fridge.kept}) fs::create_directory(folder);
  const auto as_nobody = [&](fs::perms in, fs::perms kept) {
    fs::permissions(fridge.folder, in);
    fs::permissions(fridge.kept, kept);
    Mark mark = Mark::kNotTried;
    std::thread([&] {
      test::become_nobody();
      mark = device(fridge);
    }).join();
    return mark;
  };
  EXPECT_EQ(as_nobody(fs::perms(0777), fs::perms(0777)), Mark::kOk);
  EXPECT_EQ(as_nobody(fs::perms(0555), fs::perms(0777)), Mark::kFault);
  EXPECT_EQ(as_nobody(fs::perms(0777), fs::perms(0555)), Mark::kFault);
}

TEST_F(CheckTest, AModbusServerAndAReaderAreReachedOrNamed) {
  const int server = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ASSERT_EQ(::bind(server, reinterpret_cast<sockaddr*>(&at), size), 0);
  ASSERT_EQ(::getsockname(server, reinterpret_cast<sockaddr*>(&at), &size), 0);
  ModbusOptions modbus;
  modbus.line.address = "127.0.0.1";
  modbus.line.port = ntohs(at.sin_port);
  EXPECT_EQ(device(modbus), Mark::kFault);  // nobody listens yet
  EXPECT_NE(tried(modbus).text.find("refused"), std::string::npos) << tried(modbus).text;
  LlrpOptions llrp;
  llrp.host = "127.0.0.1";
  llrp.port = ntohs(at.sin_port);
  EXPECT_EQ(device(llrp), Mark::kFault);
  ASSERT_EQ(::listen(server, 4), 0);
  EXPECT_EQ(device(modbus), Mark::kOk);
  ::close(server);
}

TEST_F(CheckTest, CertificateThatIsNoneIsAFault) {
  config_.broker = {"ssl://127.0.0.1:1", dir_.write("ca.pem", "no PEM"), dir_ / "none.pem",
                    dir_ / "none.key"};
  Findings out;
  check_certificates(config_, ManualClock(*from_iso("2026-01-05")), out);
  ASSERT_EQ(out.size(), 3u);
  for (const auto& f : out) EXPECT_EQ(f.mark, Mark::kFault) << f.text;
}

TEST_F(CheckTest, BrokerThatDoesNotListenIsNamedByTheStepThatFails) {
  config_.organisation = "acme";
  config_.device = "line-1";
  config_.broker.url = "tcp://127.0.0.1:1";
  Findings out;
  check_brokers(config_, {}, out);
  EXPECT_EQ(only(out).mark, Mark::kFault);
  EXPECT_NE(only(out).text.find("TCP to 127.0.0.1:1"), std::string::npos) << only(out).text;
}

// Takes one client and refuses it every subscription.
class PublishOnlyBroker {
 public:
  PublishOnlyBroker() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    url_ = "tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~PublishOnlyBroker() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  const std::string& url() const { return url_; }

 private:
  void serve() {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) return;
    const std::uint8_t connack[] = {0x20, 2, 0, 0};
    const std::uint8_t suback[] = {0x90, 3, 0, 1, 0x80};
    std::uint8_t packet[1024];  // the client sends one, and waits for its answer
    while (::recv(fd, packet, sizeof packet, 0) > 0) {
      if (packet[0] == 0x10) (void)::send(fd, connack, sizeof connack, MSG_NOSIGNAL);
      if (packet[0] == 0x82) (void)::send(fd, suback, sizeof suback, MSG_NOSIGNAL);
    }
    ::close(fd);
  }
  int listener_;
  std::string url_;
  std::thread thread_;
};

TEST_F(CheckTest, TheAlarmsBrokerNeedNotLetTheAgentSubscribe) {
  config_.organisation = "acme";
  config_.device = "line-1";
  const PublishOnlyBroker devices;
  const PublishOnlyBroker alarms;
  config_.broker.url = devices.url();
  config_.alarm_broker = BrokerConfig{alarms.url(), "", "", ""};
  Findings out;
  check_brokers(config_, {}, out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].mark, Mark::kFault) << "acks are to be heard there";
  EXPECT_EQ(out[1].name, "alarms");
  EXPECT_EQ(out[1].mark, Mark::kOk) << out[1].text;
  EXPECT_EQ(out[1].text, "plain, connected");
}

TEST_F(CheckTest, OutboxIsLookedAtBesideItsOwner) {
  EXPECT_EQ(glance_at(dir_ / "outbox.db", test::chain()).code(), Errc::kNotFound);
  const auto signer = test::new_signer();
  auto outbox = Outbox::open({dir_ / "outbox.db", signer->kid(), test::chain(), "boot"});
  ASSERT_TRUE(outbox);
  const auto glance = glance_at(dir_ / "outbox.db", test::chain());
  ASSERT_TRUE(glance) << glance.error().message();
  EXPECT_EQ(glance->device, signer->kid());
  EXPECT_EQ(glance->unacked, 0u);
  EXPECT_FALSE(glance->conflict);
  ASSERT_TRUE(outbox->note_conflict());
  EXPECT_TRUE(glance_at(dir_ / "outbox.db", test::chain())->conflict);
}

// check runs before the first agent of this version does.
TEST_F(CheckTest, AnOutboxThatAnOlderAgentLeftIsReadToo) {
  const auto signer = test::new_signer();
  { ASSERT_TRUE(Outbox::open({dir_ / "outbox.db", signer->kid(), test::chain(), "boot"})); }
  auto db = store::Database::open(dir_ / "outbox.db");
  ASSERT_TRUE(db);
  ASSERT_TRUE(db->exec("ALTER TABLE outbox DROP COLUMN conflict"));
  const auto glance = glance_at(dir_ / "outbox.db", test::chain());
  ASSERT_TRUE(glance) << glance.error().message();
  EXPECT_FALSE(glance->conflict);
}

// A journal of two hours without a secret ended diag: its expressions ran over all of it, a frame of the stack a character.
TEST(Secrets, AreTakenOutOfALongJournalAndOfALongLine) {
  std::string journal = "bus.connected url=ssl://broker:8883\n";
  for (int i = 0; i < 2000; ++i) journal += std::string(500, 'c') + "\n";
  journal += "webhook https://mei:hunter2@alerts.example/hook?token=hunter3 failed\n";
  const auto said = without_secrets(journal);
  EXPECT_EQ(said.find("hunter"), std::string::npos);
  EXPECT_NE(said.find("url=ssl://broker:8883"), std::string::npos);
  EXPECT_GT(said.size(), 1000000u);
  EXPECT_EQ(without_secrets("run = [\"x\", \"" + std::string(100000, 's') + "\"]").find("ss"),
            std::string::npos);
}

TEST_F(CheckTest, TheWorstFindingIsTheExitCode) {
  EXPECT_EQ(check_exit({{"a", Mark::kOk, ""}, {"b", Mark::kNotTried, ""}}), 0);
  EXPECT_EQ(check_exit({{"a", Mark::kWarn, ""}, {"b", Mark::kNotTried, ""}}), 1);
  EXPECT_EQ(check_exit({{"a", Mark::kFault, ""}, {"b", Mark::kWarn, ""}}), 2);
}

TEST_F(CheckTest, JsonHoldsWhatTheTextSays) {
  const Findings findings = {{"key", Mark::kFault, "bad \"thing\""}};
  const auto j = nlohmann::json::parse(check_json(findings));
  EXPECT_EQ(j["result"], "fault");
  EXPECT_EQ(j["findings"][0]["text"], "bad \"thing\"");
  EXPECT_NE(check_text(findings).find("check fault"), std::string::npos);
}

class CalibrationCheck : public CheckTest {
 protected:
  CalibrationCheck() {
    config_.calibrations["cold"] = {"K-1", 20260105, -5, 10, {-2}};
    config_.calibration_days["cold"] = 365;
    config_.sources = {feeds("cold")};
  }
  Finding on(const char* day) {
    Findings out;
    check_calibrations(config_, ManualClock(*from_iso(day)), out);
    return only(out);
  }
};

TEST_F(CalibrationCheck, OneThatFallsDueSoonOrIsOverdueIsAWarning) {
  EXPECT_EQ(on("2026-12-05T23:59Z").mark, Mark::kOk);
  EXPECT_EQ(on("2026-12-06").mark, Mark::kWarn);
  EXPECT_EQ(on("2027-01-05T23:59Z").text, "K-1 of 20260105, 365 days ago, due in 0 days");
  EXPECT_EQ(on("2027-01-06").text, "K-1 of 20260105, 366 days ago: overdue for 1 days");
  EXPECT_EQ(on("2027-01-06").mark, Mark::kWarn);
  EXPECT_EQ(on("2027-01-06").name, "calibration.cold");
}

TEST_F(CalibrationCheck, OneOfALaterDayIsAWarning) {
  EXPECT_EQ(on("2026-01-04").mark, Mark::kWarn);
  EXPECT_EQ(on("2026-01-05").mark, Mark::kOk);
}

TEST_F(CalibrationCheck, OneWithoutDaysNeverFallsDue) {
  config_.calibration_days.clear();
  EXPECT_EQ(on("2046-01-05").mark, Mark::kOk);
}

TEST_F(CalibrationCheck, OneOfAChannelThatNoSourceHasIsAWarning) {
  config_.sources = {feeds("other")};
  EXPECT_EQ(on("2026-01-05").mark, Mark::kWarn);
  EXPECT_NE(on("2026-01-05").text.find("; no source has channel cold"), std::string::npos);
}

TEST_F(CalibrationCheck, AClockThatIsUnsetSaysNothingOfIt) {
  Findings out;
  check_calibrations(config_, ManualClock(from_ms(0)), out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace lotmark::agent
