// A stored tree at growing sizes, beside the same tree in memory.
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "bench/measured.h"
#include "bench/scale.h"
#include "bench/tree/tree_figures.h"

namespace lotmark::bench {

namespace {

// The figure that `work` finds in a process of its own.
template <class Work>
Result<double> measured(const Work& work) {
  void* shared =
      ::mmap(nullptr, sizeof(double), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return fail(Errc::kIo, "no memory could be shared");
  auto* figure = new (shared) double(0);
  LM_TRY(in_process([&]() -> Status {
    LM_ASSIGN(*figure, work());
    return {};
  }));
  return *figure;
}

// Leaves a second, `count` of them in transactions of `group`.
Result<double> append(const store::Database& db, store::StoredTree& tree, std::uint64_t count,
                      std::uint64_t group) {
  const double begin = seconds_now();
  for (std::uint64_t done = 0; done < count; done += group) {
    LM_TRY(db.transaction([&]() -> Status {
      for (std::uint64_t i = done; i < std::min(count, done + group); ++i) {
        LM_TRY(tree.append(leaf_no(tree.size())));
      }
      return tree.root().code();
    }));
  }
  return static_cast<double>(count) / (seconds_now() - begin);
}

// From what is there to `leaves`.
Result<double> grow(const std::filesystem::path& file, std::uint64_t leaves) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({store::StoredTree::schema("block_")}));
  LM_ASSIGN(auto tree, store::StoredTree::open(db, "block_"));
  LM_ASSIGN(const double ones, append(db, tree, 1000, 1));
  LM_ASSIGN(const double sixty_fours, append(db, tree, 6400, 64));
  LM_ASSIGN(const double rest, append(db, tree, leaves - tree.size(), 4096));
  fmt::print(
      "{} leaves\n  appended a second in transactions of 1: {:.0f}, of 64: {:.0f}, of 4096: "
      "{:.0f}\n",
      leaves, ones, sixty_fours, rest);
  const double begin = seconds_now();
  store::StoredTree::Cursor cursor;
  LM_ASSIGN(const bool whole, tree.check_next(cursor, leaves + 2));
  LM_ASSERT(whole);
  fmt::print("  checked whole in {:.2f} s\n", seconds_now() - begin);
  return rest;
}

// The last line: how much sooner a node has its tree than by filling one in memory.
Status measure(const std::filesystem::path& file, std::uint64_t leaves) {
  LM_TRY(measured([&] { return grow(file, leaves); }));
  fmt::print("  {:.2f} bytes a leaf on disk\n",
             static_cast<double>(std::filesystem::file_size(file)) / static_cast<double>(leaves));
  LM_TRY(measured([&] { return measure_stored(file, true); }));
  LM_ASSIGN(const double opened, measured([&] { return measure_stored(file, false); }));
  LM_ASSIGN(const double filled, measured([&] { return Result<double>(measure_memory(leaves)); }));
  fmt::print("tree ratio={:.1f} value={:.2f} unit=ms yardstick={:.2f}\n", filled / opened, opened,
             filled);
  return {};
}

int run(int argc, char** argv) {
  CLI::App app{
      "A stored tree at 10 thousand to 10 million leaves, beside the same tree in memory."};
  Scale scale{.most = 10'000'000};
  add_scale(app, scale, "--leaves-max");
  CLI11_PARSE(app, argc, argv);
  const auto own = scale.folder / ("lotmark-bench-tree-" + std::to_string(::getpid()));
  std::filesystem::create_directories(own);
  Status done;
  for (std::uint64_t leaves = 10'000; done && leaves <= scale.most; leaves *= 10) {
    done = measure(own / "tree.db", leaves);
  }
  std::filesystem::remove_all(own);
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  return done ? 0 : 1;
}

}  // namespace

}  // namespace lotmark::bench

int main(int argc, char** argv) { return lotmark::bench::run(argc, argv); }
