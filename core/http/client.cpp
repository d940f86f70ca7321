#include "core/http/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <vector>

#include "core/http/answer.h"
#include "core/http/tls.h"

namespace lotmark::http {

namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kKeptMax = 32;          // connections that wait for a next request
constexpr std::chrono::seconds kKeptFor{30};  // since it was used last
constexpr std::size_t kTargetMax = 64 * 1024;

struct EasyEnd {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyEnd>;

struct ListEnd {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using List = std::unique_ptr<curl_slist, ListEnd>;

// Each has at most one connection of its own.
class Handles {
 public:
  Easy take() {
    {
      const std::lock_guard lock(mutex_);
      if (!kept_.empty()) {
        Easy easy = std::move(kept_.back().easy);
        kept_.pop_back();
        return easy;
      }
    }
    return Easy(curl_easy_init());
  }

  void give_back(Easy easy) {
    const auto now = Steady::now();
    std::vector<Kept> old;  // closed without the lock
    const std::lock_guard lock(mutex_);
    const auto fresh =
        std::ranges::find_if(kept_, [&](const Kept& k) { return now - k.since < kKeptFor; });
    std::move(kept_.begin(), fresh, std::back_inserter(old));
    kept_.erase(kept_.begin(), fresh);
    if (kept_.size() < kKeptMax) kept_.push_back({std::move(easy), now});
  }

 private:
  struct Kept {
    Easy easy;
    Steady::time_point since;
  };
  std::mutex mutex_;
  std::vector<Kept> kept_;  // the one used last at the end
};

struct UrlEnd {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

struct Base {
  bool https = false;
  std::string host;  // without brackets
  std::string path;  // goes before a target; no slash at its end
};

std::string part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

Result<Base> read_base(const std::string& text) {
  const auto refuse = [&](const char* why) { return fail(Errc::kConfig, "'" + text + "' " + why); };
  const std::unique_ptr<CURLU, UrlEnd> url(curl_url());
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK)
    return refuse("is no http or https URL");
  Base out;
  const std::string scheme = part(url.get(), CURLUPART_SCHEME);
  out.https = scheme == "https";
  out.host = part(url.get(), CURLUPART_HOST);
  if ((!out.https && scheme != "http") || out.host.empty())
    return refuse("is no http or https URL");
  for (const auto which :
       {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (!part(url.get(), which).empty()) return refuse("has more than scheme, host, port and path");
  }
  if (out.host.starts_with('[')) out.host = out.host.substr(1, out.host.size() - 2);
  out.path = part(url.get(), CURLUPART_PATH);
  while (out.path.ends_with('/')) out.path.pop_back();
  return out;
}

// Whoever's text it was, it says nothing but what it is there for.
Status check_request(std::string_view method, std::string_view target, const Headers& headers) {
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (!is_token(method)) return fail(Errc::kUsage, "no method that can be sent");
  if (!target.starts_with('/') || target.size() > kTargetMax || target.find('#') != target.npos ||
      !std::ranges::all_of(target, printable))
    return fail(Errc::kUsage, "no path and query that can be sent");
  for (const auto& [name, value] : headers) {
    if (!is_token(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != value.npos)
      return fail(Errc::kUsage, "no header that can be sent");
  }
  return {};
}

void append(List& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list.release());
  list.reset(longer);
}

List header_lines(const Headers& headers, bool has_body) {
  List out;
  bool has_type = false;
  for (const auto& [name, value] : headers) {
    has_type |= name == "content-type" || name == "Content-Type";
    append(out, name + (value.empty() ? ";" : ": ") + value);
  }
  // What libcurl would say by itself.
  if (!has_type) append(out, has_body ? "Content-Type: application/octet-stream" : "Content-Type:");
  append(out, "Expect:");
  return out;
}

CURLcode on_tls(CURL* /*easy*/, void* context, void* host) {
  const bool done =
      use_client_tls(static_cast<SSL_CTX*>(context), *static_cast<const std::string*>(host));
  return done ? CURLE_OK : CURLE_SSL_CONNECT_ERROR;
}

void set_request(CURL* easy, std::string_view method, ByteView body) {
  const std::string name(method);
  if (!body.empty() || method == "POST") {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
                     body.empty() ? "" : reinterpret_cast<const char*>(body.data()));
  } else if (method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, name.c_str());
}

}  // namespace

struct Client::Impl {
  ClientOptions options;
  Base base;
  Handles handles;

