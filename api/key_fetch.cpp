#include "api/key_fetch.h"

#include "api/bounded_file.h"
#include "core/http/client.h"

namespace lotmark::api {

namespace {

constexpr std::chrono::milliseconds kFetchTimeout{5'000};

}  // namespace

Result<Bytes> fetch_keys(const access::KeySource& source) {
  constexpr std::size_t kMax = access::KeySet::kBytesMax;
  if (source.url.empty()) return read_bounded(source.file, kMax);
  const auto path = source.url.find('/', source.url.find("://") + 3);
  http::ClientOptions options;
  options.base_url = source.url.substr(0, path);
  options.ca = source.ca;
  options.timeout = kFetchTimeout;
  LM_ASSIGN(const auto client, http::Client::make(options));
  const std::string target = path == std::string::npos ? "/" : source.url.substr(path);
  LM_ASSIGN(auto answer, client.send("GET", target, {{"accept", "application/json"}}, {}, kMax));
  if (answer.status != 200)
    return fail(Errc::kDenied, "the answer has status " + std::to_string(answer.status));
  return std::move(answer.body);
}

}  // namespace lotmark::api
