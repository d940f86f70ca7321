// Files of refrigerator loggers: what is read of them, what is refused, and what becomes of them in their folder.
#include "edge-agent/source/fridge_log/fridge_log.h"

#include <functional>
#include <thread>

#include "core/crypto/sha256.h"
#include "tests/unit/edge_agent/heard.h"
#include "tests/unit/edge_agent/inputs/fridge_tag.h"

namespace lotmark::agent {
namespace {

using test::FridgeTag;
using test::LoggedDay;

const std::vector<LoggedDay> kDays = {
    {"2026-03-03", "+4.0", "06:00", "+5.0", "09:10", "+4.5", 0, 0},
    {"2026-03-02", "-1.2", "02:00", "+9.3", "15:00", "+4.0", 75, 20},
};
constexpr const char* kCreated = "2026-03-03 10:30";

fridge::DayOptions options() {
  return {{"min", "max", "avg", "below", "above", "file"}, std::chrono::minutes(0)};
}

// "channel time value", the file's digest left out.
std::vector<std::string> told(const std::string& text, std::optional<std::string> since = {}) {
  const auto log = fridge::read_log(text);
  if (!log) return {log.error().text};
  std::optional<std::int64_t> minute;
  if (since) minute = to_ms(*from_iso(*since)) / 60000;
  std::vector<std::string> out;
  for (const auto& r : fridge::readings_of(*log, Digest{}, options(), minute)) {
    const auto* v = std::get_if<std::int64_t>(&r.value);
    const bool gap = std::holds_alternative<GapReason>(r.value);
    if (r.channel == "file") continue;
    out.push_back(r.channel + " " + to_iso(from_ms(r.t)).substr(5, 11) + " " +
                  (v != nullptr ? std::to_string(*v)
                   : gap        ? "gap"
                                : "text"));
  }
  return out;
}
using Told = std::vector<std::string>;

TEST(FridgeLog, DailyRecordsAreReadingsWithTheLoggersTimes) {
  const FridgeTag tag;
  EXPECT_EQ(told(tag.file(kCreated, kDays)),
            (Told{"min 03-02T02:00 -12", "max 03-02T15:00 93", "avg 03-02T23:59 40",
                  "below 03-02T23:59 4500", "above 03-02T23:59 1200", "min 03-03T06:00 40",
                  "max 03-03T09:10 50", "avg 03-03T10:30 45", "below 03-03T10:30 0",
                  "above 03-03T10:30 0"}));
}

TEST(FridgeLog, OfALaterFileOnlyWhatIsNewIsTold) {
  const FridgeTag tag;
  EXPECT_EQ(told(tag.file(kCreated, kDays), "2026-03-02 14:00"),
            (Told{"max 03-02T15:00 93", "avg 03-02T23:59 40", "below 03-02T23:59 4500",
                  "above 03-02T23:59 1200", "min 03-03T06:00 40", "max 03-03T09:10 50",
                  "avg 03-03T10:30 45", "below 03-03T10:30 0", "above 03-03T10:30 0"}));
}

TEST(FridgeLog, DaysThatNoFileHasAndDaysWithoutASensorAreGaps) {
  const FridgeTag tag;
  auto days = kDays;
  days[1].min = days[1].min_at = days[1].max = days[1].max_at = days[1].average = "---";
  const auto all = told(tag.file(kCreated, days), "2026-02-28 09:00");
  for (const char* gap : {"min 02-28T23:59 gap", "above 02-28T23:59 gap", "avg 03-01T23:59 gap",
                          "min 03-02T23:59 gap", "max 03-02T23:59 gap", "avg 03-02T23:59 gap"}) {
    EXPECT_EQ(std::ranges::count(all, gap), 1) << gap;
  }
  EXPECT_EQ(std::ranges::count_if(all, [](const auto& s) { return s.ends_with("gap"); }), 13);
}

// Found by its fuzzer: millions of gaps of one file.
TEST(FridgeLog, AFileMadeThousandsOfYearsAfterItsDaysMissesTenOfThem) {
  const auto all = told(FridgeTag().file("6022-03-03 10:30", kDays));
  EXPECT_GT(all.size(), 3660u);
  EXPECT_LT(all.size(), 20000u);
}

TEST(FridgeLog, TheSignatureHoldsWithEitherEndOfLine) {
  const FridgeTag tag;
  for (const auto& text :
       {tag.file(kCreated, kDays), FridgeTag::with_crlf(tag.file(kCreated, kDays))}) {
    const auto log = fridge::read_log(text);
    ASSERT_TRUE(log) << log.error().text;
    EXPECT_TRUE(fridge::verify(*log, text));
  }
}

// Whoever edits a file breaks it or its signature: no single changed character passes.
TEST(FridgeLog, NoSingleChangedCharacterPasses) {
  const FridgeTag tag;
  const std::string file = tag.file(kCreated, {kDays[0]});
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string edited = file;
    edited[i] = edited[i] == '7' ? '8' : '7';
    const auto log = fridge::read_log(edited);
    EXPECT_FALSE(log && fridge::verify(*log, edited)) << i;
  }
}

TEST(FridgeLog, ATruncatedFileIsNone) {
  const std::string file = FridgeTag().file(kCreated, kDays);
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_TRUE(fridge::incomplete(std::string_view(file).substr(0, size))) << size;
    EXPECT_FALSE(fridge::read_log(std::string_view(file).substr(0, size))) << size;
  }
  EXPECT_FALSE(fridge::incomplete(file));
}

