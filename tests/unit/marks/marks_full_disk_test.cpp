// A disk that fills up at any write: nothing is answered as taken that is not on it.
#include "tests/must.h"
#include "tests/unit/intake/full_disk.h"
#include "tests/unit/marks/marks_fixture.h"

namespace lotmark::test {
namespace {

// Made before the fixture opens its files.
struct DiskHolder {
  FullDisk disk;
};
class MarksOnAFullDisk : private DiskHolder, public MarksTest {
 protected:
  FullDisk& disk = DiskHolder::disk;

  node::Reply call(const std::vector<Bytes>& marks) {
    const node::Call c0{"POST", "/control/v1/marks", node::encode_list(marks), {}};
    return desk->control(c0, *node::parse_route(c0.path), c.examiner_west.kid(), now());
  }
};

TEST_F(MarksOnAFullDisk, ACallIsTakenAsAWholeOrRefusedAsAWhole) {
  sell(corner, "0");
  std::vector<Bytes> marks;
  for (int i = 1; i < 60; ++i) marks.push_back(signed_by(corner, mark(std::to_string(i))));
  int failures = 0;
  for (int writes = 0;; ++writes) {
    ASSERT_LT(writes, 500);
    disk.allow(writes);
    const auto reply = call(marks);
    disk.allow(-1);
    if (reply.ok()) break;
    ++failures;
    EXPECT_EQ(reply.error->code, Errc::kDiskFull) << reply.error->message();
    EXPECT_EQ(reply.status, 507);
    EXPECT_EQ(must(store->page({}, 0, 100)).size(), 1u);
    EXPECT_EQ(store->waiting(), 1u);
    EXPECT_EQ(must(node::MarkStore::open(folder / "marks.db"))->waiting(), 1u);
  }
  EXPECT_GT(failures, 5);
  EXPECT_EQ(store->waiting(), 60u);
}

TEST_F(MarksOnAFullDisk, MarksAreCountedOnceWhereverBundlingFails) {
  for (int i = 0; i < 30; ++i) sell(corner, std::to_string(i));
  pass(std::chrono::minutes(2));
  int failures = 0;
  for (int writes = 0; store->waiting() != 0; ++writes) {
    ASSERT_LT(writes, 500);
    disk.allow(writes);
    reporter->tick(now());
    disk.allow(-1);
    pass(std::chrono::seconds(11));
    if (store->waiting() == 0) break;
    ++failures;
    EXPECT_EQ(store->waiting(), 30u);
    EXPECT_TRUE(submitted.empty()) << "what is not stored does not leave";
  }
  EXPECT_GT(failures, 5);
  tick(4);
  std::set<Bytes> made(submitted.begin(), submitted.end());
  EXPECT_EQ(made.size(), 1u);
  EXPECT_EQ(opened(*made.begin()).count, 30u);
}

}  // namespace
}  // namespace lotmark::test
