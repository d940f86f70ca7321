// What a chain of 10 thousand, 100 thousand, a million blocks costs: to append, to prove a lot of, to start with, to check,
// and to catch up with.
#include <fmt/core.h>
#include <unistd.h>

#include "bench/measured.h"
#include "bench/scale.h"
#include "bench/sizes/catch_up.h"
#include "bench/sizes/made.h"
#include "ledger-node/chain/public/check.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::bench {

namespace {

// The first thousand one by one, as a primary does; the rest in pages, as who catches up.
Status append(const test::Consortium& c, const std::filesystem::path& made,
              const std::filesystem::path& file, std::uint64_t blocks) {
  constexpr std::uint64_t kSingly = 1000;
  constexpr std::size_t kPage = 500;
  LM_ASSIGN(auto chain, chain::PublicChain::open(file, c.anchor));
  BlockFile in(made);
  const Time now = c.clock.now();
  double begin = seconds_now();
  while (chain.size() < std::min(kSingly, blocks)) {
    for (const auto& b : in.next(1)) LM_TRY(chain.append(b, now));
  }
  const double one = (seconds_now() - begin) / static_cast<double>(kSingly);
  begin = seconds_now();
  const std::uint64_t from = chain.size();
  while (chain.size() < blocks)
    LM_TRY(chain.adopt(in.next(std::min<std::uint64_t>(kPage, blocks - chain.size())), now));
  const double paged = seconds_now() - begin;
  for (const auto& v : in.next(2)) LM_TRY(chain.add_vote(v));
  fmt::print(
      "{} blocks\n  append: {:.0f} us one by one, {:.1f} us in pages, {:.1f} s, {:.1f} MiB\n",
      blocks, one * 1e6, paged * 1e6 / static_cast<double>(blocks - from), paged, peak_mib());
  return {};
}

Status start(const test::Consortium& c, const std::filesystem::path& file) {
  const double base = resident_mib();
  const double begin = seconds_now();
  LM_ASSIGN(auto chain, chain::PublicChain::open(file, c.anchor));
  fmt::print("  start: {:.0f} ms, {:.1f} MiB (the process without it {:.1f})\n",
             (seconds_now() - begin) * 1e3, peak_mib(), base);
  return {};
}

Status prove(const test::Consortium& c, const std::filesystem::path& file, std::uint64_t blocks) {
  constexpr std::uint64_t kReceipts = 1000;
  LM_ASSIGN(auto chain, chain::PublicChain::open(file, c.anchor));
  std::vector<double> times;
  std::size_t bytes = 0;
  for (std::uint64_t i = 0; i < kReceipts; ++i) {
    const std::uint64_t lot = (i * 7919 * 8) % (blocks - 8) / 8 * 8 + 8;
    const double begin = seconds_now();
    LM_ASSIGN(auto receipt, chain.receipt(lot));
    times.push_back(seconds_now() - begin);
    bytes = std::max(bytes, receipt.size());
  }
  std::sort(times.begin(), times.end());
  fmt::print("  prove: receipt {:.0f} us at the median, {:.0f} us at 99 %, {} bytes, {:.1f} MiB\n",
             times[kReceipts / 2] * 1e6, times[kReceipts * 99 / 100] * 1e6, bytes, peak_mib());
  return {};
}

Status check(const test::Consortium& c, const std::filesystem::path& file) {
  LM_ASSIGN(auto chain, chain::PublicChain::open(file, c.anchor));
  LM_ASSIGN(auto check, chain::ChainCheck::begin(chain.database(), c.anchor));
  std::vector<chain::Fault> faults;
  double longest = 0;
  const double begin = seconds_now();
  for (bool over = false; !over;) {
    const double slice = seconds_now();
    LM_ASSIGN(over, check.step(16, faults));
    longest = std::max(longest, seconds_now() - slice);
  }
  fmt::print("  check: {:.1f} s, longest slice of 16 rows {:.1f} ms, {} faults, {:.1f} MiB\n",
             seconds_now() - begin, longest * 1e3, faults.size(), peak_mib());
  return {};
}

Status measure(const test::Consortium& c, const std::filesystem::path& folder,
               std::uint64_t blocks) {
  const auto made = folder / "blocks";
  const auto file = folder / c.supervisors[0].name / "chain.db";
  std::filesystem::create_directories(file.parent_path());
  LM_TRY(in_process([&] { return make_blocks(c, made, blocks); }));
  LM_TRY(in_process([&] { return append(c, made, file, blocks); }));
  std::filesystem::remove(made);
  fmt::print("  disk: {:.0f} bytes a block\n",
             static_cast<double>(std::filesystem::file_size(file)) / static_cast<double>(blocks));
  LM_TRY(in_process([&] { return start(c, file); }));
  LM_TRY(in_process([&] { return prove(c, file, blocks); }));
  LM_TRY(in_process([&] { return check(c, file); }));
  return in_process([&]() -> Status {
    LM_ASSIGN(const auto done, catch_up(c, folder, blocks));
    fmt::print(
        "  catch up: {:.1f} s, {:.0f} blocks a second, both nodes {:.1f} MiB before and "
        "{:.1f} at the most, log of pages {:.1f} MiB\n",
        done.seconds, static_cast<double>(blocks) / done.seconds, done.before_mib, done.peak_mib,
        done.wal_mib);
    return {};
  });
}

int run(int argc, char** argv) {
  CLI::App app{
      "A chain at 10 thousand blocks and ten times as many, up to --blocks-max: time and memory."};
  Scale scale{.most = 1'000'000};
  add_scale(app, scale, "--blocks-max");
  CLI11_PARSE(app, argc, argv);
  const test::Consortium c;
  Status done;
  for (std::uint64_t blocks = 10'000; done && blocks <= scale.most; blocks *= 10) {
    const auto own = scale.folder / ("lotmark-bench-sizes-" + std::to_string(::getpid()));
    std::filesystem::create_directories(own);
    done = measure(c, own, blocks);
    std::filesystem::remove_all(own);
  }
  if (!done) fmt::print(stderr, "{}\n", done.error().message());
  return done ? 0 : 1;
}

}  // namespace

}  // namespace lotmark::bench

int main(int argc, char** argv) { return lotmark::bench::run(argc, argv); }
