#include "ledger-node/subscribe/destination.h"

#include <algorithm>
#include <charconv>

namespace lotmark::node {

namespace {

Error bad_url(std::string_view why) { return fail(Errc::kUsage, "dest: " + std::string(why)); }

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_figure(char c) { return c >= '0' && c <= '9'; }

char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// A number from 0 to 255 without leading zeros.
bool is_octet(std::string_view text) {
  unsigned v = 0;
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), v);
  return ec == std::errc{} && at == text.data() + text.size() && v <= 255 &&
         (text.size() == 1 || text[0] != '0');
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label,
                             [](char c) { return is_letter(c) || is_figure(c) || c == '-'; });
}

// A name whose last label begins with a digit is a number to some resolvers ("0x7f.1", "2130706433").
bool is_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  std::vector<std::string_view> labels;
  for (std::string_view rest = host;;) {
    const auto dot = rest.find('.');
    labels.push_back(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (!std::ranges::all_of(labels, is_label)) return false;
  if (!is_figure(labels.back().front())) return true;
  return labels.size() == 4 && std::ranges::all_of(labels, is_octet);
}

bool is_hex(char c) { return is_figure(c) || (lower_letter(c) >= 'a' && lower_letter(c) <= 'f'); }

// RFC 3986: what a path or a query may hold, escapes whole.
bool has_target_characters(std::string_view target) {
  for (std::size_t i = 0; i < target.size(); ++i) {
    const char c = lower_letter(target[i]);
    if (c == '%') {
      if (i + 2 >= target.size() || !is_hex(target[i + 1]) || !is_hex(target[i + 2])) return false;
      i += 2;
    } else if (!is_letter(c) && !is_figure(c) &&
               std::string_view("-._~!$&'()*+,;=:@/?").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

// "." or "..", also as %2e, and with parameters behind, which servers of Java take away first ("..;x"); an escaped slash or
// backslash would make others of one.
bool has_tricky_segment(std::string_view path) {
  std::string plain;
  bool parameters = false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    std::string_view escape = path.substr(i, 3);
    if (escape.size() == 3 && escape[0] == '%') {
      const char high = escape[1], low = lower_letter(escape[2]);
      if ((high == '2' && low == 'f') || (high == '5' && low == 'c')) return true;
      if (high == '3' && low == 'b') parameters = true;
      if (!parameters) plain += high == '2' && low == 'e' ? '.' : 'x';
      i += 2;
    } else {
      parameters = path[i] == ';' || (parameters && path[i] != '/');
      if (!parameters) plain += path[i];
    }
  }
  if (plain.starts_with("//")) return true;
  plain += '/';
  return plain.find("/./") != std::string::npos || plain.find("/../") != std::string::npos;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || (host.starts_with("127.") && is_figure(host.back()));
}

Status read_authority(std::string_view authority, Destination& out) {
  if (authority.find('@') != std::string_view::npos) return bad_url("no user information");
  const auto colon = authority.find(':');
  for (const char c : authority.substr(0, colon)) out.host += lower_letter(c);
  if (!is_host(out.host)) return bad_url("the host is a name, or an IPv4 address like 192.0.2.1");
  out.port = out.https ? 443 : 80;
  if (colon == std::string_view::npos) return {};
  const std::string_view text = authority.substr(colon + 1);
  const auto [at, ec] = std::from_chars(text.data(), text.data() + text.size(), out.port);
  if (ec != std::errc{} || at != text.data() + text.size() || out.port == 0 || text[0] == '0')
    return bad_url("the port is a number from 1 to 65535");
  return {};
}

}  // namespace

std::string Destination::base_url() const {
  return (https ? "https://" : "http://") + host + ":" + std::to_string(port);
}

Result<Destination> read_destination(std::string_view url) {
  if (url.size() > kDestinationMax) return bad_url("longer than 2048 bytes");
  Destination out;
  std::string scheme;
  for (const char c : url.substr(0, 8)) scheme += lower_letter(c);
  out.https = scheme == "https://";
  if (!out.https && !scheme.starts_with("http://"))
    return bad_url("begins with https://, or http:// on this machine");
  url.remove_prefix(out.https ? 8 : 7);
  const auto end = std::min(url.find_first_of("/?#\\"), url.size());
  LM_TRY(read_authority(url.substr(0, end), out));
  out.target = url.substr(end);
  if (!out.target.starts_with('/')) out.target.insert(0, "/");
  if (!has_target_characters(out.target))
    return bad_url("path and query are printable ASCII without fragment, escapes whole");
  if (has_tricky_segment(out.target.substr(0, out.target.find('?'))))
    return bad_url("no path segments . and .., no escaped slashes, no // at its front");
  return out;
}

Result<AllowedDestinations> AllowedDestinations::read(const std::vector<std::string>& entries) {
  if (entries.size() > kAllowedMax) return fail(Errc::kConfig, "more than 100 entries");
  AllowedDestinations out;
  for (const auto& text : entries) {
    auto entry = read_destination(text);
    if (!entry) return fail(Errc::kConfig, text + ": " + entry.error().text);
    if (!entry->target.ends_with('/') || entry->target.find('?') != std::string::npos)
      return fail(Errc::kConfig, text + ": must end with a slash, without a query");
    if (!entry->https && !is_loopback(entry->host))
      return fail(Errc::kConfig, text + ": http is for localhost and 127.0.0.1 alone");
    out.entries_.push_back(*std::move(entry));
  }
  return out;
}

Status AllowedDestinations::check(const Destination& to) const {
  const bool allowed = std::ranges::any_of(entries_, [&](const Destination& e) {
    return e.https == to.https && e.host == to.host && e.port == to.port &&
           to.target.starts_with(e.target);
  });
  if (allowed) return {};
  return fail(Errc::kDenied, "dest: this node is not allowed to call that address");
}

bool AllowedDestinations::has_https() const {
  return std::ranges::any_of(entries_, [](const Destination& e) { return e.https; });
}

}  // namespace lotmark::node
