// A request to one of the EPCIS routes, taken apart. Included by the routes' own sources only.
#pragma once

#include "api/epcis/epcis_api.h"

namespace lotmark::api::epcis {

inline constexpr std::string_view kEventProofType = "application/vnd.lotmark.event-proof.v1+cbor";

struct EpcisApi::Asked {
  const http::Request& request;
  std::vector<std::string> parts;  // of the path, percent-decoded
  Parameters parameters;           // of the query, decoded, in order
  Wanted wanted;
  bool sees_events = false;  // else it learns of none but the hash of one whose eventID it knows
  Client client;
};

// perPage of a request, or what is wrong with it.
struct PageSize {
  std::size_t events = 0;
};

// A page's answer: JSON, with Link and GS1-Next-Page-Token-Expires where there is a next one. `token` empty: there is none.
http::Response page_response(const Json& body, const EpcisOptions& options,
                             const http::Request& request, const std::string& token, Time now);
// The request's target without nextPageToken: what a token is bound to.
std::string page_scope(const http::Request& request);
// A Problem for a perPage that is no number from 1; larger ones are cut to the most there is.
std::variant<PageSize, Problem> page_size(
    const std::vector<std::pair<std::string, std::string>>& parameters,
    const EpcisOptions& options);
std::optional<std::string> parameter(
    const std::vector<std::pair<std::string, std::string>>& parameters, std::string_view name);

http::Response json_response(int status, const Json& body);

}  // namespace lotmark::api::epcis
