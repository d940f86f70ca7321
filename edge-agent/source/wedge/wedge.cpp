#include "edge-agent/source/wedge/wedge.h"

#include <fcntl.h>
#include <linux/input.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {

constexpr int kAgainMs = 1000;
constexpr Millis kForever{60000};
constexpr int kOldReadsMax = 1000;  // more than is kept: whoever fills a FIFO may not end

class EventFile {
 public:
  EventFile() = default;
  ~EventFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  Status open(const std::string& path, bool grab) {
    fd_ = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat is {};
    if (fd_ < 0 || ::fstat(fd_, &is) != 0) return system_error(path);
    if (S_ISFIFO(is.st_mode)) return {};
    int version = 0;
    if (!S_ISCHR(is.st_mode) || ::ioctl(fd_, EVIOCGVERSION, &version) != 0)
      return fail(Errc::kConfig, path + " is no input device");
    if (grab && ::ioctl(fd_, EVIOCGRAB, 1) != 0) return system_error(path + ": EVIOCGRAB");
    return {};
  }
  int fd() const { return fd_; }

 private:
  int fd_ = -1;
};

}  // namespace

Result<std::optional<Position>> WedgeSource::run(Sink& sink) {
  for (;;) {
    const bool was_gone = gone_;
    const Status status = serve(sink);
    if (status) return std::optional<Position>();
    if (!was_gone || !gone_) {
      log::warn("source.open_failed",
                {{"source", options_.name}, {"error", status.error().message()}});
    }
    gone_ = true;
    (void)scan_.lost();  // the loss of the scanner says it
    if (!declare(sink, GapReason::kSensorLost) || !stop_.pause_ms(kAgainMs))
      return std::optional<Position>();
  }
}

Status WedgeSource::serve(Sink& sink) {
  EventFile file;
  LM_TRY(file.open(options_.path, options_.grab));
  if (std::exchange(gone_, false) && !declare(sink, GapReason::kSensorLost)) return {};
  return listen(sink, file.fd());
}

Status WedgeSource::listen(Sink& sink, int fd) {
  std::array<input_event, 64> events{};
  for (;;) {
    if (!catch_up(sink, fd)) return {};
    const auto now = std::chrono::steady_clock::now();
    const auto until = scan_.deadline().value_or(now + kForever);
    const auto left = std::max(std::chrono::ceil<Millis>(until - now), Millis(0));
    pollfd p[2] = {{fd, POLLIN, 0}, {stop_.fd(), POLLIN, 0}};
    const int ready = ::poll(p, 2, static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return system_error("poll");
    if (p[1].revents != 0) return {};
    if (ready <= 0 || p[0].revents == 0) {
      if (!take(sink, scan_.tick(std::chrono::steady_clock::now()))) return {};
      continue;
    }
    // The kernel gives whole events alone; a FIFO does as long as they are written so.
    const ssize_t got = ::read(fd, events.data(), sizeof events);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return system_error(options_.path);
    if (got == 0 || got % static_cast<ssize_t>(sizeof(input_event)) != 0)
      return fail(Errc::kIo, options_.path + " has ended");
    const auto tick = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < static_cast<std::size_t>(got) / sizeof(input_event); ++i) {
      const auto& e = events[i];
      ScanReader::Outcome outcome;
      if (e.type == EV_KEY) outcome = scan_.key(e.code, e.value, tick);
      if (e.type == EV_SYN && e.code == SYN_DROPPED) outcome = scan_.lost();
      if (!take(sink, outcome)) return {};
      if (stall_.lasted()) break;  // the others are as old as what was not read yet
    }
  }
}

bool WedgeSource::catch_up(Sink& sink, int fd) {
  while (const auto since = stall_.take()) {
    std::array<input_event, 64> old{};
    int reads = 0;
    while (::read(fd, old.data(), sizeof old) > 0 && ++reads < kOldReadsMax) continue;
    scan_.skip(std::chrono::steady_clock::now());
    if (!declare(sink, GapReason::kOutboxFull, *since) || !declare(sink, GapReason::kOutboxFull))
      return false;
  }
  return true;
}

bool WedgeSource::take(Sink& sink, const ScanReader::Outcome& outcome) {
  if (!outcome) return true;
  if (const auto& scan = *outcome) {
    ++counts_.records;
    return stall_.put(sink, {Reading{options_.channel, "", 0, to_ms(clock_.now()), *scan, {}}});
  }
  if (++counts_.bad == 1) {
    log::warn("source.bad_record",
              {{"source", options_.name}, {"error", outcome->error().message()}});
  }
  return declare(sink, GapReason::kNotANumber);
}

bool WedgeSource::declare(Sink& sink, GapReason reason) {
  return declare(sink, reason, clock_.now());
}

bool WedgeSource::declare(Sink& sink, GapReason reason, Time at) {
  const std::int64_t t = std::max<std::int64_t>(0, to_ms(at));
  return stall_.put(sink, {Reading{options_.channel, "", 0, t, reason, {}, ChannelKind::kEpc}});
}

std::vector<std::string> channels_of(const WedgeOptions& options) { return {options.channel}; }

std::unique_ptr<Source> make_source(const WedgeOptions& options, const SourcePlace& place) {
  return std::make_unique<WedgeSource>(options, place.clock);
}

}  // namespace lotmark::agent
