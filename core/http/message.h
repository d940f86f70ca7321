// What a handler is given and gives back: HTTP without any library's types.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::http {

// A request's (and a client's response's) names are lower case; a server's response may have any
// case.
using Headers = std::map<std::string, std::string, std::less<>>;

struct Request {
  std::string method;     // upper case
  std::string path;       // as sent: percent-encoded, without query
  std::string query;      // as sent, without '?'
  Headers headers;        // repeated ones joined by ", "
  Bytes body;             // at most ServerOptions::body_max
  std::string remote;     // address of the caller, without port
  std::string peer_name;  // CN of the client certificate that TLS verified; empty without one
  // Bytes that its body counts as where ServerOptions::judge_head is asked, of its head and then of the whole: what the head
  // announces, of a chunked body its limit. Nothing: nobody was asked.
  std::optional<std::size_t> judged_as{};

  // Empty if it is not there.
  std::string_view header(std::string_view lower_case_name) const;
  // What a token signs: path, and '?' and query if there is one.
  std::string target() const { return query.empty() ? path : path + "?" + query; }
};

struct Response {
  int status = 200;
  std::string content_type;  // empty: none is sent
  Bytes body;
  Headers headers;  // others than content-type, content-length, connection and date
};

Response text_response(int status, std::string_view content_type, std::string_view body);

// Of a method or of a header's name (RFC 9110 section 5.6.2).
bool is_token(std::string_view text);

// The value of one key of a query string, percent- and plus-decoded; nothing if absent. usage, naming the key, if it is
// badly encoded or given twice: who reads the query beside us may take the other one.
Result<std::optional<std::string>> query_value(std::string_view query, std::string_view key);
// Undoes %XX; nothing if a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text);
// Encodes all but unreserved characters (RFC 3986 section 2.3), so that '/' travels as %2F.
std::string percent_encode(std::string_view text);

// "Not Found" for 404; "Unknown" for a status not in the table.
std::string_view reason_phrase(int status);

}  // namespace lotmark::http
