#include "api/described/described.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace lotmark::api {

namespace {

constexpr char kText[] =
#include "openapi.inc"
    ;

using nlohmann::json;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<') out += "&lt;";
    else if (c == '&') out += "&amp;";
    else out += c;
  }
  return out;
}

std::string row(const std::string& path, std::string method, const json& operation) {
  std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::toupper(c); });
  const bool named = operation.contains("security");
  return "<tr><td>" + method + "</td><td><code>" + escaped(path) + "</code></td><td>" +
         escaped(operation.value("summary", "")) + "</td><td>" +
         (named ? "token or certificate" : "everybody") + "</td></tr>\n";
}

std::string make_page() {
  const json described = json::parse(kText);
  std::string out =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Lotmark API</title>\n"
      "<h1>Lotmark API</h1><p>OpenAPI 3.1: <a href=\"/openapi.json\">/openapi.json</a></p>\n"
      "<table><tr><th>method</th><th>address</th><th>what</th><th>who</th></tr>\n";
  for (const auto& [path, operations] : described.at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) out += row(path, method, operation);
  }
  return out + "</table></html>\n";
}

}  // namespace

std::string_view openapi_text() { return {kText, sizeof kText - 1}; }

const std::string& docs_page() {
  static const std::string page = make_page();
  return page;
}

}  // namespace lotmark::api
