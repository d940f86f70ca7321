#include "edge-agent/source/probe.h"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "edge-agent/source/address.h"
#include "edge-agent/source/llrp/connection.h"

namespace lotmark::agent {

namespace {

using Steady = std::chrono::steady_clock;
constexpr Millis kNameLimit{5000};
constexpr Millis kLeastLimit{2000};
constexpr Millis kReaderLimit{5000};

Status may(const std::string& path, int how) {
  if (::access(path.c_str(), how) == 0) return {};
  return system_error(path);
}

// A folder that is there, or the one in which it would be made.
Status may_make(std::filesystem::path folder) {
  std::error_code ignored;
  while (!folder.empty() && folder != folder.root_path() &&
         !std::filesystem::exists(folder, ignored))
    folder = folder.parent_path();
  if (folder.empty()) folder = ".";
  if (!std::filesystem::is_directory(folder, ignored))
    return fail(Errc::kConfig, folder.string() + " is no folder");
  return may(folder.string(), R_OK | W_OK | X_OK);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  const int fd_;
};

// Opened without waiting for a carrier, and left as it is set.
Result<std::string> terminal(const std::string& path) {
  LM_TRY(may(path, R_OK | W_OK));
  const Descriptor fd(::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd.get() < 0 && errno == EBUSY) return path + " is held by a program: this agent, if it runs";
  if (fd.get() < 0) return system_error(path);
  termios settings{};
  if (::tcgetattr(fd.get(), &settings) != 0) return fail(Errc::kConfig, path + " is no terminal");
  return path + " opens";
}

// A TCP connection to one of the host's addresses.
Status reach(const std::string& host, int port, Millis limit) {
  const StopEvent never;
  LM_ASSIGN(const auto addresses, find_addresses(host, port, kNameLimit, never));
  int last = 0;
  for (const auto& a : addresses) {
    const Descriptor fd(::socket(a.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd.get() < 0) return system_error("socket");
    const timeval t{limit.count() / 1000, limit.count() % 1000 * 1000};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);  // of connect too: socket(7)
    if (::connect(fd.get(), a.raw(), a.size) == 0) return {};
    last = errno == EINPROGRESS ? ETIMEDOUT : errno;
  }
  return fail(Errc::kIo, host + ":" + std::to_string(port) + ": " +
                             std::generic_category().message(last) +
                             " (a server of one connection refuses while an agent has it)");
}

// A folder may be "executed" and read too.
Status no_folder(const std::string& path) {
  struct stat is {};
  if (::stat(path.c_str(), &is) != 0) return system_error(path);
  return S_ISDIR(is.st_mode) ? fail(Errc::kIo, path + " is a folder") : Status();
}

Status executable(const std::string& path) {
  LM_TRY(may(path, X_OK));
  return no_folder(path);
}

}  // namespace

Status probe_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return executable(name);
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/bin:/usr/bin";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    if (executable(std::string(rest.substr(0, end)) + "/" + name)) return {};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fail(Errc::kIo, name + ": no such program in PATH");
}

Status probe_file(const std::string& path) {
  LM_TRY(may(path, R_OK));
  return no_folder(path);
}

Status probe(const ReplayOptions& o) { return may(o.file.string(), R_OK); }

Status probe(const ExecOptions& o) { return probe_program(o.command.at(0)); }

Status probe(const FramesOptions& o) {
  return o.command.empty() ? may(o.path.string(), R_OK | W_OK) : probe_program(o.command[0]);
}

Status probe(const SysfsOptions& o) {
  for (const auto& channel : o.channels) {
    LM_ASSIGN(const auto folder, find_sysfs_device(o.root, channel.device));
    LM_TRY(may(folder.string(), R_OK | X_OK));
  }
  return {};
}

Result<std::string> probe(const ModbusOptions& o) {
  const auto& line = o.line;
  if (!line.serial.empty()) return terminal(line.serial);
  const auto limit = std::max(line.response_timeout, kLeastLimit);
  LM_TRY(reach(line.address, line.port, limit));
  return "a connection to " + line.address + ":" + std::to_string(line.port) + " stands";
}

Result<std::string> probe(const SerialOptions& o) { return terminal(o.port.path); }

Result<std::string> probe(const WedgeOptions& o) {
  struct stat is {};
  if (::stat(o.path.c_str(), &is) != 0) return system_error(o.path);
  if (S_ISFIFO(is.st_mode)) {
    LM_TRY(may(o.path, R_OK));
    return std::string("a FIFO that can be opened");
  }
  const Descriptor fd(::open(o.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (fd.get() < 0) return system_error(o.path);
  char name[256] = "";
  if (!S_ISCHR(is.st_mode) || ::ioctl(fd.get(), EVIOCGNAME(sizeof name - 1), name) < 0)
    return fail(Errc::kConfig, o.path + " is no input device");
  return "opened: \"" + std::string(name) + "\"";
}

Result<std::string> probe(const LlrpOptions& o) {
  const StopEvent never;
  LM_ASSIGN(auto connection, llrp::Connection::open(o.host, o.port, never));
  llrp::Session session(o.session, Steady::now());
  const auto until = Steady::now() + kReaderLimit;
  const std::string where = o.host + ":" + std::to_string(o.port);
  while (Steady::now() < until) {
    LM_ASSIGN(const auto bytes, connection.read(Millis(100), &never));
    const Status fine = bytes.empty() ? Status() : session.feed(bytes, Steady::now());
    (void)session.take_output();         // nothing is asked of it
    if (fine.code() == Errc::kConflict)  // beside a running agent it says so
      return where + ": " + fine.error().text + " (it may serve this agent)";
    if (!fine) return fail(fine.code(), where + ": " + fine.error().text);
    for (const auto& news : session.take_news()) {
      if (!std::holds_alternative<llrp::Accepted>(news)) continue;
      session.close(Steady::now());
      LM_TRY(connection.write(session.take_output()));
      return "the reader at " + where + " takes connections";
    }
  }
  return fail(Errc::kIo, where + ": a connection stands, but no reader speaks");
}

// Files are taken out of the one folder and kept in the others, which are made where they are missing.
Status probe(const FridgeLogOptions& o) {
  LM_TRY(may(o.folder, R_OK | W_OK | X_OK));
  LM_TRY(may_make(o.kept));
  return may_make(o.rejected);
}

}  // namespace lotmark::agent
