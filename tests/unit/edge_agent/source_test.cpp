#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "core/base/hex.h"
#include "edge-agent/source/csv.h"
#include "edge-agent/source/exec.h"
#include "edge-agent/source/frames.h"
#include "edge-agent/source/replay.h"
#include "tests/unit/edge_agent/fixture.h"
#include "tests/unit/edge_agent/heard.h"

namespace lotmark::agent {
namespace {

const SystemClock system_clock;

class Collect final : public Sink {
 public:
  bool put(std::vector<Reading> readings) override {
    for (auto& r : readings) got.push_back(std::move(r));
    return got.size() < limit;
  }
  bool put(DeviceObject object) override {
    objects.push_back(std::move(object));
    return true;
  }
  std::vector<Reading> got;
  std::vector<DeviceObject> objects;
  std::size_t limit = 1u << 30;
};

TEST(Replay, ResumesAtAnyReadingOfTheFile) {
  test::TempDir dir;
  std::string text = "when,a,b\n";
  for (int i = 0; i < 20; ++i)
    text += std::to_string(1767600000 + i) + "," + std::to_string(i) + ",NA\n";
  CsvOptions csv;
  csv.time = {TimeFormat::kUnix, "when", {}, {}, {}, {}, {}, {}};
  csv.columns = {{"a", "a", "Cel", 0}, {"b", "b", "Cel", 0}};
  ReplayOptions o{"f", dir.write("f.csv", text), csv, 1767600002000, 1767600018000, 0};
  Collect all;
  auto end = ReplaySource(o, {}, system_clock).run(all);
  ASSERT_TRUE(end && *end);
  EXPECT_EQ((**end).offset, text.size());
  ASSERT_EQ(all.got.size(), 32u);
  for (std::size_t i = 0; i < all.got.size(); ++i) {
    Collect rest;
    ASSERT_TRUE(ReplaySource(o, all.got[i].at, system_clock).run(rest));
    ASSERT_EQ(rest.got.size(), all.got.size() - i);
    EXPECT_EQ(rest.got[0].t, all.got[i].t);
    EXPECT_EQ(rest.got[0].channel, all.got[i].channel);
  }
  Collect none;
  ASSERT_TRUE(ReplaySource(o, **end, system_clock).run(none));
  EXPECT_TRUE(none.got.empty());
}

CsvOptions one_column() {
  CsvOptions csv;
  csv.time = {TimeFormat::kUnix, "when", {}, {}, {}, {}, {}, {}};
  csv.columns = {{"a", "a", "Cel", 0}};
  return csv;
}

TEST(Lines, OfALongOneNothingIsKeptHoweverItArrives) {
  const std::string text =
      "one\n" + std::string(200000, ',') + "\ntwo\n" + std::string(kLineBytesMax, 'x') + "\nend";
  for (std::size_t chunk : {1u, 7u, 4096u, 1000000u}) {
    LineCutter lines(100);
    std::vector<std::tuple<std::uint64_t, bool, std::size_t>> got;
    const auto take = [&](const TextLine& l) {
      got.emplace_back(l.offset, l.too_long, l.text.size());
    };
    for (std::size_t at = 0; at < text.size(); at += chunk) {
      lines.feed(std::string_view(text).substr(at, chunk));
      while (auto line = lines.next()) take(*line);
    }
    if (auto line = lines.last()) take(*line);
    EXPECT_EQ(got, (decltype(got){{100, false, 3},
                                  {104, true, 0},
                                  {200105, false, 3},
                                  {200109, false, kLineBytesMax},
                                  {200109 + kLineBytesMax + 1, false, 3}}))
        << chunk;
    EXPECT_EQ(lines.offset(), 100 + text.size());
    EXPECT_FALSE(lines.last());
  }
}

// 200 MB of commas on one line took all memory, at every start anew.
TEST(Replay, ALongLineIsPassedOverAndDeclaredAndTheOffsetsGoOn) {
  test::TempDir dir;
  const std::string head = "when,a\n1767600000,1\n";
  const std::string bad = "1767600001,5" + std::string(1 << 20, ',') + "\n";
  const auto file = dir.write("f.csv", head + bad + "1767600002,2\n");
  ReplayOptions o{"f", file, one_column()};
  ReplaySource source(o, {}, system_clock);
  Collect all;
  auto end = source.run(all);
  ASSERT_TRUE(end && *end);
  ASSERT_EQ(all.got.size(), 3u);
  EXPECT_EQ(std::get<GapReason>(all.got[1].value), GapReason::kNotANumber);
  EXPECT_EQ(all.got[1].t, 1767600000000);
  EXPECT_EQ(all.got[1].at, (Position{head.size(), 0}));
  EXPECT_EQ(all.got[2].at, (Position{head.size() + bad.size(), 0}));
  EXPECT_EQ((**end).offset, head.size() + bad.size() + 13);
  EXPECT_EQ(source.counts().bad, 1u);
  EXPECT_EQ(source.counts().records, 2u);
}

TEST(Replay, AHeaderWithoutEndIsAnError) {
  test::TempDir dir;
  Collect none;
  ReplayOptions o{"f", dir.write("f.csv", std::string(1 << 20, ',')), one_column()};
  EXPECT_EQ(ReplaySource(o, {}, system_clock).run(none).code(), Errc::kConfig);
}

TEST(Replay, APackThatCannotBeReadIsDeclaredOnceOnTheChannelsBefore) {
  test::TempDir dir;
  const auto file = dir.write("f.senml", R"([{"bt":1767600000,"n":"a","v":1},{"n":"b","v":1}]
[{"bt":1767600001,"n":"a","v":1e400},{"n":"b","v":2}]
[{"bt":1767600002,"n":"a","v":NaN}]
[{"bt":1767600003,"n":"a","v":4}]
)");
  ReplaySource source({"f", file, SenmlOptions{}}, {}, system_clock);
  Collect all;
  ASSERT_TRUE(source.run(all));
  ASSERT_EQ(all.got.size(), 5u);
  for (std::size_t i : {2u, 3u}) {
    EXPECT_EQ(std::get<GapReason>(all.got[i].value), GapReason::kNotANumber);
    EXPECT_EQ(all.got[i].t, 1767600000000);
  }
  EXPECT_EQ(source.counts().bad, 2u);
}

TEST(Replay, ARowOfTheFutureIsNotWaitedFor) {
  test::TempDir dir;
  const auto file = dir.write("f.csv", "when,a\n30178000000,1\n1767600000,1\n30178000000,2\n");
  Collect all;
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ReplaySource({"f", file, one_column(), 0, 1LL << 50, 1}, {}, system_clock).run(all));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(3));
  EXPECT_EQ(all.got.size(), 3u);  // the bundler refuses what lies ahead
}

