#include "ledger-node/private_watch.h"

#include <sys/resource.h>
#include <unistd.h>

#include <ctime>

#include <algorithm>
#include <set>

#include "core/base/log.h"

namespace lotmark::node {

namespace {

// The files are a running node's: what only one of two looks says came and went while it looked.
void keep_common(chain::AuditReport& report, const chain::AuditReport& second) {
  std::set<std::string> lines;
  for (const auto& f : second.faults) lines.insert(chain::to_line(f));
  std::erase_if(report.faults, [&](const auto& f) { return !lines.contains(chain::to_line(f)); });
  report.more = std::min(report.more, second.more);
}

// Not the clock's time: on a busy machine the thread mostly waits, and that is rest enough.
std::chrono::milliseconds cpu_of_this_thread() {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return std::chrono::milliseconds(t.tv_sec * 1000 + t.tv_nsec / 1'000'000);
}

constexpr int kRestOfWork = 4;  // a fifth of one core at most
constexpr std::chrono::milliseconds kRestMax{2000};

}  // namespace

PrivateWatch::PrivateWatch(WatchFiles files, std::chrono::seconds pause, Told told)
    : files_(std::move(files)), pause_(pause), told_(std::move(told)), thread_([this] { run(); }) {}

PrivateWatch::~PrivateWatch() {
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

bool PrivateWatch::wait(std::chrono::milliseconds time) {
  std::unique_lock guard(lock_);
  return wake_.wait_for(guard, time, [&] { return stop_; });
}

bool PrivateWatch::rest() {
  const auto worked = cpu_of_this_thread() - since_;
  const bool end = wait(std::min(worked * kRestOfWork, kRestMax));
  since_ = cpu_of_this_thread();
  return end;
}

Result<chain::AuditReport> PrivateWatch::look(const std::filesystem::path& state, bool& anew) {
  chain::AuditOptions options;
  options.private_dbs = {files_.private_db};
  options.chain_db = files_.chain_db;
  options.anchor = files_.anchor;
  options.self = files_.self;
  if (files_.opening_key) options.opening_keys = {files_.opening_key};
  options.own_keys = files_.opening_key != nullptr;
  options.state = state;
  options.resume = true;
  LM_ASSIGN(auto done, chain::audit(options, [this](std::string_view, std::uint64_t,
                                                    std::uint64_t) { return !rest(); }));
  anew = !done.resumed;
  return std::move(done.report);
}

void PrivateWatch::forget_state() const {
  for (const char* tail : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(files_.state.string() + tail, ignored);
  }
}

// Goes on where an earlier one was ended. What is found is looked at again, all of it.
Result<chain::AuditReport> PrivateWatch::round(bool& anew) {
  auto report = look(files_.state, anew);
  if (!report && (report.code() == Errc::kConflict || report.code() == Errc::kCorrupt)) {
    forget_state();
    report = look(files_.state, anew);
  }
  if (wait({})) return report;  // ended: its state is what the next start goes on with
  forget_state();
  if (report && !report->ok()) {
    bool unused = true;
    const auto second = look({}, unused);
    if (second) keep_common(*report, *second);
  }
  return report;
}

void PrivateWatch::run() {
  constexpr int kLowest = 19;
  if (::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kLowest) != 0)
    log::warn("private.watch_not_nice");
  do {
    since_ = cpu_of_this_thread();
    bool anew = true;
    const auto report = round(anew);
    if (wait({})) return;  // it may not have come to its end
    told_(report, anew);
  } while (!wait(pause_));
}

}  // namespace lotmark::node