std::string refusal(const std::string& from, const std::string& to) {
  const FridgeTag tag;
  std::string text = tag.unsigned_file(kCreated, kDays);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  const auto log = fridge::read_log(tag.sign(text.replace(at, from.size(), to)));
  return log ? "" : log.error().text;
}

TEST(FridgeLog, WhatIsWrongIsNamedWithItsLine) {
  EXPECT_EQ(refusal("Fridge-tag 2", "Other"), "line 1: Device: not a Fridge-tag 2");
  EXPECT_EQ(refusal("Sensor: 1", "Sensor: 2"), "line 4: Sensor: one sensor is read, not 2");
  EXPECT_EQ(refusal("Temp unit: C", "Temp unit: F"), "line 9: Temp unit: must be C");
  EXPECT_EQ(refusal(" Serial: 160400000001\n", ""), "line 5: Conf: \"Serial\" is missing");
  EXPECT_EQ(refusal("Min T: +4.0", "Min T: +5.1"), "line 22: Min T: above Max T");
  EXPECT_EQ(refusal("Avrg T: +4.5", "Avrg T: +6"), "line 24: Avrg T: not between Min T and Max T");
  EXPECT_EQ(refusal("Min T: +4.0", "Min T: 1e1"),
            "line 22: Min T: no temperature with one decimal");
  EXPECT_EQ(refusal("TS Min T: 06:00", "TS Min T: 24:00"), "line 22: TS Min T: no time");
  EXPECT_EQ(refusal("TS Min T: 06:00", "TS Min T: ---"), "line 22: TS Min T: missing, or too much");
  EXPECT_EQ(refusal("t Acc: 75", "t Acc: 1441"), "line 40: t Acc: must be 0 to 1440 minutes");
  EXPECT_EQ(refusal("Date: 2026-03-02", "Date: 2026-03-03"),
            "line 33: 2: not before the day of the record above");
  EXPECT_EQ(refusal(" 2:\n", " 3:\n"),
            "line 17: Hist: records must be numbered from 1, without holes");
  EXPECT_EQ(refusal("Sensor: 1", "Sensor: 1\nSensor: 1"), "line 5: \"Sensor\" stands there twice");
  EXPECT_EQ(refusal(" Lot: T_01", "   Lot: T_01"), "line 7: deeper than what it stands in");
  EXPECT_EQ(refusal("Lot: T_01", "Lot: T\t01"), "line 7: not printable ASCII");
  EXPECT_EQ(refusal("T AL: -0.5", "T AL: +8.0"), "line 10: Alarm: limit 0 must be below limit 1");
}

