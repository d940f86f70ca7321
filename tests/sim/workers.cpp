#include "tests/sim/workers.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <vector>

#include "core/base/assert.h"

namespace lotmark::sim {

namespace {

constexpr unsigned kSeedMostS = 120;  // a seed that takes longer ends its process by SIGALRM

enum class Told : std::uint8_t { kBegins, kGood, kBroken };
struct Message {
  std::uint64_t seed = 0;
  Told told = Told::kBegins;
};

struct Worker {
  pid_t pid = -1;
  int pipe = -1;
  std::uint64_t seed = 0;  // the one it is at
  bool at_work = false;
};

void tell(int fd, std::uint64_t seed, Told told) {
  Message m;
  m.seed = seed;
  m.told = told;
  if (::write(fd, &m, sizeof m) != sizeof m) ::_exit(1);
}

// Every jobs-th seed from first + place on. It is the parent's process but for that: nothing is undone at its end.
[[noreturn]] void work(int fd, const std::filesystem::path& folder, std::uint64_t first,
                       std::uint64_t count, std::uint64_t jobs, std::uint64_t place) {
  bool good = true;
  for (std::uint64_t i = place; i < count && good; i += jobs) {
    tell(fd, first + i, Told::kBegins);
    ::alarm(kSeedMostS);
    good = !run_seed(first + i, folder / std::to_string(place)).violation;
    tell(fd, first + i, good ? Told::kGood : Told::kBroken);
  }
  ::_exit(0);
}

Worker hire(const std::filesystem::path& folder, std::uint64_t first, std::uint64_t count,
            std::uint64_t jobs, std::uint64_t place) {
  int ends[2];
  LM_ASSERT(::pipe(ends) == 0);
  Worker w;
  w.pid = ::fork();
  LM_ASSERT(w.pid >= 0);
  if (w.pid == 0) {
    ::close(ends[0]);
    work(ends[1], folder, first, count, jobs, place);
  }
  ::close(ends[1]);
  w.pipe = ends[0];
  return w;
}

struct Tally {
  std::uint64_t done = 0;
  std::optional<std::uint64_t> broken;  // a seed
  bool died = false;
};

// One message or the end of a worker.
void hear(Worker& w, Tally& tally) {
  Message m;
  const ssize_t n = ::read(w.pipe, &m, sizeof m);
  if (n == sizeof m) {
    w.seed = m.seed;
    w.at_work = m.told == Told::kBegins;
    if (m.told != Told::kBegins) ++tally.done;
    if (m.told == Told::kBroken && !tally.broken) tally.broken = m.seed;
    return;
  }
  if (w.at_work && !tally.broken) {  // an assertion or a signal
    tally.broken = w.seed;
    tally.died = true;
  }
  ::close(w.pipe);
  w.pipe = -1;
}

void show(const Tally& t, std::uint64_t count) {
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r{} of {} seeds", t.done, count);
}

double cpu_seconds() {
  rusage u{};
  ::getrusage(RUSAGE_CHILDREN, &u);
  return static_cast<double>(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         static_cast<double>(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

}  // namespace

RunFolder::RunFolder() {
  const bool memory = std::filesystem::is_directory("/dev/shm");
  std::string name = (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
                     "/lotmark-sim-XXXXXX";
  LM_ASSERT(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void print_report(const RunReport& r) {
  if (r.violation) {
    fmt::print("the newest events:\n{}\nseed {} ({}), step {}: {}\n", r.tail, r.seed, r.plan,
               r.steps, *r.violation);
    fmt::print("replay: scripts/sim --seed {}\n", r.seed);
    return;
  }
  fmt::print(
      "seed {} ({}): {} steps, {:.0f} s, {} final blocks, {} final lots, {} cuts, digest {:016x}\n",
      r.seed, r.plan, r.steps, r.virtual_s, r.blocks, r.lots, r.cuts, r.digest);
}

int run_many(std::uint64_t first, std::uint64_t count, std::uint64_t jobs) {
  std::fflush(nullptr);
  const RunFolder folder;
  std::vector<Worker> workers;
  for (std::uint64_t j = 0; j < jobs; ++j)
    workers.push_back(hire(folder.path(), first, count, jobs, j));
  Tally tally;
  while (!tally.broken) {
    std::vector<pollfd> ready;
    for (const auto& w : workers) {
      if (w.pipe >= 0) ready.push_back({w.pipe, POLLIN, 0});
    }
    if (ready.empty()) break;
    (void)::poll(ready.data(), ready.size(), -1);
    for (const auto& r : ready) {
      for (auto& w : workers) {
        if (r.revents != 0 && w.pipe == r.fd) hear(w, tally);
      }
    }
    show(tally, count);
  }
  for (const auto& w : workers) {
    if (tally.broken) ::kill(w.pid, SIGTERM);
    ::waitpid(w.pid, nullptr, 0);
  }
  if (::isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\x1b[K");
  if (tally.broken) {
    if (tally.died) {
      fmt::print("seed {} ended its process; see it by: scripts/sim --seed {}\n", *tally.broken,
                 *tally.broken);
    } else {
      const auto again = run_seed(*tally.broken, folder.path());
      if (!again.violation) fmt::print("seed {} was broken and is not any more:\n", *tally.broken);
      print_report(again);
    }
    fmt::print("sim seeds={} violations=1\n", tally.done);
    return 1;
  }
  if (tally.done != count) {
    fmt::print("a process ended before its seeds were done\nsim seeds={} violations=0\n",
               tally.done);
    return 1;
  }
  fmt::print("{:.2f} s of processor time a seed\n", cpu_seconds() / static_cast<double>(count));
  fmt::print("sim seeds={} violations=0\n", tally.done);
  return 0;
}

}  // namespace lotmark::sim
