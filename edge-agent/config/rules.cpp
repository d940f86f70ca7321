#include "edge-agent/config/rules.h"

#include <algorithm>
#include <charconv>

#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/bus/bus.h"
#include "core/crypto/p256.h"
#include "core/wire/limits.h"

namespace lotmark::agent {

std::string check_name(const std::string& s) {
  return bus::valid_name(s) ? "" : "must be 1 to 32 of a-z, 0-9 and -";
}
std::string check_not_empty(const std::string& s) { return s.empty() ? "must not be empty" : ""; }
std::string check_digest(const std::string& s) {
  return fixed_from_hex<Digest>(s) ? "" : "must be 64 hex digits";
}
std::string check_point(const std::string& s) {
  const auto key = fixed_from_hex<PublicKey>(s);
  return key && Verifier::from(*key) ? "" : "must be a P-256 point of 130 hex digits";
}
std::string check_time(const std::string& s) {
  return from_iso(s) ? "" : "must be a time such as 2026-01-05T08:00:00Z";
}
std::string check_url(const std::string& s) {
  if (s.starts_with("ssl://") || s.starts_with("tcp://127.0.0.1:")) return "";
  return "must begin with ssl:// (or tcp://127.0.0.1: for trials)";
}
std::optional<std::uint16_t> loopback_port(const std::string& s) {
  constexpr std::string_view kHost = "127.0.0.1:";
  std::uint16_t port = 0;
  if (!s.starts_with(kHost)) return std::nullopt;
  const char* end = s.data() + s.size();
  const auto [at, error] = std::from_chars(s.data() + kHost.size(), end, port);
  if (error != std::errc{} || at != end || port == 0) return std::nullopt;
  return port;
}
std::string check_listen(const std::string& s) {
  return loopback_port(s) ? "" : "must be 127.0.0.1: and a port";
}
std::string check_text(const std::string& s) {
  return s.empty() || s.size() > limits::kText ? "must have 1 to 256 bytes" : "";
}
std::string check_channel(const std::string& s) {
  return s.empty() || s.size() > 32 ? "must have 1 to 32 bytes" : "";
}
Section::Check one_of(std::vector<std::string> words) {
  return [words = std::move(words)](const std::string& s) {
    if (std::ranges::find(words, s) != words.end()) return std::string();
    std::string all;
    for (const auto& w : words) all += (all.empty() ? "" : ", ") + w;
    return "must be one of " + all;
  };
}

}  // namespace lotmark::agent
