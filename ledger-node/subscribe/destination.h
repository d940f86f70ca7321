// Where webhooks may call: addresses taken apart strictly, and the list of node.toml that allows them ([webhooks] allow).
// A destination comes from a client; without the list it could send this node anywhere in its network. No I/O.
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"

namespace lotmark::node {

inline constexpr std::size_t kDestinationMax = 2048;  // bytes
inline constexpr std::size_t kAllowedMax = 100;

struct Destination {
  bool https = false;
  std::string host;  // lower case: a name, or an IPv4 address of four plain numbers
  std::uint16_t port = 0;
  std::string target;  // path and query, at least "/"

  // "https://erp.yunhe.example:8443"
  std::string base_url() const;
};

// An http or https URL in printable ASCII. usage for anything that two readers might take for two different places:
// user information, a fragment, IPv6, a host that is percent-encoded, ends in a dot, or is a number in another form than
// 192.0.2.1; backslashes, path segments "." and "..", encoded ones too, and a path that begins with "//".
Result<Destination> read_destination(std::string_view url);

class AllowedDestinations {
 public:
  // Allows nothing.
  AllowedDestinations() = default;
  // Each entry a URL: scheme, host and port are allowed as they stand there, and paths that begin with its path, which
  // ends with a slash. config: an entry that is none, has a query, or is http to a host other than localhost or
  // 127.x.y.z.
  static Result<AllowedDestinations> read(const std::vector<std::string>& entries);

  // denied: the list does not have it.
  Status check(const Destination& to) const;
  bool has_https() const;

 private:
  std::vector<Destination> entries_;
};

}  // namespace lotmark::node
