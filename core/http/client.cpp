#include "core/http/client.h"

#include <cpprest/http_client.h>
#include <pplx/threadpool.h>

#include <future>

#include "core/http/tls.h"
#include "core/http/transport.h"

namespace lotmark::http {

using Deadline = std::chrono::steady_clock::time_point;

namespace {

// The finished task, or nothing when the deadline comes first. `keep` lives until the task is done.
template <class T>
std::optional<pplx::task<T>> wait_until(pplx::task<T> task, Deadline deadline,
                                        std::shared_ptr<void> keep = {}) {
  auto promise = std::make_shared<std::promise<pplx::task<T>>>();
  auto future = promise->get_future();
  task.then([promise, keep](pplx::task<T> done) {
    try {
      done.wait();  // seen here, so that cpprestsdk does not take a failure for unobserved
    } catch (...) {
    }
    promise->set_value(done);
  });
  if (future.wait_until(deadline) != std::future_status::ready) return std::nullopt;
  return future.get();
}

web::http::http_request make_request(std::string_view method, std::string_view target,
                                     const Headers& headers, ByteView body) {
  web::http::http_request request{std::string(method)};
  request.set_request_uri(web::uri(std::string(target)));
  if (!body.empty()) request.set_body(to_bytes(body));
  for (const auto& [name, value] : headers) {
    request.headers().remove(name);
    request.headers().add(name, value);
  }
  return request;
}

std::string lower(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(), [](unsigned char c) { return std::tolower(c); });
  return s;
}

Response head_of(const web::http::http_response& from) {
  Response r;
  r.status = from.status_code();
  for (const auto& [name, value] : from.headers()) r.headers[lower(name)] = value;
  if (const auto it = r.headers.find("content-type"); it != r.headers.end())
    r.content_type = it->second;
  return r;
}

// Closes the connection: what it would still bring is not wanted. On cpprestsdk's thread, which alone touches its
// sockets (transport.h): asio's may not be closed by one thread while another reads.
void cancel_on_pool(const pplx::cancellation_token_source& source) {
  boost::asio::post(crossplat::threadpool::shared_instance().service(),
                    [source] { source.cancel(); });
}

Error too_late(const std::string& url) {
  return fail(Errc::kUnavailable, url + " did not answer in time");
}

Error too_large(const std::string& url) {
  return fail(Errc::kTooLarge, url + " answers with more bytes than are taken");
}

}  // namespace

struct Client::Impl {
  std::string url;
  std::chrono::milliseconds timeout;
  std::unique_ptr<web::http::client::http_client> client;

  Result<Response> exchange(const web::http::http_request& request, std::size_t max,
                            const pplx::cancellation_token& token, Deadline deadline);
  Status read_body(const web::http::http_response& from, std::size_t max, Deadline deadline,
                   Bytes& out);
};

Result<Response> Client::Impl::exchange(const web::http::http_request& request, std::size_t max,
                                        const pplx::cancellation_token& token, Deadline deadline) {
  auto task = wait_until(client->request(request, token), deadline);
  if (!task) return too_late(url);
  const auto answer = task->get();
  Response r = head_of(answer);
  if (request.method() == "HEAD" || r.status == 204 || r.status == 304) return r;
  LM_TRY(read_body(answer, max, deadline, r.body));
  return r;
}

Status Client::Impl::read_body(const web::http::http_response& from, std::size_t max,
                               Deadline deadline, Bytes& out) {
  if (static_cast<std::uint64_t>(from.headers().content_length()) > max) return too_large(url);
  auto stream = from.body();
  if (!stream) return {};
  auto buffer = stream.streambuf();
  auto part = std::make_shared<Bytes>(16 * 1024);
  for (;;) {
    const std::size_t ask =
        std::min(part->size(), max - out.size() + 1);  // one more shows it is too large
    auto task = wait_until(buffer.getn(part->data(), ask), deadline, part);
    if (!task) return too_late(url);
    const std::size_t n = task->get();
    if (n == 0) break;
    if (out.size() + n > max) return too_large(url);
    out.insert(out.end(), part->begin(), part->begin() + static_cast<std::ptrdiff_t>(n));
  }
  auto whole = wait_until(from.content_ready(), deadline);  // throws if the body broke off
  if (!whole) return too_late(url);
  whole->get();
  return {};
}

Result<Response> Client::send(std::string_view method, std::string_view target,
                              const Headers& headers, ByteView body,
                              std::size_t response_max) const {
  const Deadline deadline = std::chrono::steady_clock::now() + impl_->timeout;
  pplx::cancellation_token_source source;
  Result<Response> result = fail(Errc::kNetwork);
  try {
    const auto request = make_request(method, target, headers, body);
    result = impl_->exchange(request, response_max, source.get_token(), deadline);
  } catch (const web::http::http_exception& e) {
    const bool late = e.error_code() == std::errc::timed_out;
    result = fail(late ? Errc::kUnavailable : Errc::kNetwork, impl_->url + ": " + e.what());
  } catch (const std::exception& e) {
    result = fail(Errc::kNetwork, impl_->url + ": " + e.what());
  }
  if (!result) cancel_on_pool(source);
  return result;
}

Result<Client> Client::make(const ClientOptions& options) {
  LM_TRY(prepare_cpprest());
  try {
    const web::uri uri(options.base_url);
    const bool https = uri.scheme() == "https";
    if ((!https && uri.scheme() != "http") || uri.host().empty()) {
      return fail(Errc::kConfig, "'" + options.base_url + "' is no http or https URL");
    }
    const std::string host = uri.host();
    if (host.starts_with('[')) {  // cpprestsdk would look the brackets up as a name
      return fail(Errc::kConfig,
                  "'" + options.base_url + "': name the host instead of its IPv6 address");
    }
    const ClientTls tls{options.ca, options.certificate, options.key, host, options.answer_max};
    if (https) LM_TRY(check_client_tls(tls));
    web::http::client::http_client_config config;
    config.set_timeout(options.timeout);
    config.set_max_redirects(0);
    if (https) {
      config.set_ssl_context_callback(
          [tls](boost::asio::ssl::context& context) { use_client_tls(context, tls); });
    }
    auto impl = std::make_unique<Impl>();
    impl->url = options.base_url;
    impl->timeout = options.timeout;
    impl->client = std::make_unique<web::http::client::http_client>(uri, config);
    return Client(std::move(impl));
  } catch (const std::exception& e) {
    return fail(Errc::kConfig, "'" + options.base_url + "': " + e.what());
  }
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

}  // namespace lotmark::http
