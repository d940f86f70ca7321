// A new certificate before the old one ends. The new one is tried at the broker before it takes the old one's place; a
// crash at any instruction leaves a certificate with its key.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "edge-agent/source/run_child.h"
#include "edge-agent/tls/certificate.h"

namespace lotmark::agent {

struct TlsFiles {
  std::filesystem::path cert;
  std::filesystem::path key;
};

struct RenewalOptions {
  TlsFiles files;
  // Gets a certificate request (PEM) on its standard input and answers the certificate (PEM) on its output: a client of
  // the site's CA.
  std::vector<std::string> command;
  unsigned percent = 67;                     // of its life, after which a certificate is renewed
  std::chrono::seconds look{3600};           // between two looks at it, give or take a fifth
  std::chrono::seconds retry{60};            // after a failure, doubled up to `look`
  std::chrono::milliseconds timeout{60000};  // of the command
};

class Renewal {
 public:
  // Connects with those files as the agent would: ok if the broker let it in.
  using Trial = std::function<Status(const TlsFiles&)>;
  Renewal(RenewalOptions options, Trial trial)
      : options_(std::move(options)), trial_(std::move(trial)) {}

  // Ends what a crash interrupted. To be called before the files are used.
  static Status recover(const TlsFiles& files);
  // io or key-bad if the certificate cannot be read.
  Result<bool> due(Time now) const;
  // Asks for a certificate, tries it, and puts it in place. On an error the old one stands as it was.
  Status renew(Time now, const StopEvent& stop);
  const RenewalOptions& options() const { return options_; }

 private:
  Result<Scalar> next_key() const;
  Status write_next(std::string_view pem) const;
  Status replace() const;

  const RenewalOptions options_;
  const Trial trial_;
};

// Looks and renews, on a thread of its own, until it goes.
class RenewalWatch {
 public:
  // `clock` outlives it. While the clock is unset (before 2025) nothing is done: it says nothing of a certificate.
  RenewalWatch(Renewal renewal, const Clock& clock);
  ~RenewalWatch();
  std::uint64_t renewed() const { return renewed_; }
  std::uint64_t failed() const { return failed_; }

 private:
  void watch();
  Renewal renewal_;
  const Clock& clock_;
  StopEvent stop_;
  std::atomic<std::uint64_t> renewed_ = 0;
  std::atomic<std::uint64_t> failed_ = 0;
  std::thread thread_;
};

}  // namespace lotmark::agent
