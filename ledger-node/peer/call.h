// A request between nodes or from an operator, without a transport: the same bytes go over HTTPS, or from
// hand to hand in tests and simulation. Engines take Calls in and give Outgoing calls out; they do no I/O.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::node {

struct Call {
  std::string method;  // upper case
  std::string path;    // with query, as sent
  Bytes body;
  std::string authorization;  // "Lotmark HEX"
};

// A message for the devices' or the consortium's broker.
struct Publication {
  std::string topic;
  Bytes payload;
};

struct Reply {
  int status = 200;
  std::string content_type = "application/cbor";
  Bytes body;
  // What went wrong on the way (network, unavailable) or what the callee named in its problem body.
  std::optional<Error> error;
  // Go to the broker before an answer does; if they cannot, unavailable is answered.
  std::vector<Publication> messages{};

  bool ok() const { return status >= 200 && status < 300 && !error; }
};

Reply reply_cbor(Bytes body);
Reply reply_json(std::string text);
// problem+json with the status that fits the error.
Reply reply_error(const Error& error);

// What a problem+json answer says: its error, if it names one of ours, and its detail.
Error problem_error(const Reply& reply);

// A call an engine wants made. `done` is called with the engine's lock held, exactly once.
struct Outgoing {
  KeyId to;
  std::string method;
  std::string path;
  Bytes body;
  std::function<void(const Reply&)> done;
};

// CBOR array of byte strings, both ways. `max` bounds the count.
Bytes encode_list(const std::vector<Bytes>& list);
Result<std::vector<Bytes>> decode_list(ByteView bytes, std::size_t max = 4096);

// Path split at '/', percent-decoded, and the query's parameters, each once.
struct Route {
  std::vector<std::string> parts;
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<std::uint64_t> number(std::string_view key) const;
  std::optional<std::string> text(std::string_view key) const;
};
// not-found for what is no path; usage for a parameter that is given twice, or is no number where it is to be one.
Result<Route> parse_route(std::string_view path);
std::string percent_encode(std::string_view text);

}  // namespace lotmark::node
