#include "edge-agent/tls/renewal.h"

#include <unistd.h>

#include <algorithm>
#include <random>

#include "core/base/log.h"
#include "core/base/whole_file.h"
#include "edge-agent/clock/agent_clock.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

fs::path with(const fs::path& file, const char* end) {
  fs::path out = file;
  return out += end;
}
fs::path next_cert(const TlsFiles& f) { return with(f.cert, ".new"); }
fs::path next_key_file(const TlsFiles& f) { return with(f.key, ".new"); }
// While it is there, key and certificate of the next pair belong in place of the old ones.
fs::path marker(const TlsFiles& f) { return with(f.cert, ".renewed"); }

Status move_over(const fs::path& from, const fs::path& to) {
  std::error_code gone;
  if (!fs::exists(from, gone)) return {};  // moved before a crash
  return ::rename(from.c_str(), to.c_str()) == 0 ? sync_folder(to.parent_path())
                                                 : Status(system_error(from.string()));
}

}  // namespace

Status Renewal::recover(const TlsFiles& files) {
  std::error_code ignored;
  if (!fs::exists(marker(files), ignored)) return {};
  LM_TRY(move_over(next_key_file(files), files.key));
  LM_TRY(move_over(next_cert(files), files.cert));
  if (::unlink(marker(files).c_str()) != 0) return system_error(marker(files).string());
  return sync_folder(files.cert.parent_path());
}

Result<bool> Renewal::due(Time now) const {
  LM_ASSIGN(const auto certificate, read_certificate_file(options_.files.cert));
  const auto life = certificate.to - certificate.from;
  return now >= certificate.from + life * options_.percent / 100;
}

// A key that was made for an attempt that failed serves the next one too.
Result<Scalar> Renewal::next_key() const {
  const fs::path file = next_key_file(options_.files);
  if (auto kept = read_key_file(file)) return kept;
  std::error_code ignored;
  fs::remove(file, ignored);
  Scalar key = new_scalar();
  LM_TRY(write_key_file(file, key));
  return key;
}

Status Renewal::write_next(std::string_view pem) const {
  return write_whole(next_cert(options_.files), as_bytes(pem));
}

Status Renewal::replace() const {
  LM_TRY(write_whole(marker(options_.files), {}));
  return recover(options_.files);
}

Status Renewal::renew(Time now, const StopEvent& stop) {
  LM_TRY(recover(options_.files));
  LM_ASSIGN(const auto old, read_certificate_file(options_.files.cert));
  LM_ASSIGN(const Scalar key, next_key());
  LM_ASSIGN(const auto request, make_request(key, old.common_name));
  ChildRun run{
      options_.command, {{"LOTMARK_CERTIFICATE_NAME", old.common_name}}, request, options_.timeout};
  LM_ASSIGN(const auto pem, run_child(run, stop));
  LM_ASSIGN(const auto fresh, read_certificate(pem));
  LM_TRY(check_certificate(fresh, key, now));
  if (fresh.common_name != old.common_name)
    return fail(Errc::kKeyBad, "the certificate is for \"" + fresh.common_name + "\"");
  LM_TRY(write_next(pem));
  const Status tried = trial_({next_cert(options_.files), next_key_file(options_.files)});
  if (!tried) {
    std::error_code ignored;
    fs::remove(next_cert(options_.files), ignored);
    return fail(tried.code(), "the new certificate was tried, and: " + tried.error().text);
  }
  return replace();
}

RenewalWatch::RenewalWatch(Renewal renewal, const Clock& clock)
    : renewal_(std::move(renewal)), clock_(clock), thread_([this] { watch(); }) {}

RenewalWatch::~RenewalWatch() {
  stop_.set();
  thread_.join();
}

void RenewalWatch::watch() {
  std::minstd_rand random{std::random_device{}()};
  const auto look = renewal_.options().look;
  std::chrono::seconds retry{0};  // after a failure
  for (;;) {
    const Time now = clock_.now();
    const std::string file = renewal_.options().files.cert.string();
    bool good = true;
    if (state_of(clock_) != ClockState::kUnset) {
      const auto due = renewal_.due(now);
      Status status = due ? Status() : Status(due.error());
      if (due && *due) status = renewal_.renew(now, stop_);
      good = bool(status);
      if (stop_.is_set()) return;
      if (!good) {
        ++failed_;
        log::error("certificate.not_renewed",
                   {{"file", file}, {"error", status.error().message()}});
      } else if (*due) {
        ++renewed_;
        log::info("certificate.renewed", {{"file", file}});
      }
    }
    retry = good ? std::chrono::seconds(0)
                 : std::min(look, std::max(2 * retry, renewal_.options().retry));
    const auto pause = std::chrono::milliseconds(good ? look : retry).count();
    std::uniform_int_distribution<std::int64_t> about(pause * 4 / 5, pause * 6 / 5);
    if (!stop_.pause_ms(static_cast<int>(std::min<std::int64_t>(about(random), 86'400'000))))
      return;
  }
}

}  // namespace lotmark::agent