  void set_connection(CURL* easy) const;
  Result<Response> judge(CURLcode code, const char* why, Answer&& answer) const;
};

void Client::Impl::set_connection(CURL* easy) const {
  curl_easy_reset(easy);  // of all but its connection
  curl_easy_setopt(easy, CURLOPT_URL, options.base_url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_PROXY, "");  // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "lotmark/" LOTMARK_VERSION);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // nobody waits for a slow name server
  curl_easy_setopt(easy, CURLOPT_MAXCONNECTS, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, static_cast<long>(kKeptFor.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<std::int64_t>(options.timeout.count(), 1)));
  if (!base.https) return;
  curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca.c_str());
  curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  if (!options.certificate.empty()) {
    curl_easy_setopt(easy, CURLOPT_SSLCERT, options.certificate.c_str());
    curl_easy_setopt(easy, CURLOPT_SSLKEY, options.key.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_tls);
  curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &base.host);
}

Result<Response> Client::Impl::judge(CURLcode code, const char* why, Answer&& answer) const {
  const std::string& url = options.base_url;
  if (answer.is_enough()) return std::move(answer).take();
  // libcurl's own bound on a line of a head is told as want of memory.
  if (answer.is_too_large() || (code == CURLE_OUT_OF_MEMORY && !answer.head_is_whole()))
    return fail(Errc::kTooLarge, url + " answers with more bytes than are taken");
  if (code == CURLE_OPERATION_TIMEDOUT)
    return fail(Errc::kUnavailable, url + " did not answer in time");
  if (code == CURLE_WRITE_ERROR)  // we took no more of it
    return fail(Errc::kNetwork, url + " answers with what is no HTTP/1.1");
  if (code != CURLE_OK)
    return fail(Errc::kNetwork, url + ": " + (*why != '\0' ? why : curl_easy_strerror(code)));
  return std::move(answer).take();
}

Result<Response> Client::send(std::string_view method, std::string_view target,
                              const Headers& headers, ByteView body,
                              std::size_t response_max) const {
  LM_TRY(check_request(method, target, headers));
  Easy easy = impl_->handles.take();
  if (!easy) return fail(Errc::kInternal, "no memory for a request");
  impl_->set_connection(easy.get());
  set_request(easy.get(), method, body);
  const std::string whole_target = impl_->base.path + std::string(target);
  curl_easy_setopt(easy.get(), CURLOPT_REQUEST_TARGET, whole_target.c_str());
  const List lines = header_lines(headers, !body.empty());
  curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, lines.get());
  char why[CURL_ERROR_SIZE] = "";
  curl_easy_setopt(easy.get(), CURLOPT_ERRORBUFFER, why);
  Answer answer(kHeadMax, response_max);
  answer.receive(easy.get());
  const CURLcode code = curl_easy_perform(easy.get());
  curl_easy_reset(easy.get());  // it goes on without what belongs to this request
  impl_->handles.give_back(std::move(easy));
  return impl_->judge(code, why, std::move(answer));
}

Result<Client> Client::make(const ClientOptions& options) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) return fail(Errc::kInternal, "libcurl does not start");
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  LM_ASSIGN(impl->base, read_base(options.base_url));
  if (impl->base.https) LM_TRY(check_client_tls({options.ca, options.certificate, options.key}));
  return Client(std::move(impl));
}

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;
Client::~Client() = default;

}  // namespace lotmark::http
