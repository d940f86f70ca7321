#include "api/unit/unit_routes.h"

#include "core/gs1/digital_link.h"
#include "core/http/problem.h"

namespace lotmark::api {

namespace {

constexpr std::string_view kVerify = "/v1/verify";
constexpr std::string_view kMarks = "/v1/marks";

// Pages of other origins may use them: neither rests on anything that a browser sends by itself.
http::Response shared(const http::Request& r, http::Response out, std::string_view allow) {
  if (r.method == "OPTIONS") {
    out = {};
    out.status = 204;
    out.headers["Allow"] = allow;
    out.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type";
    out.headers["Access-Control-Max-Age"] = "86400";
  }
  out.headers["Access-Control-Allow-Origin"] = "*";
  out.headers["Access-Control-Allow-Methods"] = allow;
  out.headers["Access-Control-Expose-Headers"] = "Link, Location, Retry-After";
  return out;
}

http::Response bad_query(std::string_view why) {
  auto out = http::problem(400, why);
  out.headers["Cache-Control"] = "no-store";
  return out;
}

// usage, for its caller.
Result<UnitKey> read_unit(std::string_view query) {
  LM_ASSIGN(const auto gtin, http::query_value(query, "gtin"));
  LM_ASSIGN(const auto lot, http::query_value(query, "lot"));
  LM_ASSIGN(const auto serial, http::query_value(query, "serial"));
  if (!gtin || !lot)
    return fail(Errc::kUsage, "gtin and lot are needed: /v1/verify?gtin=&lot=&serial=");
  UnitKey unit{{gs1::pad_gtin(*gtin)}, {*lot}, serial.value_or("")};
  if (!valid(unit.gtin))
    return fail(Errc::kUsage, "gtin is not 8, 12, 13 or 14 digits with a right check digit");
  if (!valid(unit.lot)) return fail(Errc::kUsage, "lot is not 1 to 20 characters of GS1's set 82");
  if (!gs1::valid_serial(unit.serial)) {
    return fail(Errc::kUsage,
                "serial is not 1 to 20 characters of GS1's set 82; of a lot alone ask "
                "/v1/verify/GTIN/LOT");
  }
  return unit;
}

const std::string* qualifier_of(const gs1::Link& link, std::string_view ai) {
  const auto found = std::ranges::find(link.qualifiers, ai, &gs1::AiValue::ai);
  return found == link.qualifiers.end() ? nullptr : &found->value;
}

}  // namespace

http::Response UnitRoutes::verify(const http::Request& r, const access::Caller& caller) {
  const auto read = read_unit(r.query);
  if (!read) return bad_query(read.error().text);
  return answers_.verify(r, caller, *read);
}

std::optional<UnitRoutes::Answered> UnitRoutes::handle(const http::Request& r,
                                                       const access::Caller& caller) {
  const bool asked = r.method != "OPTIONS";
  if (r.path == kVerify) {
    auto out = asked ? verify(r, caller) : http::Response{};
    return Answered{kVerify, shared(r, std::move(out), "GET, HEAD, OPTIONS")};
  }
  if (r.path == kMarks) {
    auto out = asked ? intake_.post(r) : http::Response{};
    return Answered{kMarks, shared(r, std::move(out), "POST, OPTIONS")};
  }
  return std::nullopt;
}

std::optional<UnitRoutes::Answered> UnitRoutes::handle_link(const http::Request& r,
                                                            const access::Caller& caller,
                                                            const link::Resolver& resolver) {
  if (r.method == "OPTIONS") return std::nullopt;
  const auto ask = link::read_ask(r);
  if (!ask || ask->wish != link::Wish::kJson || ask->link.key.ai != "01") return std::nullopt;
  const auto* lot = qualifier_of(ask->link, "10");
  const auto* serial = qualifier_of(ask->link, "21");
  if (lot == nullptr || serial == nullptr) return std::nullopt;
  auto out = answers_.verify(r, caller, {{ask->link.key.value}, {*lot}, *serial});
  resolver.add_headers(*ask, out);
  return Answered{"/01/", shared(r, std::move(out), "GET, HEAD, OPTIONS")};
}

}  // namespace lotmark::api