class FridgeFolderTest : public testing::Test {
 protected:
  // Digests of the files it told of, and "gap".
  std::vector<std::string> files() {
    auto all = heard_->of("file");
    for (auto& f : all) f = f.starts_with("gap ") ? "gap" : f;
    return all;
  }
  ~FridgeFolderTest() override { stop(); }
  // `as_nobody`: with no more rights than the agent has; root reads everything.
  void start(Position at = {}, bool as_nobody = false) {
    FridgeLogOptions o;
    o.name = "fridge";
    o.folder = dir_.path();
    o.kept = dir_ / "kept";
    o.rejected = dir_ / "rejected";
    o.serial = "160400000001";
    o.max_bytes = 8192;
    o.days = options();
    heard_ = std::make_unique<test::Heard>();
    source_ = make_source(o, {clock_, {}, at});
    thread_ = std::thread([this, as_nobody] {
      if (as_nobody) test::become_nobody();
      result_ = source_->run(*heard_);
    });
  }
  // How often the log said it while `rest` ran.
  static std::size_t said(const std::string& event, const std::function<void()>& rest) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    rest();
    const std::string log =
        testing::internal::GetCapturedStdout() + testing::internal::GetCapturedStderr();
    std::size_t count = 0;
    for (auto at = log.find(event); at != std::string::npos; at = log.find(event, at + 1)) ++count;
    return count;
  }
  void stop() {
    if (!thread_.joinable()) return;
    source_->stop();
    thread_.join();
    EXPECT_TRUE(result_) << result_.error().text;
  }
  bool comes(std::size_t files) {
    for (int i = 0; i < 400 && heard_->of("file").size() < files; ++i)
      std::this_thread::sleep_for(Millis(50));
    return heard_->of("file").size() >= files;
  }
  static std::string digest(const std::string& text) {
    return "sha256:" + to_hex(sha256(as_bytes(text)));
  }
  std::string reason(const std::string& text) const {
    std::ifstream in(dir_ / "rejected/" + to_hex(sha256(as_bytes(text))) + ".reason");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  bool gone(const std::string& name) const {
    for (int i = 0; i < 100 && std::filesystem::exists(dir_ / name); ++i)
      std::this_thread::sleep_for(Millis(50));
    return !std::filesystem::exists(dir_ / name);
  }

  test::TempDir dir_;
  ManualClock clock_{*from_iso("2026-03-10T12:00:00Z")};
  FridgeTag tag_;
  std::unique_ptr<test::Heard> heard_;
  std::unique_ptr<Source> source_;
  std::thread thread_;
  Result<std::optional<Position>> result_{std::optional<Position>()};
};

TEST_F(FridgeFolderTest, AFileIsToldOnceAndKeptWithItsBytes) {
  const std::string file = FridgeTag::with_crlf(tag_.file(kCreated, kDays));
  dir_.write("a.txt", file);
  start();
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(files(), std::vector<std::string>{digest(file)});
  EXPECT_EQ(heard_->readings().size(), 11u);
  EXPECT_TRUE(gone("a.txt"));
  std::ifstream in(dir_ / "kept/00000001-" + to_hex(sha256(as_bytes(file))) + ".txt");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), file);
  dir_.write("copy-of-a.TXT", file);
  EXPECT_TRUE(gone("copy-of-a.TXT"));
  EXPECT_EQ(files().size(), 1u);
  EXPECT_EQ(heard_->at(), (Position{2, 0}));
}

TEST_F(FridgeFolderTest, WhatIsNotSealedIsToldAgainFromItsPlace) {
  dir_.write("a.txt", tag_.file(kCreated, kDays));
  start();
  ASSERT_TRUE(comes(1));
  const auto before = heard_->readings();
  stop();
  start({1, 4});
  ASSERT_TRUE(comes(1));
  const auto after = heard_->readings();
  ASSERT_EQ(after.size(), before.size() - 4);
  EXPECT_EQ(after.front().at, (Position{1, 4}));
  EXPECT_EQ(after.front().channel, before[4].channel);
}

TEST_F(FridgeFolderTest, ALaterFileGoesOnAfterARestartAndAnOlderOneIsRefused) {
  dir_.write("a.txt", tag_.file(kCreated, kDays));
  start();
  ASSERT_TRUE(comes(1));
  stop();
  start(heard_->at());
  auto days = kDays;
  days.insert(days.begin(), {"2026-03-04"});
  dir_.write("b.txt", tag_.file("2026-03-04 23:59", days));
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(heard_->readings().size(), 9u);  // the rest of one day, all of another, and the file
  const auto old = tag_.file("2026-03-02 23:59", {kDays[1]});
  dir_.write("old.txt", old);
  ASSERT_TRUE(comes(2));
  EXPECT_EQ(files().back(), "gap");
  EXPECT_EQ(reason(old), "old.txt: not made after the last file that was read\n");
}