class Throwing final : public Source {
 public:
  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink&) override { throw std::bad_alloc(); }
  void stop() override {}
};

TEST(Source, WhatItThrowsIsItsOwnError) {
  Throwing source;
  Collect none;
  EXPECT_EQ(run_guarded(source, none).code(), Errc::kInternal);
}

TEST(Replay, KeepsTheFilesPaceTimesAFactor) {
  test::TempDir dir;
  CsvOptions csv;
  csv.time = {TimeFormat::kUnix, "when", {}, {}, {}, {}, {}, {}};
  csv.columns = {{"a", "a", "Cel", 0}};
  const auto file = dir.write("f.csv", "when,a\n1767600000,1\n1767600030,2\n");
  Collect all;
  const auto begin = std::chrono::steady_clock::now();
  ASSERT_TRUE(ReplaySource({"f", file, csv, 0, 1LL << 50, 100}, {}, system_clock).run(all));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(took, std::chrono::milliseconds(290));
  EXPECT_LT(took, std::chrono::seconds(3));
}

TEST(Exec, ReadsLinesAndDeclaresTheLossWhenTheProgramEnds) {
  SystemClock clock;
  ExecOptions o;
  o.name = "probe";
  o.command = {"/bin/sh", "-c",
               "echo '{\"n\":\"a\",\"v\":1}'; echo nonsense; printf '{\"n\":\"a\",\"v\":2}'"};
  Collect got;
  got.limit = 4;
  auto end = ExecSource(o, clock).run(got);
  ASSERT_TRUE(end);
  ASSERT_EQ(got.got.size(), 4u);
  EXPECT_EQ(std::get<GapReason>(got.got[1].value), GapReason::kNotANumber);
  EXPECT_EQ(std::get<std::int64_t>(got.got[2].value), 2000);
  EXPECT_EQ(std::get<GapReason>(got.got[3].value), GapReason::kSensorLost);
}

// What followed the first 64 KiB of a line was read as a record of its own.
TEST(Exec, TheRestOfALongLineIsNoRecord) {
  ExecOptions o;
  o.name = "probe";
  o.restart = Restart::kNever;
  o.command = {"/bin/sh", "-c",
               "head -c 70000 /dev/zero | tr '\\0' ' '; sleep 0.2;"
               "echo '{\"n\":\"x\",\"v\":666}'; echo '{\"n\":\"a\",\"v\":2}'"};
  ExecSource source(o, system_clock);
  Collect got;
  ASSERT_TRUE(source.run(got));
  ASSERT_EQ(got.got.size(), 1u);
  EXPECT_EQ(got.got[0].channel, "a");
  EXPECT_EQ(source.counts().bad, 1u);
}

