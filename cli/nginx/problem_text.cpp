// The errors that nginx answers itself.
#include <fmt/format.h>

#include "cli/nginx/site.h"

namespace lotmark::cli::nginx {

namespace {

// `type` is EPCIS 2.0's exception of that status (section 12, and GS1's OpenAPI file); what that has none for is an
// ImplementationException.
struct Page {
  int status;
  std::string_view from;  // nginx's own codes that become it
  std::string_view title;
  std::string_view detail;
  std::string_view type;
  Errc code;
  bool again = false;  // with Retry-After
};

constexpr std::string_view kInvalid = "ValidationException";
constexpr std::string_view kOurs = "ImplementationException";

constexpr Page kPages[] = {
    {400, "400", "Bad Request", "the request cannot be read", kInvalid, Errc::kUsage},
    {400, "495", "Bad Request", "the client certificate does not hold", "SecurityException",
     Errc::kDenied},
    {400, "496", "Bad Request", "a client certificate is needed", "SecurityException",
     Errc::kDenied},
    {400, "497", "Bad Request", "this port speaks https", kOurs, Errc::kUsage},
    {404, "404", "Not Found", "no such address", "NoSuchResourceException", Errc::kNotFound},
    {405, "405", "Method Not Allowed", "this method is not served", kOurs, Errc::kUsage},
    {408, "408", "Request Timeout", "the request did not arrive in time", kOurs,
     Errc::kUnavailable},
    {413, "413", "Content Too Large", "the body is too large", "CaptureLimitExceededException",
     Errc::kTooLarge},
    {414, "414", "URI Too Long", "the address is too long", "URITooLongException", Errc::kTooLarge},
    {429, "429", "Too Many Requests", "too many requests of this address at a time", kOurs,
     Errc::kUnavailable, true},
    {431, "431 494", "Request Header Fields Too Large", "the head is too long", kOurs,
     Errc::kTooLarge},
    {500, "500", "Internal Server Error", "", kOurs, Errc::kInternal},
    {501, "501", "Not Implemented", "this way of sending is not understood", kOurs, Errc::kUsage},
    {502, "502", "Bad Gateway", "the server behind does not answer", kOurs, Errc::kUnavailable,
     true},
    {503, "503", "Service Unavailable", "too many requests are waiting", kOurs, Errc::kUnavailable,
     true},
    {504, "504", "Gateway Timeout", "the server behind did not answer in time", kOurs,
     Errc::kUnavailable, true},
};

// The page of a code that has one of its own is named by it; the others are named by their status.
std::string name_of(const Page& p) {
  return p.from.size() > 3 ? std::to_string(p.status) : std::string(p.from);
}

}  // namespace

std::string problem_maps() {
  std::string out =
      "# Which paths are EPCIS's: their errors have EPCIS's types.\n"
      "map $request_uri $lotmark_epcis {\n"
      "    default 0;\n"
      "    \"~^/(capture|events|eventTypes|epcs|bizSteps|bizLocations|readPoints|dispositions"
      "|queries|supportedQueries|topics)([/?]|$)\" 1;\n"
      "}\n";
  for (const auto& p : kPages) {
    out += fmt::format(
        "map $lotmark_epcis $lotmark_kind_{} {{\n"
        "    1 '\"type\":\"epcisException:{}\"';\n"
        "    default '\"error\":\"{}\",\"number\":{}';\n"
        "}}\n",
        name_of(p), p.type, name(p.code), static_cast<unsigned>(p.code));
  }
  return out;
}

std::string problem_pages() {
  std::string out;
  for (const auto& p : kPages) {
    out += fmt::format("    error_page {} ={} /.lotmark/{};\n", p.from, p.status, name_of(p));
  }
  for (const auto& p : kPages) {
    const std::string detail =
        p.detail.empty() ? std::string() : fmt::format(",\"detail\":\"{}\"", p.detail);
    out += fmt::format(
        "    location = /.lotmark/{} {{\n"
        "        internal;\n"
        "        client_max_body_size 0;\n"
        "        default_type application/problem+json;\n"
        "        add_header X-Content-Type-Options nosniff always;\n"
        "        add_header Cache-Control no-store always;\n"
        "        add_header Strict-Transport-Security \"max-age=31536000\" always;\n"
        "{}"
        "        return {} '{{${{lotmark_kind_{}}},\"title\":\"{}\",\"status\":{}{}}}';\n"
        "    }}\n",
        name_of(p), p.again ? "        add_header Retry-After 1 always;\n" : "", p.status,
        name_of(p), p.title, p.status, detail);
  }
  return out;
}

}  // namespace lotmark::cli::nginx
