#include "bench/api/asks.h"

#include <fmt/format.h>

#include "bench/api/made.h"
#include "bench/events/made.h"

namespace lotmark::bench {

namespace {

constexpr Ask kAsks[] = {
    {"verify", "/v1/verify/", "/", "", "application/json", 200},
    {"default", "/01/", "/10/", "", "text/html,*/*;q=0.8", 307},
    {"pip", "/01/", "/10/", "?linkType=gs1:pip", "text/html,*/*;q=0.8", 307},
    {"linkset", "/01/", "/10/", "?linkType=linkset", "application/linkset+json", 200},
    {"json", "/01/", "/10/", "", "application/json", 200},
};

const char* ending(bool closing) { return closing ? "Connection: close\r\n" : ""; }

}  // namespace

Result<Ask> find_ask(std::string_view name) {
  std::string all;
  for (const Ask& ask : kAsks) {
    if (ask.name == name) return ask;
    all.append(all.empty() ? "" : ", ").append(ask.name);
  }
  return fail(Errc::kUsage, fmt::format("{} is none of: {}", name, all));
}

std::vector<std::string> read_requests(const Ask& ask, unsigned lots, bool closing) {
  std::vector<std::string> out;
  for (unsigned n = 1; n <= lots; ++n) {
    out.push_back(fmt::format(
        "GET {}{}{}{}{} HTTP/1.1\r\nHost: lot.example\r\nAccept: {}\r\n{}\r\n", ask.prefix,
        made_gtin(), ask.middle, made_lot(n), ask.suffix, ask.accept, ending(closing)));
  }
  return out;
}

std::vector<std::string> capture_requests(unsigned first, unsigned documents, int events,
                                          const std::string& who, bool closing) {
  std::vector<std::string> out;
  for (unsigned n = 0; n < documents; ++n) {
    const auto body = document(first + n, events);
    out.push_back(fmt::format(
        "POST /capture HTTP/1.1\r\nHost: lot.example\r\nContent-Type: application/json\r\n"
        "X-Lotmark-Client-Verify: SUCCESS\r\nX-Lotmark-Client-DN: CN={}\r\n"
        "Content-Length: {}\r\n{}\r\n{}",
        who, body.size(), ending(closing), body));
  }
  return out;
}

}  // namespace lotmark::bench
