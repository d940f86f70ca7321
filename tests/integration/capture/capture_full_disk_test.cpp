// A disk that fills up while events are captured and accesses logged: 507 with a clear error, nothing acknowledged is lost,
// nothing is half, and it goes on when there is room.
#include <map>

#include "ledger-node/capture/capture_desk.h"
#include "tests/integration/full_disk/small_disk.h"
#include "tests/must.h"
#include "tests/unit/capture/access_entries.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using lotmark::test::must;
using Kind = CaptureRequest::Kind;

class FullDiskCaptures : public testing::Test {
 protected:
  void SetUp() override {
    if (disk.missing() != nullptr) {
      ASSERT_FALSE(disk.as_root()) << disk.missing();
      GTEST_SKIP() << "NOT RUN: " << disk.missing();
    }
    open();
  }
  void TearDown() override { desk.reset(); }
  void open() {
    desk.reset();
    desk = must(CaptureDesk::open(file(), {}));
  }
  std::filesystem::path file() const { return disk.path() / "private.db"; }
  Reply post(const std::string& what, Bytes body) {
    const Call call{"POST", "/control/v1/" + what, std::move(body), {}};
    return desk->control(call, *parse_route(call.path), KeyId{{1}}, kNow);
  }
  // So many events from `first` on; true if they were taken, false if the disk was full.
  bool capture(int first, int count, Kind kind) {
    std::vector<epcis::Json> events;
    for (int i = first; i < first + count; ++i)
      events.push_back(observed("urn:x:" + std::to_string(i), i, i % 60));
    const Reply reply = post("captures", encode_capture(request_of(events, kind)));
    if (reply.status == 200) return true;
    EXPECT_EQ(reply.status, 507) << as_text(reply.body);
    EXPECT_NE(as_text(reply.body).find("disk-full"), std::string_view::npos) << as_text(reply.body);
    return false;
  }
  std::uint64_t number(const std::string& sql) {
    const auto db = must(store::Database::open(file()));
    auto q = must(db.prepare(sql));
    EXPECT_TRUE(must(q.step()));
    return q.u64(0);
  }
  std::uint64_t kept(int first, int count) {
    return number("SELECT count(*) FROM event WHERE CAST(substr(id, 7) AS INTEGER) BETWEEN " +
                  std::to_string(first) + " AND " + std::to_string(first + count - 1));
  }

  static constexpr Time kNow{Millis{1'777'900'000'000}};
  lotmark::test::SmallDisk disk;
  std::unique_ptr<CaptureDesk> desk;
};

TEST_F(FullDiskCaptures, ARollbackIsAllOrNothingAndGoesOnWhenThereIsRoom) {
  constexpr int kOf = 60;
  int refused = 0, next = 1;
  for (std::uint64_t free = 0; free < 240'000; free += 12'000) {
    ASSERT_TRUE(capture(next, kOf, Kind::kRollback));
    disk.fill(free);
    const bool taken = capture(next + kOf, kOf, Kind::kRollback);
    refused += taken ? 0 : 1;
    disk.make_room();
    EXPECT_EQ(kept(next, kOf), std::uint64_t{kOf}) << "acknowledged";
    EXPECT_EQ(kept(next + kOf, kOf), taken ? std::uint64_t{kOf} : 0u);
    if (free % 24'000 == 0) open();  // as after a restart
    EXPECT_TRUE(capture(next + kOf, kOf, Kind::kRollback)) << "there is room again";
    next += 2 * kOf;
  }
  EXPECT_GE(refused, 3);
  EXPECT_EQ(number("SELECT count(*) FROM event"), static_cast<std::uint64_t>(next - 1));
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), static_cast<std::uint64_t>(next - 1));
  EXPECT_EQ(number("SELECT count(*) FROM event_term WHERE h = 0"),
            static_cast<std::uint64_t>(next - 1));
}

TEST_F(FullDiskCaptures, OfPartsThoseBeforeStayAndTheJobSaysSo) {
  constexpr int kOf = 2500;
  disk.fill(3'000'000);
  ASSERT_FALSE(capture(1, kOf, Kind::kProceed)) << "it takes more room than that";
  disk.make_room();
  const auto there = kept(1, kOf);
  EXPECT_GT(there, 0u);
  EXPECT_LT(there, std::uint64_t{kOf});
  EXPECT_EQ(number("SELECT last - first + 1 FROM capture_job WHERE success = 0"), there);
  open();
  EXPECT_TRUE(capture(1, kOf, Kind::kProceed));
  EXPECT_EQ(kept(1, kOf), std::uint64_t{kOf});
  EXPECT_EQ(number("SELECT count(*) FROM event"), std::uint64_t{kOf});
}

TEST_F(FullDiskCaptures, AccessesThatWereTakenAreThere) {
  std::uint64_t taken = 0, refused = 0, number_of = 1;
  for (std::uint64_t free = 0; free < 200'000; free += 10'000) {
    disk.fill(free);
    for (int i = 0; i < 3; ++i, number_of += 200) {
      const auto reply = post("accesses", encode_list(accesses(number_of, number_of + 199)));
      if (reply.status == 200) taken += 200;
      else ++refused;
      EXPECT_TRUE(reply.status == 200 || reply.status == 507) << as_text(reply.body);
    }
    disk.make_room();
    EXPECT_EQ(number("SELECT count(*) FROM access"), taken);
    EXPECT_EQ(number("SELECT max(n) FROM access"), taken);
  }
  EXPECT_GT(refused, 0u);
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace lotmark::node::test
