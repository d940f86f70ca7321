#include "bench/tree/tree_figures.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "bench/measured.h"

namespace lotmark::bench {

namespace {

constexpr std::uint64_t kPaths = 5000;

// kB of a line of /proc/self/smaps_rollup.
std::uint64_t memory_kb(const std::string& line) {
  std::ifstream in("/proc/self/smaps_rollup");
  for (std::string name; in >> name;) {
    std::uint64_t kb = 0;
    if (name == line && in >> kb) return kb;
  }
  return 0;
}

struct Paths {
  double median_us = 0;
  double p99_us = 0;
};

// Of the paths of `kPaths` leaves of [from, size), drawn at random.
template <class Take>
Paths time_paths(std::uint64_t from, std::uint64_t size, const Take& take) {
  std::mt19937_64 random(size);
  std::vector<double> us;
  for (std::uint64_t i = 0; i < kPaths; ++i) {
    const std::uint64_t index = from + random() % (size - from);
    const double begin = seconds_now();
    if (!take(index)) return {};
    us.push_back((seconds_now() - begin) * 1e6);
  }
  std::sort(us.begin(), us.end());
  return {us[us.size() / 2], us[us.size() * 99 / 100]};
}

void drop_from_cache(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  ::fdatasync(fd);
  (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  ::close(fd);
}

}  // namespace

Digest leaf_no(std::uint64_t n) {
  return merkle::leaf_hash({reinterpret_cast<const std::uint8_t*>(&n), sizeof n});
}

Result<double> measure_stored(const std::filesystem::path& file, bool cold) {
  if (cold) drop_from_cache(file);
  LM_ASSIGN(auto db, store::Database::open(file, {.read_only = true}));
  const auto before = memory_kb("Pss:");
  const double begin = seconds_now();
  LM_ASSIGN(auto tree, store::StoredTree::open(db, "block_"));
  const double opened = seconds_now();
  const auto after = memory_kb("Pss:");
  const std::uint64_t size = tree.size();
  const auto take = [&](std::uint64_t i) { return bool(tree.inclusion(i, size)); };
  const double first = seconds_now();
  LM_TRY(Status(tree.inclusion(size / 3, size).code()));
  const double first_us = (seconds_now() - first) * 1e6;
  const Paths newest = time_paths(size - std::min<std::uint64_t>(size, 10000), size, take);
  const Paths any = time_paths(0, size, take);
  fmt::print(
      "  stored, {}: open {:.2f} ms, {} kB more (PSS), {} kB more after the paths, {} kB in all; "
      "first path {:.0f} us, newest 10,000 leaves {:.1f} us (99 %: {:.0f}), any leaf {:.1f} us "
      "(99 %: {:.0f})\n",
      cold ? "file not in the cache" : "file in the cache", (opened - begin) * 1e3, after - before,
      memory_kb("Pss:") - before, memory_kb("Pss:"), first_us, newest.median_us, newest.p99_us,
      any.median_us, any.p99_us);
  return (opened - begin) * 1e3;
}

double measure_memory(std::uint64_t leaves) {
  const auto before = memory_kb("Pss:");
  const double begin = seconds_now();
  merkle::MemoryTree tree;
  for (std::uint64_t i = 0; i < leaves; ++i) tree.append(leaf_no(i));
  const double filled = seconds_now();
  const auto after = memory_kb("Pss:");
  const Paths any =
      time_paths(0, leaves, [&](std::uint64_t i) { return !tree.inclusion(i).empty(); });
  fmt::print(
      "  in memory: filled in {:.2f} ms ({:.0f} leaves a second), {} kB more (PSS); any leaf "
      "{:.1f} us (99 %: {:.0f})\n",
      (filled - begin) * 1e3, static_cast<double>(leaves) / (filled - begin), after - before,
      any.median_us, any.p99_us);
  return (filled - begin) * 1e3;
}

}  // namespace lotmark::bench
