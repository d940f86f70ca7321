// lotmark-factory and lotmark-start-device as the gateway runs them: child processes, frames over
// pipes.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/crypto/p256.h"
#include "core/wire/device.h"
#include "core/wire/sign1.h"
#include "tests/unit/firmware/arrival.h"
#include "tests/unit/firmware/fake_hal.h"

namespace lotmark::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// A program with pipes on its standard input and output.
class Child {
 public:
  explicit Child(std::vector<std::string> args) {
    int to[2];
    int from[2];
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, to[0], 0);
    posix_spawn_file_actions_adddup2(&actions, from[1], 1);
    args[0] = std::string(LOTMARK_BIN_DIR) + "/" + args[0];
    std::vector<char*> argv;
    argv.reserve(args.size() + 1);
    for (auto& a : args) argv.push_back(a.data());
    argv.push_back(nullptr);
    const int failed = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(to[0]);
    close(from[1]);
    in_ = to[1];
    out_ = from[0];
    if (failed != 0) throw std::runtime_error("cannot run " + args[0]);
  }
  ~Child() {
    if (pid_ > 0) kill(pid_, SIGKILL);
    (void)finish();
    close(out_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void send(std::uint8_t type, const Bytes& body) {
    const Bytes frame = encode_frame(type, body);
    ASSERT_EQ(write(in_, frame.data(), frame.size()), static_cast<ssize_t>(frame.size()));
  }
  void terminate() { kill(pid_, SIGTERM); }

  // Everything written until nothing came for as long as it takes.
  std::string text() {
    std::string all;
    char buffer[4096];
    for (ssize_t got; (got = read(out_, buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }
  // Frames that came within `wait`, or as soon as there are `count` of `type`.
  std::vector<Frame> frames(int type, std::size_t count, milliseconds wait) {
    std::vector<Frame> out;
    const auto end = Clock::now() + wait;
    while (static_cast<std::size_t>(std::count_if(
               out.begin(), out.end(), [&](const Frame& f) { return f.type == type; })) < count) {
      const auto left = std::chrono::duration_cast<milliseconds>(end - Clock::now()).count();
      pollfd p{out_, POLLIN, 0};
      if (left <= 0 || poll(&p, 1, static_cast<int>(left)) <= 0) break;
      Bytes buffer(4096);
      const ssize_t got = read(out_, buffer.data(), buffer.size());
      if (got <= 0) break;
      buffer.resize(static_cast<std::size_t>(got));
      for (auto& f : reader_.read(buffer)) out.push_back(f);
    }
    return out;
  }
  // Closes its input and waits; the exit code, or -1 after a signal.
  int finish() {
    if (in_ >= 0) close(in_);
    in_ = -1;
    if (pid_ <= 0) return code_;
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return code_;
  }

 private:
  pid_t pid_ = -1;
  int in_ = -1;
  int out_ = -1;
  int code_ = -1;
  FrameReader reader_;
};

const std::string kChainHex(64, 'c');

Digest chain() {
  Digest d;
  d.bytes.fill(0xcc);
  return d;
}

Bytes bytes_of_hex(const std::string& text) {
  Bytes out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    out.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return out;
}

class Host : public testing::Test {
 protected:
  Host() {
    std::string pattern = (fs::temp_directory_path() / "lotmark-firmware-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~Host() override { fs::remove_all(folder); }

  std::string file(const char* name) const { return (folder / name).string(); }
  std::string read_file(const char* name) const {
    std::ifstream in(folder / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string factory(std::vector<std::string> more, int expected = 0) {
    std::vector<std::string> args{"lotmark-factory", "--nv", file("nv")};
    args.insert(args.end(), more.begin(), more.end());
    Child child(args);
    std::string out = child.text();
    EXPECT_EQ(child.finish(), expected);
    return out;
  }
  std::string make_device() { return factory({"--machine", "filler-3", "--chain", kChainHex}); }
  std::vector<std::string> device(std::vector<std::string> more = {}) const {
    std::vector<std::string> args{"lotmark-start-device", "--nv", file("nv")};
    args.insert(args.end(), more.begin(), more.end());
    return args;
  }

  fs::path folder;
};

PublicKey key_in(const std::string& out) {
  return *PublicKey::from(bytes_of_hex(out.substr(out.find("public ") + 7, 130)));
}

Bytes first(const std::vector<Frame>& frames, int type) {
  for (const auto& f : frames) {
    if (f.type == type) return f.body;
  }
  return {};
}

TEST_F(Host, OnePressIsSignedSentAgainAndEndedByItsAck) {
  const PublicKey key = key_in(make_device());
  Child child(device({"--resend", "200"}));
  const auto frames = child.frames(kLmFrameStart, 3, milliseconds(20000));
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(frames[0].type, kLmFrameHello);
  const Bytes object = first(frames, kLmFrameStart);
  for (const auto& f : frames) {
    EXPECT_TRUE(f.type != kLmFrameStart || f.body == object);
  }
  auto start = lotmark::open<Start>(object, chain());
  ASSERT_TRUE(start);
  EXPECT_TRUE(start->verified_by(key));
  EXPECT_EQ(start->body.machine, "filler-3");
  EXPECT_EQ(start->body.boot, 1u);
  child.send(kLmFrameAck, arrival_naming(start->id));
  // What was on its way still comes; then the line is quiet for five times the interval.
  int late = 0;
  while (late < 10 && !child.frames(kLmFrameStart, 1, milliseconds(1000)).empty()) late++;
  EXPECT_LT(late, 10);
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(Host, EveryRunIsABootAndEveryPressAStart) {
  make_device();
  std::vector<Bytes> nonces;
  for (std::uint64_t boot = 1; boot <= 3; boot++) {
    Child child(device({"--presses", "2", "--every", "200", "--resend", "60000"}));
    for (const auto& f : child.frames(kLmFrameStart, 2, milliseconds(20000))) {
      if (f.type != kLmFrameStart) continue;
      auto start = lotmark::open<Start>(f.body, chain());
      ASSERT_TRUE(start);
      EXPECT_EQ(start->body.boot, boot);
      nonces.push_back(to_bytes(start->body.nonce.view()));
    }
    EXPECT_EQ(child.finish(), 0);
  }
  EXPECT_EQ(nonces.size(), 6u);
  std::sort(nonces.begin(), nonces.end());
  EXPECT_EQ(std::unique(nonces.begin(), nonces.end()), nonces.end());
}

TEST_F(Host, PressFrameMakesAStart) {
  make_device();
  Child child(device({"--presses", "0"}));
  ASSERT_EQ(child.frames(kLmFrameHello, 1, milliseconds(20000)).size(), 1u);
  EXPECT_TRUE(child.frames(kLmFrameStart, 1, milliseconds(300)).empty());
  child.send(kLmFramePress, {});
  EXPECT_EQ(child.frames(kLmFrameStart, 1, milliseconds(20000)).size(), 1u);
}

TEST_F(Host, DeviceWithoutChainIsEnrolledOverItsLine) {
  factory({"--machine", "filler-3"});
  Child child(device({"--presses", "0"}));
  child.send(kLmFramePress, {});
  const auto refused = child.frames(kLmFrameError, 1, milliseconds(20000));
  EXPECT_TRUE(first(refused, kLmFrameStart).empty());
  EXPECT_FALSE(first(refused, kLmFrameError).empty());
  child.send(kLmFrameEnrol, Bytes(32, 0xcc));
  EXPECT_EQ(child.frames(kLmFrameError, 1, milliseconds(20000)),
            (std::vector<Frame>{{kLmFrameError, {}}}));
  child.send(kLmFramePress, {});
  const Bytes object = first(child.frames(kLmFrameStart, 1, milliseconds(20000)), kLmFrameStart);
  EXPECT_TRUE(lotmark::open<Start>(object, chain()));
}

TEST_F(Host, SigtermEndsIt) {
  make_device();
  Child child(device());
  ASSERT_FALSE(child.frames(kLmFrameHello, 1, milliseconds(20000)).empty());
  child.terminate();
  EXPECT_EQ(child.finish(), 0);
}

TEST_F(Host, SecondDeviceOnOnePageIsRefused) {
  make_device();
  Child one(device());
  ASSERT_FALSE(one.frames(kLmFrameHello, 1, milliseconds(20000)).empty());
  Child two(device());
  EXPECT_EQ(two.text(), "");
  EXPECT_EQ(two.finish(), 1);
}

TEST_F(Host, WrongUsageAndDamagedPagesHaveTheirExitCodes) {
  const auto code = [](std::vector<std::string> args) {
    Child child(std::move(args));
    (void)child.text();
    return child.finish();
  };
  EXPECT_EQ(code({"lotmark-start-device"}), 2);
  EXPECT_EQ(code({"lotmark-start-device", "--help"}), 0);
  EXPECT_EQ(code({"lotmark-start-device", "--version"}), 0);
  EXPECT_EQ(code(device()), 1);  // no such file
  make_device();
  EXPECT_EQ(code(device({"--machine", "filler-4"})), 2);
  EXPECT_EQ(code(device({"--every", "10"})), 2);
  {
    std::fstream page(file("nv"), std::ios::in | std::ios::out | std::ios::binary);
    for (int place : {0, 160}) {
      page.seekp(place + 20);
      page.put('\0').put('\1');
    }
  }
  EXPECT_EQ(code(device()), 3);
  fs::resize_file(file("nv"), 100);
  EXPECT_EQ(code(device()), 3);
}

TEST_F(Host, FactoryPrintsTheKeyAndKeepsThePagePrivate) {
  const std::string out =
      factory({"--machine", "filler-3", "--chain", kChainHex, "--public", file("public.hex")});
  const PublicKey key = key_in(out);
  const KeyId kid = key_id(key);
  EXPECT_EQ(bytes_of_hex(out.substr(out.find("kid ") + 4, 32)), to_bytes(kid.view()));
  EXPECT_EQ(bytes_of_hex(read_file("public.hex")), to_bytes(key.view()));
  struct stat st {};
  ASSERT_EQ(stat(file("nv").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777u, 0600u);
  EXPECT_EQ(st.st_size, static_cast<off_t>(LM_NV_PAGE_BYTES));
}

TEST_F(Host, EepromHoldsAPageWithASeedAndNoKey) {
  factory({"--machine", "filler-3", "--chain", kChainHex, "--eeprom"});
  const std::string eeprom = read_file("nv");
  ASSERT_EQ(eeprom.size(), 4096u);
  EXPECT_EQ(eeprom.find("LMNV"), std::string::npos);
  EXPECT_EQ(eeprom.find("LMSD"), 160u);
  EXPECT_EQ(eeprom.substr(LM_NV_PAGE_BYTES), std::string(4096 - LM_NV_PAGE_BYTES, '\xff'));
}

TEST_F(Host, DeviceMakesTheKeyThatTheFactoryAnnounced) {
  const PublicKey key =
      key_in(factory({"--machine", "filler-3", "--chain", kChainHex, "--eeprom"}));
  fs::resize_file(file("nv"), LM_NV_PAGE_BYTES);
  for (int boot = 0; boot < 2; boot++) {
    Child child(device());
    const auto object = first(child.frames(kLmFrameStart, 1, milliseconds(20000)), kLmFrameStart);
    auto start = lotmark::open<Start>(object, chain());
    ASSERT_TRUE(start);
    EXPECT_TRUE(start->verified_by(key));
  }
  EXPECT_EQ(read_file("nv").find("LMSD"), std::string::npos);
}

TEST_F(Host, FactoryTakesTheFingerprintAsPeopleReadIt) {
  std::string grouped;
  for (int i = 0; i < 8; ++i) grouped += (i == 0 ? "" : " ") + std::string(8, 'c');
  factory({"--machine", "filler-3", "--chain", grouped + "\n"});
  const std::string page = read_file("nv");
  EXPECT_NE(page.find(std::string(32, '\xcc')), std::string::npos);
}

TEST_F(Host, FactoryNeverWritesOverAPage) {
  make_device();
  const std::string before = read_file("nv");
  factory({"--machine", "filler-3", "--chain", kChainHex}, 1);
  EXPECT_EQ(read_file("nv"), before);
}

TEST_F(Host, FactoryRefusesBadValuesAndLeavesNoPage) {
  factory({"--machine", std::string(65, 'm'), "--chain", kChainHex}, 1);
  factory({"--machine", "m", "--chain", "cc"}, 1);
  factory({"--machine", "m", "--chain", std::string(64, 'c') + " c"}, 1);
  factory({"--machine", "m", "--chain", std::string(63, 'c') + "g"}, 1);
  factory({"--machine", "m", "--key", file("absent.pem")}, 1);
  factory({}, 2);
  EXPECT_FALSE(fs::exists(file("nv")));
}

// Made with `openssl ecparam -name NAME -genkey -noout` and `openssl pkcs8 -topk8 -nocrypt`, for
// this test alone.
constexpr const char* kSec1 = R"(-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIHHO5zhOjyei1+i8bzHezMOr6HH0ouuHRv+ewTLLp1PxoAoGCCqGSM49
AwEHoUQDQgAE5+NNpnFjB9Dt/rck4r5TXhSubEzPheLD7IuYFcZOhMZH95rZDIAK
1zxDWh6XRyZe2Y9unQ1GXPjjhUMw7upUIg==
-----END EC PRIVATE KEY-----
)";
constexpr const char* kPkcs8 = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcc7nOE6PJ6LX6Lxv
Md7Mw6vocfSi64dG/57BMsunU/GhRANCAATn402mcWMH0O3+tyTivlNeFK5sTM+F
4sPsi5gVxk6Exkf3mtkMgArXPENaHpdHJl7Zj26dDUZc+OOFQzDu6lQi
-----END PRIVATE KEY-----
)";
constexpr const char* kP384 = R"(-----BEGIN EC PRIVATE KEY-----
MIGkAgEBBDCJ9cqKLcLNEpOGp6BixMzVxAK0hUDVlkoFI5r+kL3zr+aC0cJTHHFl
BGUK+gz9gU+gBwYFK4EEACKhZANiAASOgHw6V0QpjLRpxH0cb6dSm2tBUIUX9oVx
ufu2SHVvr/9SdfOr0WdsDkvrDkoXadaRFAxvyywu6c8Thbj6Q1DviNCIfcXGPKD5
eqixPeOzUYEe3xDLQUSUoFcBFKWntpM=
-----END EC PRIVATE KEY-----
)";

TEST_F(Host, FactoryTakesBothFormsOfAKeyAndNoOtherCurve) {
  const auto with_key = [&](const char* pem, int expected) {
    std::ofstream(folder / "key.pem") << pem;
    std::string out = factory({"--machine", "m", "--key", file("key.pem")}, expected);
    fs::remove(folder / "nv");
    return out;
  };
  const std::string sec1 = with_key(kSec1, 0);
  EXPECT_EQ(bytes_of_hex("04e7e34da6716307d0edfeb724e2be535e14ae6c4ccf85e2c3ec8b9815c64e84c647f79ad"
                         "90c800ad73c435a1e9747265ed98f6e9d0d465cf8e3854330eeea5422"),
            to_bytes(key_in(sec1).view()));
  EXPECT_EQ(with_key(kPkcs8, 0), sec1);
  with_key(kP384, 1);
  with_key("-----BEGIN EC PRIVATE KEY-----\n", 1);
}

}  // namespace
}  // namespace lotmark::test
