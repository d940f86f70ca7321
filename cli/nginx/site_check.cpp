// What may be written into a configuration: nothing from outside is ever quoted there, so that it must need no quotes.
#include <algorithm>
#include <charconv>

#include "cli/nginx/site.h"

namespace lotmark::cli::nginx {

namespace {

constexpr std::size_t kHostNameMax = 253;  // RFC 1035 section 2.3.4
constexpr std::size_t kPathMax = 1024;

bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_host_name(std::string_view s) {
  const auto fits = [](char c) { return is_alnum(c) || c == '-' || c == '.'; };
  return !s.empty() && s.size() <= kHostNameMax && std::ranges::all_of(s, fits) &&
         s.front() != '-' && s.front() != '.' && s.find("..") == std::string_view::npos;
}

// Of an IPv6 address in brackets; whether it is one is nginx's to say.
bool is_bracketed(std::string_view s) {
  if (s.size() < 4 || s.size() > 64 || s.front() != '[' || s.back() != ']') return false;
  return std::ranges::all_of(s.substr(1, s.size() - 2), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == ':' ||
           c == '.';
  });
}

bool is_port(std::string_view s) {
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(s.data(), s.data() + s.size(), port);
  return ec == std::errc{} && end == s.data() + s.size() && port >= 1 && port <= 65535;
}

bool is_host_and_port(std::string_view s) {
  const auto colon = s.rfind(':');
  if (colon == std::string_view::npos || !is_port(s.substr(colon + 1))) return false;
  const auto host = s.substr(0, colon);
  return is_host_name(host) || is_bracketed(host);
}

Status check_path(std::string_view what, const std::string& path) {
  const auto fits = [](char c) {
    return is_alnum(c) || std::string_view("/._+@=,:-").find(c) != std::string_view::npos;
  };
  if (path.empty() || path.front() != '/' || path.size() > kPathMax)
    return fail(Errc::kUsage, std::string(what) + " is no absolute path");
  if (!std::ranges::all_of(path, fits)) {
    return fail(Errc::kUsage, std::string(what) + ": " + path +
                                  ": nginx takes letters, digits and /._+@=,:- in a path here");
  }
  return {};
}

Status check_lists(const Site& s) {
  if (s.upstreams.empty() || s.upstreams.size() > kUpstreamsMax)
    return fail(Errc::kUsage, "there must be 1 to 64 upstreams");
  for (const auto& u : s.upstreams) {
    if (!is_host_and_port(u)) return fail(Errc::kUsage, "upstream " + u + " is no HOST:PORT");
  }
  if (s.listen.empty() || s.listen.size() > kListenMax)
    return fail(Errc::kUsage, "there must be 1 to 16 addresses to listen on");
  for (const auto& l : s.listen) {
    if (!is_port(l) && !is_host_and_port(l))
      return fail(Errc::kUsage, "listen " + l + " is no PORT or ADDRESS:PORT");
  }
  return {};
}

}  // namespace

Status check_site(const Site& s) {
  if (!is_host_name(s.server_name))
    return fail(Errc::kUsage, "server name " + s.server_name + " is no host name");
  LM_TRY(check_lists(s));
  LM_TRY(check_path("certificate", s.certificate));
  LM_TRY(check_path("key", s.key));
  if (!s.client_ca.empty()) LM_TRY(check_path("client CA", s.client_ca));
  LM_TRY(check_path("access log", s.access_log));
  LM_TRY(check_path("error log", s.error_log));
  const bool limits = s.connections > 0 && s.capture_connections > 0 && s.reads_per_second > 0 &&
                      s.captures_per_second > 0;
  if (!limits) return fail(Errc::kUsage, "a limit of nothing lets nobody in");
  return {};
}

Status check_places(const Places& p) {
  LM_TRY(check_path("pid", p.pid));
  LM_TRY(check_path("temp", p.temp));
  LM_TRY(check_path("error log", p.error_log));
  if (!p.user.empty() && (!is_host_name(p.user) || p.user.size() > 32))
    return fail(Errc::kUsage, "user " + p.user + " is no name of a user");
  return {};
}

}  // namespace lotmark::cli::nginx
