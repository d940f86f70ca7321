#include "api/access/policy.h"

#include <fmt/format.h>

#include "core/base/assert.h"
#include "core/http/problem.h"

namespace lotmark::api::access {

namespace {

enum class RouteKind : std::uint8_t { kOpen, kEpcis, kOwn, kLoopback };

struct Rule {
  std::string_view method;
  std::string_view pattern;  // {x}: one segment; ... at the end: one or more of any
  RouteKind kind;
  RoleSet roles;  // of kEpcis and kOwn: any of them
};

using enum AccessRole;
using enum RouteKind;

// An agency's events are marks of use: who captures them sees to that.
constexpr RoleSet kWriters = {kCapture, kAgency};
// Of their organisation's jobs.
constexpr RoleSet kJobReaders = {kCapture, kAgency, kAdmin};
// Each of what sight_of says.
constexpr RoleSet kReaders = {kReader, kPartner, kRegulator, kAdmin};
// Who makes queries, of their own, an admin of all, may see what others ask; another organisation may not.
constexpr RoleSet kQueryAuthors = {kReader, kRegulator, kAdmin};
// A subscription makes us call where it says.
constexpr RoleSet kAdmins = {kAdmin};
constexpr RoleSet kExporters = {kRegulator, kAdmin};

// All routes: EPCIS 2.0 (REST bindings), GS1 Conformant Resolver 1.2, docs/operate/api.md.
constexpr Rule kRules[] = {
    {"GET", "/", kOpen, {}},

    {"GET", "/capture", kEpcis, kJobReaders},
    {"POST", "/capture", kEpcis, kWriters},
    {"GET", "/capture/{id}", kEpcis, kJobReaders},
    {"GET", "/events", kEpcis, kReaders},
    {"POST", "/events", kEpcis, kWriters},
    {"GET", "/events/{id}", kEpcis, kReaders},
    {"GET", "/eventTypes", kEpcis, kReaders},
    {"GET", "/eventTypes/{id}", kEpcis, kReaders},
    {"GET", "/eventTypes/{id}/events", kEpcis, kReaders},
    {"GET", "/epcs", kEpcis, kReaders},
    {"GET", "/epcs/{id}", kEpcis, kReaders},
    {"GET", "/epcs/{id}/events", kEpcis, kReaders},
    {"GET", "/bizSteps", kEpcis, kReaders},
    {"GET", "/bizSteps/{id}", kEpcis, kReaders},
    {"GET", "/bizSteps/{id}/events", kEpcis, kReaders},
    {"GET", "/bizLocations", kEpcis, kReaders},
    {"GET", "/bizLocations/{id}", kEpcis, kReaders},
    {"GET", "/bizLocations/{id}/events", kEpcis, kReaders},
    {"GET", "/readPoints", kEpcis, kReaders},
    {"GET", "/readPoints/{id}", kEpcis, kReaders},
    {"GET", "/readPoints/{id}/events", kEpcis, kReaders},
    {"GET", "/dispositions", kEpcis, kReaders},
    {"GET", "/dispositions/{id}", kEpcis, kReaders},
    {"GET", "/dispositions/{id}/events", kEpcis, kReaders},
    {"GET", "/queries", kEpcis, kQueryAuthors},
    {"POST", "/queries", kEpcis, kQueryAuthors},
    {"GET", "/queries/{name}", kEpcis, kQueryAuthors},
    {"DELETE", "/queries/{name}", kEpcis, kQueryAuthors},
    {"GET", "/queries/{name}/events", kEpcis, kQueryAuthors},
    {"GET", "/queries/{name}/subscriptions", kEpcis, kAdmins},
    {"POST", "/queries/{name}/subscriptions", kEpcis, kAdmins},
    {"GET", "/queries/{name}/subscriptions/{id}", kEpcis, kAdmins},
    {"DELETE", "/queries/{name}/subscriptions/{id}", kEpcis, kAdmins},
    {"DELETE", "/nextPageToken/{token}", kEpcis, kReaders},

    {"GET", "/export/...", kOwn, kExporters},
    {"GET", "/lotmark/v1/records/{commitment}", kOwn, kReaders},
    {"GET", "/lotmark/v1/records/{commitment}/segments/{index}", kOwn, kReaders},
    {"GET", "/lotmark/v1/events/{id}/proof", kOwn, kReaders},

    // Keys of GS1 Digital Link URIs.
    {"GET", "/00/...", kOpen, {}},
    {"GET", "/01/...", kOpen, {}},
    {"GET", "/253/...", kOpen, {}},
    {"GET", "/255/...", kOpen, {}},
    {"GET", "/401/...", kOpen, {}},
    {"GET", "/402/...", kOpen, {}},
    {"GET", "/414/...", kOpen, {}},
    {"GET", "/415/...", kOpen, {}},
    {"GET", "/417/...", kOpen, {}},
    {"GET", "/8003/...", kOpen, {}},
    {"GET", "/8004/...", kOpen, {}},
    {"GET", "/8006/...", kOpen, {}},
    {"GET", "/8010/...", kOpen, {}},
    {"GET", "/8013/...", kOpen, {}},
    {"GET", "/8017/...", kOpen, {}},
    {"GET", "/8018/...", kOpen, {}},
    {"GET", "/.well-known/gs1resolver", kOpen, {}},
    // What only looks like one: the resolver says what is wrong with it.
    {"GET", "/{number}...", kOpen, {}},

    {"GET", "/v1/verify/...", kOpen, {}},
    {"GET", "/v1/verify", kOpen, {}},
    // By signature: who brings them is nobody's business, who signed them is the node's.
    {"POST", "/v1/marks", kOpen, {}},
    {"GET", "/v1/receipts/...", kOpen, {}},
    {"GET", "/v1/lots", kOpen, {}},
    {"GET", "/v1/checkpoint", kOpen, {}},
    {"GET", "/page/...", kOpen, {}},
    {"GET", "/lot/...", kOpen, {}},
    {"GET", "/lot/", kOpen, {}},
    {"GET", "/openapi.json", kOpen, {}},
    {"GET", "/docs", kOpen, {}},
    {"GET", "/healthz", kOpen, {}},
    {"GET", "/metrics", kLoopback, {}},
};

// Takes "/segment" off the front of what begins with a slash.
std::string_view take_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool begins_with_number(std::string_view path) {
  const std::string_view segment = take_segment(path);
  return !segment.empty() && segment.find_first_not_of("0123456789") == std::string_view::npos;
}

bool matches(std::string_view pattern, std::string_view path) {
  if (!path.starts_with('/')) return false;
  if (pattern == "/{number}...") return begins_with_number(path);
  while (!pattern.empty() && !path.empty()) {
    if (pattern == "/...") return path.size() > 1;
    const std::string_view wanted = take_segment(pattern);
    const std::string_view segment = take_segment(path);
    if (wanted.starts_with('{') ? segment.empty() : segment != wanted) return false;
  }
  return pattern.empty() && path.empty();
}

bool has_dot_segment(std::string_view path) {
  while (path.starts_with('/')) {
    const std::string_view segment = take_segment(path);
    const auto text = segment.size() <= 6 ? http::percent_decode(segment) : std::nullopt;
    if (text == "." || text == "..") return true;
  }
  return false;
}

// Each method of the path once; nothing if it is in no row.
std::string methods_of(std::string_view path) {
  std::string out;
  for (const Rule& rule : kRules) {
    if (!matches(rule.pattern, path)) continue;
    if (!out.empty()) out += ", ";
    out += rule.method;
    if (rule.method == "GET") out += ", HEAD";
  }
  if (!out.empty()) out += ", OPTIONS";
  return out;
}

const Rule* rule_for(std::string_view method, std::string_view path) {
  if (method == "HEAD") method = "GET";
  for (const Rule& rule : kRules) {
    if ((method == "OPTIONS" || rule.method == method) && matches(rule.pattern, path)) return &rule;
  }
  return nullptr;
}

bool is_private_kind(RouteKind kind) { return kind == kEpcis || kind == kOwn; }

Verdict judge(const Rule& rule, bool options, const Standing& caller, RoleSet granted) {
  if (rule.kind == kLoopback) return caller.loopback ? Verdict::kAllowed : Verdict::kForbidden;
  if (rule.kind == kOpen || options || !granted.empty()) return Verdict::kAllowed;
  return caller.known ? Verdict::kForbidden : Verdict::kNoCredentials;
}

http::Response problem_of(const Decision& d, const char* epcis_type, int status,
                          std::string_view detail) {
  return http::problem({status, d.epcis ? epcis_type : "", detail});
}

http::Response security_problem(const Decision& d, int status, std::string_view detail) {
  return problem_of(d, "epcisException:SecurityException", status, detail);
}

// The scopes that would do, for RFC 6750's `scope`.
std::string scopes_of(RoleSet needed) {
  std::string out;
  for (const AccessRole role : {kCapture, kReader, kPartner, kRegulator, kAgency, kAdmin}) {
    if (!needed.has(role)) continue;
    if (!out.empty()) out += ' ';
    out += scope_of(role);
  }
  return out;
}

// What may stand in an error_description (RFC 6750 section 3), and no more than a sentence of it.
std::string described(std::string_view why) {
  std::string out;
  for (const char c : why.substr(0, 200)) {
    const bool fits = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    out += fits ? c : '?';
  }
  return out;
}

http::Response challenge(http::Response out, const std::string& parameters) {
  out.headers["WWW-Authenticate"] = "Bearer realm=\"lotmark\"" + parameters;
  out.headers["Cache-Control"] = "no-store";
  return out;
}

}  // namespace

Decision decide(std::string_view method, std::string_view path, const Standing& caller) {
  Decision d;
  if (has_dot_segment(path)) return d;
  d.allow = methods_of(path);
  if (d.allow.empty()) return d;
  const Rule* rule = rule_for(method, path);
  if (rule == nullptr) {
    d.verdict = Verdict::kNoMethod;
    rule = rule_for("OPTIONS", path);  // any row of the path: for its kind alone
    d.route = rule->pattern;
    d.epcis = rule->kind == kEpcis;
    d.is_private = is_private_kind(rule->kind);
    return d;
  }
  const bool options = method == "OPTIONS";
  d.route = rule->pattern;
  d.epcis = rule->kind == kEpcis;
  d.is_private = is_private_kind(rule->kind) && !options;
  if (d.is_private) {
    d.needed = rule->roles;
    d.granted = rule->roles.both(caller.roles);
  }
  d.verdict = judge(*rule, options, caller, d.granted);
  return d;
}

http::Response route_problem(const Decision& d, int status, std::string_view detail) {
  const char* type = status == 400   ? "epcisException:ValidationException"
                     : status == 413 ? "epcisException:CaptureLimitExceededException"
                     : status == 414 ? "epcisException:URITooLongException"
                                     : "epcisException:ImplementationException";
  return problem_of(d, type, status, detail);
}

http::Response server_refusal(const http::Request& head, int status, const Error& error) {
  const Decision d = decide(head.method, head.path, {});
  return d.epcis ? route_problem(d, status, error.text) : http::problem(status, error);
}

http::Response refusal(const Decision& d, const Standing& caller) {
  switch (d.verdict) {
    case Verdict::kNoRoute: return http::problem(404, "no such address");
    case Verdict::kNoMethod: {
      auto out = route_problem(d, 405, "this address has no such method");
      out.headers["Allow"] = d.allow;
      return out;
    }
    case Verdict::kNoCredentials:
      return challenge(
          security_problem(d, 401, "a client certificate or a bearer token is needed here"), "");
    case Verdict::kForbidden: {
      if (d.needed.empty()) return http::problem(403, "this address answers this machine alone");
      const auto detail =
          fmt::format("this needs one of the roles: {}; the caller has: {}", names(d.needed),
                      caller.roles.empty() ? "none" : names(caller.roles));
      return challenge(
          security_problem(d, 403, detail),
          fmt::format(", error=\"insufficient_scope\", scope=\"{}\"", scopes_of(d.needed)));
    }
    case Verdict::kAllowed: break;
  }
  LM_ASSERT(false);
  return {};
}

http::Response bad_credentials(const Decision& d, std::string_view why) {
  return challenge(
      security_problem(d, 401, why),
      fmt::format(", error=\"invalid_token\", error_description=\"{}\"", described(why)));
}

}  // namespace lotmark::api::access
