#include "ledger-node/peer/call.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/http_status.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool percent_decode(std::string_view in, std::string& out) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] != '%') {
      out += in[i];
      continue;
    }
    if (i + 2 >= in.size()) return false;
    const int hi = hex_digit(in[i + 1]);
    const int lo = hex_digit(in[i + 2]);
    if (hi < 0 || lo < 0) return false;
    out += static_cast<char>(hi * 16 + lo);
    i += 2;
  }
  return true;
}

// The parameters that are numbers wherever a node takes them.
constexpr std::string_view kNumbers[] = {"after", "at",    "cut",  "final", "first",    "from",
                                         "limit", "moved", "size", "since", "since_ms", "to"};

std::optional<std::uint64_t> read_number(std::string_view text) {
  if (text.empty() || text.size() > 15) return std::nullopt;
  std::uint64_t n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return n;
}

Status check_parameter(const Route& route) {
  const auto& [key, value] = route.query.back();
  if (std::any_of(route.query.begin(), route.query.end() - 1,
                  [&](const auto& p) { return p.first == key; }))
    return fail(Errc::kUsage, key + " is given twice");
  if (std::ranges::find(kNumbers, key) != std::end(kNumbers) && !read_number(value))
    return fail(Errc::kUsage, key + " is a number of 1 to 15 digits");
  return {};
}

}  // namespace

Reply reply_cbor(Bytes body) { return {200, "application/cbor", std::move(body), std::nullopt}; }

Reply reply_json(std::string text) {
  return {200, "application/json", to_bytes(as_bytes(text)), std::nullopt};
}

Reply reply_error(const Error& error) {
  const int status = http_status(error.code);
  const nlohmann::json problem = {{"type", "about:blank"},
                                  {"title", std::string(name(error.code))},
                                  {"status", status},
                                  {"error", std::string(name(error.code))},
                                  {"number", static_cast<int>(error.code)},
                                  {"detail", error.text}};
  // A text may repeat what a caller sent, which need not be UTF-8.
  const std::string text = problem.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return {status, "application/problem+json", to_bytes(as_bytes(text)), error};
}

Error problem_error(const Reply& reply) {
  const auto j = nlohmann::json::parse(as_text(reply.body), nullptr, false);
  const auto fallback = fail(reply.status >= 500 ? Errc::kUnavailable : Errc::kDenied,
                             "status " + std::to_string(reply.status));
  if (!j.is_object() || !j.contains("number") || !j["number"].is_number_unsigned()) return fallback;
  const auto code = static_cast<Errc>(j["number"].get<std::uint64_t>() & 0xffff);
  if (name(code) == "unknown-error" || code == Errc::kOk) return fallback;
  return fail(
      code, j.contains("detail") && j["detail"].is_string() ? j["detail"].get<std::string>() : "");
}

Bytes encode_list(const std::vector<Bytes>& list) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(list.size());
    for (const auto& b : list) w.bytes(b);
  });
}

Result<std::vector<Bytes>> decode_list(ByteView bytes, std::size_t max) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray) return Errc::kFieldType;
  if (root.count() > max)
    return fail(Errc::kTooLarge, "a list of more than " + std::to_string(max));
  std::vector<Bytes> out;
  CborValue v = root.first();
  for (std::size_t i = 0; i < root.count(); ++i, v = v.next()) {
    if (v.type() != CborType::kBytes) return Errc::kFieldType;
    out.push_back(to_bytes(v.bytes()));
  }
  return out;
}

std::optional<std::uint64_t> Route::number(std::string_view key) const {
  const auto value = text(key);
  return value ? read_number(*value) : std::nullopt;
}

std::optional<std::string> Route::text(std::string_view key) const {
  for (const auto& [k, v] : query) {
    if (k == key) return v;
  }
  return std::nullopt;
}

Result<Route> parse_route(std::string_view path) {
  if (path.size() > 2048 || path.empty() || path.front() != '/') {
    return fail(Errc::kNotFound, "a path of at most 2048 characters from /");
  }
  Route r;
  std::string_view query;
  if (const auto q = path.find('?'); q != std::string_view::npos) {
    query = path.substr(q + 1);
    path = path.substr(0, q);
  }
  path.remove_prefix(1);
  while (true) {
    const auto slash = path.find('/');
    if (!percent_decode(path.substr(0, slash), r.parts.emplace_back())) {
      return fail(Errc::kNotFound, "bad percent-encoding");
    }
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash + 1);
  }
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    if (pair.empty()) continue;
    const auto eq = pair.find('=');
    auto& [k, v] = r.query.emplace_back();
    if (!percent_decode(pair.substr(0, eq), k) ||
        (eq != std::string_view::npos && !percent_decode(pair.substr(eq + 1), v))) {
      return fail(Errc::kNotFound, "bad percent-encoding");
    }
    LM_TRY(check_parameter(r));
  }
  return r;
}

std::string percent_encode(std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
      continue;
    }
    const auto u = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[u >> 4];
    out += kDigits[u & 15];
  }
  return out;
}

}  // namespace lotmark::node
