// How brokers' certificates are judged by a machine that does not know the time. One that woke up in 1970 would refuse each
// as not yet valid, and never hear what time it is (docs/adr/0031).
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::bus {

// A time that has passed at the least, while the system's clock is not to be believed; nothing while it is.
using LeastTime = std::function<std::optional<Time>()>;

// While this lives, TLS clients that are made in this process ask `least` at each handshake. With a time, a certificate that
// ended before it is refused, and one that begins later than the system's clock is not; chain, purpose, signatures and names
// are checked as ever. Without one OpenSSL checks as it always does. Where several live, the first counts.
class CertificateTime {
 public:
  static Result<CertificateTime> hold(LeastTime least);
  CertificateTime(CertificateTime&& o) noexcept : number_(std::exchange(o.number_, 0)) {}
  CertificateTime& operator=(CertificateTime&&) = delete;
  ~CertificateTime();

 private:
  explicit CertificateTime(std::uint64_t number) : number_(number) {}
  std::uint64_t number_;
};

}  // namespace lotmark::bus
