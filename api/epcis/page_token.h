// nextPageToken: where the next page begins, without anything kept at the server. It is good only with the query it was
// made for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::api::epcis {

struct PagePlace {
  std::int64_t key = 0;     // of the last event given: eventTime or recordTime, ms UTC
  std::uint64_t n = 0;      // and its row
  std::uint64_t given = 0;  // events given so far
  bool operator==(const PagePlace&) const = default;
};

// `query`: whatever the pages belong to, such as path and query without the token.
std::string write_token(const PagePlace& place, std::string_view query);
// Nothing for a text that is no token, or one of another query.
std::optional<PagePlace> read_token(std::string_view token, std::string_view query);

// Whether a text has the form of a nextPageToken of any list here: one of these, a number, or a name in hex.
bool may_be_token(std::string_view text);

}  // namespace lotmark::api::epcis