// What waited in the pipe was signed as of now when the outbox had room again.
TEST(Exec, LinesThatWaitedWhileTheAgentTookNothingAreLostUnlessTheyHaveATime) {
  test::TempDir dir;
  ExecOptions o;
  o.name = "probe";
  o.command = {"/bin/sh", "-c",
               "echo '{\"n\":\"a\",\"v\":1}'; sleep 0.2; echo '{\"n\":\"a\",\"v\":2}';"
               "echo '{\"n\":\"b\",\"t\":1767600000,\"v\":7}';"
               "while [ ! -e '" +
                   (dir / "go") +
                   "' ]; do sleep 0.1; done;"
                   "echo '{\"n\":\"a\",\"v\":3}'; exec sleep 60"};
  ExecSource source(o, system_clock);
  test::Heard heard;
  heard.set_full(true);
  std::thread runner([&] { EXPECT_TRUE(source.run(heard)); });
  const auto comes = [&](const std::function<bool()>& condition) {
    for (int i = 0; i < 400 && !condition(); ++i) std::this_thread::sleep_for(Millis(50));
    return condition();
  };
  EXPECT_TRUE(comes([&] { return heard.holds_back(); }));
  std::this_thread::sleep_for(Millis(2500));
  heard.set_full(false);
  EXPECT_TRUE(comes([&] { return heard.of("a").size() == 3; }));
  dir.write("go", "");
  EXPECT_TRUE(comes([&] { return heard.has("a", "3000"); }));
  source.stop();
  runner.join();
  EXPECT_EQ(heard.of("a"), (std::vector<std::string>{"1000", "gap 3", "gap 3", "3000"}));
  EXPECT_TRUE(heard.has("b", "7000"));
}

TEST(Exec, StopEndsAProgramThatSaysNothing) {
  SystemClock clock;
  ExecOptions o;
  o.name = "probe";
  o.command = {"/bin/sleep", "60"};
  ExecSource source(o, clock);
  Collect got;
  std::thread stopper([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    source.stop();
  });
  auto end = source.run(got);
  stopper.join();
  ASSERT_TRUE(end);
  EXPECT_FALSE(*end);
}

// A device behind a unix socket, with noise between its frames.
TEST(Frames, ObjectsComeThroughNoiseAndAnswersGoBack) {
  test::TempDir dir;
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un a{};
  a.sun_family = AF_UNIX;
  const std::string path = dir / "line";
  std::copy(path.begin(), path.end(), a.sun_path);
  ASSERT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&a), sizeof a), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  const ManualClock clock(from_ms(1767600000000));
  FramesSource source({"line", {}, path, "start-1"}, test::chain(), clock);
  source.anchor(7, Digest{});
  Collect got;
  std::thread runner([&] { EXPECT_TRUE(source.run(got)); });
  const int device = ::accept(listener, nullptr, nullptr);
  const auto send = [&](lm_frame_type type, std::string_view body) {
    std::uint8_t frame[LM_FRAME_BYTES_MAX];
    const auto n = lm_frame_encode(static_cast<std::uint8_t>(type), as_bytes(body).data(),
                                   body.size(), frame, sizeof frame);
    EXPECT_EQ(::write(device, frame, n), static_cast<ssize_t>(n));
  };
  EXPECT_EQ(::write(device, "noise\0more", 10), 10);
  EXPECT_EQ(::write(device, "\0", 1), 1);
  send(kLmFrameStart, "one");
  send(kLmFrameHello, "start-device enrolled=no");
  send(kLmFrameBundle, "two");
  lm_frame_decoder decoder;
  lm_frame_decoder_init(&decoder);
  std::vector<int> answers;
  const auto hear = [&](std::size_t count) {
    lm_frame frame;
    std::uint8_t byte = 0;
    while (answers.size() < count && ::read(device, &byte, 1) == 1) {
      if (lm_frame_feed(&decoder, byte, &frame) != kLmFrameReady) continue;
      answers.push_back(frame.type);
      if (frame.type != kLmFrameTime) continue;
      EXPECT_EQ(to_hex(ByteView(frame.body, frame.body_size)), "0000019b8d2b8c00");
    }
  };
  hear(4);
  source.answer(as_bytes("arrival"));
  hear(5);
  EXPECT_EQ(answers, (std::vector<int>{kLmFrameTime, kLmFrameEnrol, kLmFrameTime, kLmFrameAnchor,
                                       kLmFrameAck}));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  source.stop();
  runner.join();
  ASSERT_EQ(got.objects.size(), 2u);
  EXPECT_EQ(as_text(got.objects[0].object), "one");
  EXPECT_EQ(got.objects[1].kind, ObjectKind::kBundle);
  ::close(device);
  ::close(listener);
}

}  // namespace
}  // namespace lotmark::agent