TEST_F(FridgeFolderTest, RefusedFilesAreSetAsideWithTheirReasonAndDeclared) {
  std::string edited = tag_.file(kCreated, kDays);
  edited.replace(edited.find("+9.3"), 4, "+7.3");
  const std::string other = FridgeTag("160400000002").file(kCreated, kDays);
  const std::string far = tag_.file("2026-04-01 10:00", kDays);
  start();
  dir_.write("edited.txt", edited);
  dir_.write("other.txt", other);
  dir_.write("far.txt", far);
  dir_.write("large.txt", std::string(8193, 'x'));
  dir_.write("report.pdf", "%PDF");
  ASSERT_TRUE(comes(4));
  EXPECT_EQ(heard_->readings().size(), 4u);
  EXPECT_EQ(files(), std::vector<std::string>(4, "gap"));
  EXPECT_EQ(reason(edited),
            "edited.txt: the logger's signature does not hold: the file was changed\n");
  EXPECT_EQ(reason(other), "other.txt: of logger 160400000002, not 160400000001\n");
  EXPECT_EQ(reason(far), "far.txt: made more than a day ahead of now\n");
  EXPECT_EQ(reason("large.txt"), "large.txt: above max_bytes\n");
  EXPECT_TRUE(gone("edited.txt") && gone("large.txt"));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "report.pdf"));
}

TEST_F(FridgeFolderTest, AFileOfALoggerThatGoesFastIsTakenOnceItsTimeHasCome) {
  clock_.set(*from_iso("2026-03-03T10:20:00Z"));
  dir_.write("a.txt", tag_.file(kCreated, kDays));
  dir_.write("b.txt", "no logger's file\nSig: x\n");
  const auto rest = [&] {
    start();
    EXPECT_TRUE(comes(1));
    std::this_thread::sleep_for(Millis(2500));  // it is looked at again
  };
  EXPECT_EQ(said("fridge_log.ahead", rest), 1u);
  EXPECT_EQ(files(), std::vector<std::string>{"gap"});  // of b alone
  clock_.set(*from_iso("2026-03-03T10:31:00Z"));
  ASSERT_TRUE(comes(2));
}

// A stick that is not mounted when the agent starts: the source ended for good, and the agent with exit code 1.
TEST_F(FridgeFolderTest, AFolderThatCannotBeMadeYetIsWaitedFor) {
  dir_.write("a.txt", tag_.file(kCreated, kDays));
  const std::string in_the_way = dir_.write("kept", "");
  start();
  std::this_thread::sleep_for(Millis(500));
  EXPECT_TRUE(heard_->readings().empty());
  std::filesystem::remove(in_the_way);
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(heard_->readings().size(), 11u);
  EXPECT_TRUE(gone("a.txt"));
}

// A disk that is full: here a name that cannot be written.
TEST_F(FridgeFolderTest, AFileThatCannotBeKeptIsTakenOnceItCan) {
  const std::string file = tag_.file(kCreated, kDays);
  start();
  for (int i = 0; i < 400 && !std::filesystem::exists(dir_ / "rejected"); ++i)
    std::this_thread::sleep_for(Millis(50));
  const std::string part = dir_ / "kept/00000001-" + to_hex(sha256(as_bytes(file))) + ".txt.part";
  ASSERT_TRUE(std::filesystem::create_directory(part));
  dir_.write("a.txt", file);
  std::this_thread::sleep_for(Millis(2500));
  EXPECT_TRUE(heard_->readings().empty());
  EXPECT_TRUE(std::filesystem::exists(dir_ / "a.txt"));
  std::filesystem::remove(part);
  ASSERT_TRUE(comes(1));
  EXPECT_TRUE(gone("a.txt"));
  EXPECT_EQ(heard_->readings().size(), 11u);
}

