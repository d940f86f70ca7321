#include "edge-agent/outbox/rejected.h"

#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Rejected, BundleAndTheNodesWordLieSideBySide) {
  test::TempDir dir;
  Rejected rejected(dir.path() / "rejected");
  ASSERT_TRUE(rejected.keep(LifeId{}, 7, as_bytes("wire"), as_bytes("ack")));
  ASSERT_TRUE(rejected.keep(LifeId{}, 7, as_bytes("wire"), as_bytes("ack")))
      << "again after a crash";
  const auto base = dir.path() / "rejected/0000000000000000-0000000000000007";
  EXPECT_EQ(content(base.string() + ".bundle"), "wire");
  EXPECT_EQ(content(base.string() + ".ack"), "ack");
}

TEST(Rejected, TheOldestGoAndAreCounted) {
  test::TempDir dir;
  Rejected rejected(dir.path() / "rejected");
  const std::size_t count = Rejected::kMost + 3;
  for (std::uint64_t seq = 1; seq <= count; ++seq) {
    ASSERT_TRUE(rejected.keep(LifeId{}, seq, as_bytes("wire"), as_bytes("ack")));
  }
  EXPECT_EQ(rejected.dropped(), 3u);
  std::set<std::string> names;
  for (const auto& e : std::filesystem::directory_iterator(rejected.folder())) {
    names.insert(e.path().filename());
  }
  EXPECT_EQ(names.size(), 2 * Rejected::kMost);
  EXPECT_FALSE(names.contains("0000000000000000-0000000000000001.bundle"));
  EXPECT_FALSE(names.contains("0000000000000000-0000000000000001.ack"));
  EXPECT_TRUE(names.contains("0000000000000000-0000000000000067.bundle"));
}

}  // namespace
}  // namespace lotmark::agent
