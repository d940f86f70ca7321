#include <charconv>

#include "api/epcis/asked.h"
#include "api/epcis/page_token.h"

namespace lotmark::api::epcis {

namespace {

constexpr std::chrono::hours kTokenLife{24};

}  // namespace

http::Response json_response(int status, const Json& body) {
  return http::text_response(status, "application/json",
                             body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::optional<std::string> parameter(
    const std::vector<std::pair<std::string, std::string>>& parameters, std::string_view name) {
  for (const auto& [key, value] : parameters) {
    if (key == name) return value;
  }
  return std::nullopt;
}

// However it is encoded.
static bool is_of_paging(std::string_view pair) {
  const auto name = http::percent_decode(pair.substr(0, pair.find('=')));
  return name == "nextPageToken" || name == "perPage";
}

std::string page_scope(const http::Request& request) {
  std::string out = request.path + "?";
  std::string_view query = request.query;
  while (!query.empty()) {
    const auto end = query.find('&');
    const std::string_view pair = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view() : query.substr(end + 1);
    if (pair.empty() || is_of_paging(pair)) continue;
    out += pair;
    out += '&';
  }
  return out;
}

std::variant<PageSize, Problem> page_size(
    const std::vector<std::pair<std::string, std::string>>& parameters,
    const EpcisOptions& options) {
  const auto text = parameter(parameters, "perPage");
  if (!text) return PageSize{options.page};
  std::size_t value = 0;
  const char* end = text->data() + text->size();
  const auto [at, ec] = std::from_chars(text->data(), end, value);
  const bool good = (ec == std::errc{} && at == end && value > 0) ||
                    (ec == std::errc::result_out_of_range && at == end);
  if (!good)
    return Problem{400, "QueryParameterException", "perPage is a number from 1", "perPage"};
  if (ec != std::errc{}) value = options.page_max;
  return PageSize{std::min(value, options.page_max)};
}

http::Response page_response(const Json& body, const EpcisOptions& options,
                             const http::Request& request, const std::string& token, Time now) {
  auto out = json_response(200, body);
  if (token.empty()) return out;
  const auto size = http::query_value(request.query, "perPage");
  std::string target = page_scope(request);
  if (size && *size) target += "perPage=" + http::percent_encode(**size) + "&";
  out.headers["Link"] =
      "<" + options.origin + target + "nextPageToken=" + token + ">; rel=\"next\"";
  out.headers["GS1-Next-Page-Token-Expires"] = to_iso(now + kTokenLife);
  return out;
}

// A token says itself where the next page begins: there is nothing to let go of.
http::Response EpcisApi::delete_token(const Asked& asked) {
  if (!may_be_token(asked.parts[1]))
    return to_response(
        Problem{404, "NoSuchResourceException", "no nextPageToken of this server", {}});
  http::Response out;
  out.status = 204;
  return out;
}

}  // namespace lotmark::api::epcis
