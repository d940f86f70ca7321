#include "edge-agent/source/serial/port.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace lotmark::agent {

namespace {

constexpr std::size_t kLineMax = 512;
constexpr auto kQuiet = Millis(20);     // without a byte: the device said all it had to say
constexpr auto kTalksOn = Millis(500);  // and not longer than that
constexpr auto kBetweenLines =
    Millis(100);  // longer than a character at any speed: no line has such a hole
constexpr int kWriteTimeoutMs = 1000;

struct Speed {
  int baud;
  speed_t code;
};
constexpr std::array kSpeeds = {
    Speed{300, B300},      Speed{600, B600},       Speed{1200, B1200},     Speed{2400, B2400},
    Speed{4800, B4800},    Speed{9600, B9600},     Speed{19200, B19200},   Speed{38400, B38400},
    Speed{57600, B57600},  Speed{115200, B115200}, Speed{230400, B230400}, Speed{460800, B460800},
    Speed{921600, B921600}};

// Asks for the settings and looks whether they were taken: tcsetattr() is content with any of them.
Status set_up(int fd, const SerialPortOptions& o) {
  termios t{};
  if (::tcgetattr(fd, &t) != 0) return system_error(o.path);
  ::cfmakeraw(&t);
  constexpr tcflag_t kFrame = CSIZE | PARENB | PARODD | CSTOPB;
  tcflag_t frame = o.data_bits == 7 ? CS7 : CS8;
  if (o.parity != "none") frame |= PARENB;
  if (o.parity == "odd") frame |= PARODD;
  if (o.stop_bits == 2) frame |= CSTOPB;
  t.c_cflag = (t.c_cflag & ~(kFrame | CRTSCTS | HUPCL)) | frame | CLOCAL | CREAD;
  if (o.parity != "none") t.c_iflag |= INPCK;
  ::cfsetspeed(&t, std::ranges::find(kSpeeds, o.baud, &Speed::baud)->code);
  if (::tcsetattr(fd, TCSANOW, &t) != 0) return system_error(o.path);
  termios is{};
  if (::tcgetattr(fd, &is) != 0) return system_error(o.path);
  if ((is.c_cflag & kFrame) == frame && ::cfgetospeed(&is) == ::cfgetospeed(&t)) return {};
  return fail(Errc::kConfig, o.path + " does not take this baud, data_bits, parity or stop_bits");
}

}  // namespace

bool valid_baud(int baud) {
  return std::ranges::find(kSpeeds, baud, &Speed::baud) != kSpeeds.end();
}

void SerialLines::begin(bool whole) {
  held_.clear();
  line_.clear();
  spoiled_ = false;
  cut_off_ = !whole;
}

std::optional<SerialLines::Line> SerialLines::next() {
  for (std::size_t i = 0; i < held_.size(); ++i) {
    const char c = held_[i];
    const bool end = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\0';
    if (!end) {
      spoiled_ = spoiled_ || c == '\0' || line_.size() == kLineMax;
      if (!spoiled_) line_ += c;
      continue;
    }
    Line line{spoiled_ ? std::string() : std::move(line_), spoiled_};
    const bool counts = !cut_off_ && (line.spoiled || !line.text.empty());
    line_.clear();
    spoiled_ = cut_off_ = false;
    if (!counts) continue;
    held_.erase(0, i + 1);
    return line;
  }
  held_.clear();
  return std::nullopt;
}

Status SerialPort::open(const SerialPortOptions& o) {
  close();
  fd_ = ::open(o.path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd_ < 0) return system_error(o.path);
  auto status = set_up(fd_, o);
  if (status && ::ioctl(fd_, TIOCEXCL) != 0) status = system_error(o.path);
  if (!status) close();
  lines_.begin(false);
  fresh_ = true;
  return status;
}

void SerialPort::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Result<std::size_t> SerialPort::read(Tick until, const StopEvent& stop, char* out,
                                     std::size_t size) {
  for (;;) {
    const auto left = std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now());
    pollfd p[2] = {{fd_, POLLIN, 0}, {stop.fd(), POLLIN, 0}};
    const int ready = ::poll(p, 2, static_cast<int>(std::max(left, Millis(0)).count()));
    if (ready < 0 && errno != EINTR) return system_error("poll");
    if (p[1].revents != 0) return fail(Errc::kUnavailable, "stopped");
    if (ready == 0) return std::size_t{0};
    if (ready < 0) continue;
    const ssize_t got = ::read(fd_, out, size);
    if (got > 0) return static_cast<std::size_t>(got);
    if (got == 0) return fail(Errc::kIo, "the port is gone");
    if (errno != EINTR && errno != EAGAIN) return system_error("read");
  }
}

Result<std::optional<SerialLines::Line>> SerialPort::line(Tick until, const StopEvent& stop) {
  char buffer[256];
  if (fresh_) {  // opened in the middle of a line, or while nothing was said?
    const auto soon = std::min(until, std::chrono::steady_clock::now() + kBetweenLines);
    LM_ASSIGN(const auto got, read(soon, stop, buffer, sizeof buffer));
    fresh_ = false;
    lines_.begin(got == 0);
    lines_.feed({buffer, got});
  }
  for (;;) {
    if (auto line = lines_.next()) return line;
    LM_ASSIGN(const auto got, read(until, stop, buffer, sizeof buffer));
    if (got == 0) return std::optional<SerialLines::Line>();
    lines_.feed({buffer, got});
  }
}

Status SerialPort::ask(std::string_view command, const StopEvent& stop) {
  char buffer[256];
  const auto end = std::chrono::steady_clock::now() + kTalksOn;
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    LM_ASSIGN(const auto got, read(now + kQuiet, stop, buffer, sizeof buffer));
    if (got == 0) break;
    if (now > end) return fail(Errc::kIo, "it talks without being asked: leave send out");
  }
  lines_.begin(true);
  fresh_ = false;
  while (!command.empty()) {
    pollfd p[2] = {{fd_, POLLOUT, 0}, {stop.fd(), POLLIN, 0}};
    if (::poll(p, 2, kWriteTimeoutMs) <= 0) return fail(Errc::kIo, "the port takes nothing");
    if (p[1].revents != 0) return fail(Errc::kUnavailable, "stopped");
    const ssize_t put = ::write(fd_, command.data(), command.size());
    if (put > 0) command.remove_prefix(static_cast<std::size_t>(put));
    else if (errno != EINTR && errno != EAGAIN) return system_error("write");
  }
  return {};
}

}  // namespace lotmark::agent