// An empty folder where the stick belongs: what lies on the stick is known once it is there, and not told again.
TEST_F(FridgeFolderTest, WhatWasReadIsNotToldAgainFromAFolderThatIsAnother) {
  dir_.write("a.txt", tag_.file(kCreated, kDays));
  start();
  ASSERT_TRUE(comes(1));
  EXPECT_TRUE(gone("a.txt"));
  stop();
  std::filesystem::rename(dir_ / "kept", dir_ / "stick");
  start({2, 0});
  dir_.write("again.txt", tag_.file(kCreated, kDays));
  std::this_thread::sleep_for(Millis(2500));
  EXPECT_TRUE(heard_->readings().empty());
  std::filesystem::remove_all(dir_ / "kept");
  std::filesystem::rename(dir_ / "stick", dir_ / "kept");
  auto days = kDays;
  days.insert(days.begin(), {"2026-03-04"});
  dir_.write("b.txt", tag_.file("2026-03-04 23:59", days));
  ASSERT_TRUE(comes(1));
  EXPECT_EQ(heard_->readings().size(), 9u);  // of b alone, what is later than a
}

// Nothing was ever said of it.
TEST_F(FridgeFolderTest, AFileThatMayNotBeReadIsNamedOnceAndTakenOnceItMay) {
  std::filesystem::permissions(dir_.path(), std::filesystem::perms::all);
  const std::string file = dir_.write("a.txt", tag_.file(kCreated, kDays));
  std::filesystem::permissions(file, std::filesystem::perms::none);
  const auto rest = [&] {
    start({}, true);
    std::this_thread::sleep_for(Millis(4500));  // it is looked at again
  };
  EXPECT_EQ(said("fridge_log.unreadable", rest), 1u);
  EXPECT_TRUE(heard_->readings().empty());
  std::filesystem::permissions(file, std::filesystem::perms(0644));
  ASSERT_TRUE(comes(1));
}

TEST(DropFolder, WhatWasPutInTheReadFilesPlaceIsNotRemoved) {
  test::TempDir dir;
  const std::filesystem::path name = dir.write("a.txt", "first");
  fridge::DropFolder drop(dir.path());
  fridge::DropFolder::Tick now{};
  ASSERT_TRUE(drop.settled(now)->empty());
  const auto read = drop.settled(now + fridge::kSettled)->at(0);
  dir.write("a.txt", "another");
  EXPECT_EQ(drop.remove(read).code(), Errc::kConflict);
  EXPECT_EQ(std::filesystem::file_size(name), 7u);
  std::filesystem::rename(name, dir.path() / ".a.txt.read");  // killed in between
  dir.write(".notes.read", "somebody's own");
  fridge::DropFolder next(dir.path());
  ASSERT_TRUE(next.settled(now)->empty());  // gets its name back
  ASSERT_TRUE(next.settled(now)->empty());
  const auto files = next.settled(now + fridge::kSettled);
  ASSERT_EQ(files->size(), 1u);
  EXPECT_TRUE(next.remove(files->at(0)));
  EXPECT_FALSE(std::filesystem::exists(name));
  EXPECT_TRUE(std::filesystem::exists(dir.path() / ".notes.read"));
}

TEST(DropFolder, WhatIsAsideIsNeverOverwritten) {
  test::TempDir dir;
  const std::filesystem::path name = dir.write("a.txt", "third");
  fridge::DropFolder drop(dir.path());
  fridge::DropFolder::Tick now{};
  ASSERT_TRUE(drop.settled(now)->empty());
  const auto third = drop.settled(now + fridge::kSettled)->at(0);
  dir.write(".a.txt.read", "second, unread");
  EXPECT_FALSE(drop.remove(third));
  EXPECT_EQ(std::filesystem::file_size(name), 5u);
  EXPECT_EQ(std::filesystem::file_size(dir.path() / ".a.txt.read"), 14u);
}

TEST(DropFolder, AFileThatGrowsOrIsHalfThereIsNotSettled) {
  const test::TempDir dir;
  fridge::DropFolder drop(dir.path());
  fridge::DropFolder::Tick now{};
  dir.write("a.txt", "Device");
  EXPECT_TRUE(drop.settled(now)->empty());
  EXPECT_TRUE(drop.waiting());
  dir.write("a.txt", "Device: Q-tag");
  now += Millis(1500);
  EXPECT_TRUE(drop.settled(now)->empty());
  now += Millis(1500);
  const auto files = drop.settled(now);
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ(files->front().quiet, Millis(1500));
  drop.done(files->front());
  EXPECT_TRUE(drop.settled(now + Millis(5000))->empty());
  EXPECT_FALSE(drop.waiting());
}

}  // namespace
}  // namespace lotmark::agent
