#include "edge-agent/check/diag.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <regex>
#include <sstream>

#include "edge-agent/check/outbox_glance.h"
#include "edge-agent/host.h"
#include "edge-agent/source/run_child.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

constexpr const char* kUnit = "lotmark-edge-agent.service";

// A folder that goes, whatever happens.
class Scratch {
 public:
  static Result<Scratch> make() {
    std::string pattern = fs::temp_directory_path() / "lotmark-diag-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) {
      return system_error(pattern);
    }
    return Scratch(pattern);
  }
  Scratch(Scratch&& o) noexcept : path_(std::exchange(o.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

void write(const fs::path& file, const std::string& text) { std::ofstream(file) << text; }

std::string machine(const Clock& clock) {
  utsname u{};
  ::uname(&u);
  return fmt::format("program lotmark-edge-agent {}\ntime {}\nboot {}\nkernel {} {} {}\n",
                     LOTMARK_VERSION, to_iso(clock.now()), boot_id(), u.sysname, u.release,
                     u.machine);
}

std::string outbox_text(const Config& c) {
  const auto o = glance_at(c.state_dir / "outbox.db", c.chain);
  if (!o) return o.error().message() + "\n";
  return fmt::format("seq {}\nunacked {}\nbytes {}\nacked through {}\nacked at {}\nconflict {}\n",
                     o->seq, o->unacked, o->bytes, o->ack ? o->ack->through : 0,
                     o->ack ? to_iso(from_ms(static_cast<std::int64_t>(o->ack->time))) : "never",
                     o->conflict ? "yes" : "no");
}

// Its absence is no fault: not every gateway has a journal.
void write_journal(const fs::path& file) {
  const StopEvent never;
  const std::string ask =
      "command -v journalctl >/dev/null && journalctl --no-pager --output=short-iso --lines=2000 "
      "--unit=\"$1\" >\"$2\" 2>&1";
  ChildRun run;
  run.command = {"sh", "-c", ask, "sh", kUnit, file.string()};
  (void)run_child(run, never);
  std::ifstream in(file);
  std::stringstream all;
  all << in.rdbuf();
  write(file, without_secrets(all.str()));
}

Status make_empty(const fs::path& out) {
  const int fd = ::open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  return fail(errno == EEXIST ? Errc::kConflict : Errc::kIo,
              out.string() + ": " + std::strerror(errno));
}

}  // namespace

namespace {

// Of one line: std::regex takes room on the stack for each character.
std::string line_without_secrets(const std::string& line) {
  constexpr std::size_t kLineMax = 4096;
  if (line.size() > kLineMax) return "(a line of " + std::to_string(line.size()) + " bytes)";
  static const std::regex kPin("(pin-value=)[^;&?\"]*");
  static const std::regex kUser("(://)[^/@\"]*@");
  static const std::regex kPath(
      "(https?://[^/\"? ]*)/[^\" ]+");  // some hooks' paths are their secret
  static const std::regex kQuery("(https?://[^\"? ]*\\?)[^\" ]*");
  static const std::regex kArguments("((?:command|run) = \\[\"(?:[^\"\\\\]|\\\\.)*\"),.*\\]");
  std::string out = std::regex_replace(line, kPin, "$1(removed)");
  out = std::regex_replace(out, kUser, "$1(removed)@");
  out = std::regex_replace(out, kPath, "$1/(removed)");
  out = std::regex_replace(out, kQuery, "$1(removed)");
  return std::regex_replace(out, kArguments, "$1, \"(arguments removed)\"]");
}

}  // namespace

std::string without_secrets(const std::string& text) {
  std::istringstream in(text);
  std::string out;
  std::string line;
  while (std::getline(in, line)) out += line_without_secrets(line) + "\n";
  return out;
}

Status write_diag(const fs::path& config_file, const fs::path& out, const Clock& clock) {
  LM_ASSIGN(const auto scratch, Scratch::make());
  const fs::path folder = scratch.path() / "lotmark-diag";
  std::error_code error;
  fs::create_directory(folder, error);
  write(folder / "machine.txt", machine(clock));
  if (const auto config = load_config(config_file)) {
    const auto shown = show_config(config_file);
    write(folder / "config.toml", without_secrets(shown ? *shown : shown.error().text));
    write(folder / "outbox.txt", outbox_text(*config));
    write(folder / "check.json", check_json(check(*config, clock, {})));
  } else {
    write(folder / "config.txt", config.error().text + "\n");
  }
  write_journal(folder / "journal.txt");
  LM_TRY(make_empty(out));
  const StopEvent never;
  ChildRun run;
  run.command = {"tar",         "-C", scratch.path().string(), "-czf", fs::absolute(out).string(),
                 "lotmark-diag"};
  const auto packed = run_child(run, never);
  if (packed) return {};
  fs::remove(out, error);
  return packed.error();
}

}  // namespace lotmark::agent
