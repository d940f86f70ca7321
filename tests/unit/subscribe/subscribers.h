// A store of events and subscriptions, and a receiver on this machine that does as it is told.
#pragma once

#include <fmt/format.h>
#include <openssl/hmac.h>

#include <condition_variable>

#include "core/http/server.h"
#include "ledger-node/subscribe/webhook_runner.h"
#include "tests/eventually.h"
#include "tests/must.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {

using lotmark::test::must;

// What came to one receiver. Answers with `status`, after `pause`.
class Receiver {
 public:
  struct Got {
    std::string target, signature, body, content_type, version;
    std::vector<std::string> ids;  // eventIDs
  };
  explicit Receiver(std::uint16_t port = 0) {
    http::ServerOptions options;
    options.port = port;
    options.threads = 8;
    options.body_max = 4 * 1024 * 1024;
    server_.emplace(
        must(http::Server::start(options, [this](const http::Request& r) { return take(r); })));
  }
  ~Receiver() { server_->stop(); }
  std::string url() const { return server_->url(); }
  std::uint16_t port() const { return server_->port(); }
  void answer(int status, Millis pause = Millis{0}, std::string location = {}) {
    const std::lock_guard guard(lock_);
    status_ = status;
    pause_ = pause;
    location_ = std::move(location);
  }
  void say(std::string body) {
    const std::lock_guard guard(lock_);
    body_ = std::move(body);
  }
  std::vector<Got> got() const {
    const std::lock_guard guard(lock_);
    return got_;
  }
  // eventIDs in all that was answered by 2xx, in order.
  std::vector<std::string> ids() const {
    const std::lock_guard guard(lock_);
    return ids_;
  }
  bool wait(std::size_t calls, Millis most = Millis{30'000}) {
    std::unique_lock guard(lock_);
    return came_.wait_for(guard, most, [&] { return got_.size() >= calls; });
  }
  bool wait_ids(std::size_t count, Millis most = Millis{30'000}) {
    std::unique_lock guard(lock_);
    return came_.wait_for(guard, most, [&] { return ids_.size() >= count; });
  }
  int most_at_once() const { return most_; }

 private:
  http::Response take(const http::Request& r) {
    const int now = ++at_once_;
    for (int most = most_; now > most && !most_.compare_exchange_weak(most, now);) {
    }
    std::unique_lock guard(lock_);
    Got g{r.target(),
          std::string(r.header("gs1-signature")),
          std::string(as_text(r.body)),
          std::string(r.header("content-type")),
          std::string(r.header("gs1-epcis-version")),
          {}};
    const auto json = epcis::Json::parse(g.body, nullptr, false);
    if (json.is_object()) {
      for (const auto& e : json.at("/epcisBody/queryResults/resultsBody/eventList"_json_pointer))
        g.ids.push_back(e.at("eventID"));
    }
    const int status = status_;
    const Millis pause = pause_;
    http::Response out = http::text_response(status, "text/plain", body_);
    if (!location_.empty()) out.headers["Location"] = location_;
    if (status >= 200 && status < 300) ids_.insert(ids_.end(), g.ids.begin(), g.ids.end());
    got_.push_back(std::move(g));
    guard.unlock();
    came_.notify_all();
    std::this_thread::sleep_for(pause);
    --at_once_;
    return out;
  }

  mutable std::mutex lock_;
  std::condition_variable came_;
  int status_ = 204;
  Millis pause_{0};
  std::string location_, body_;
  std::vector<Got> got_;
  std::vector<std::string> ids_;
  std::atomic<int> at_once_ = 0, most_ = 0;
  std::optional<http::Server> server_;
};

inline std::string hmac_by_openssl(const std::string& key, const std::string& body) {
  unsigned char out[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), out, &size);
  std::string hex;
  for (const unsigned char c : out) hex += fmt::format("{:02x}", c);
  return "sha256=" + hex;
}

// Events, subscriptions beside them, and a runner that looks often.
class Subscribers : public Events {
 protected:
  void SetUp() override {
    Events::SetUp();
    subscriptions = must(SubscriptionStore::open(folder.private_db()));
  }
  void add_query(const std::string& name = "Shipped",
                 const char* query = R"({"EQ_bizStep":["shipping"]})") {
    must(subscriptions->add_query({name, query, "client-1", unix_ms(clock.now())}));
  }
  Subscription subscribe(const std::string& dest, epcis::Json more = {{"stream", true}},
                         const std::string& query = "Shipped") {
    more["dest"] = dest;
    auto wanted = must(read_subscription(more));
    wanted.query_name = query;
    return must(subscriptions->add_subscription(std::move(wanted), clock.now()));
  }
  void run(const std::vector<std::string>& allow) {
    WebhookOptions options;
    options.allowed = must(AllowedDestinations::read(allow));
    options.look = Millis{10};
    options.timeout = Millis{2000};
    options.rows_held = rows_held;
    if (accesses) {
      log = std::make_unique<ReportLog>(*accesses, KeyId{{0x4d}}, rows_held);
      options.log = log.get();
    }
    runner =
        must(WebhookRunner::start(folder.private_db(), *subscriptions, clock, std::move(options)));
  }
  Subscription as_kept(const Subscription& s) {
    const auto found = must(find_subscription(reader->database(), s.query_name, s.id));
    return found ? *found : Subscription{};
  }
  // Until what is kept of it satisfies `is`.
  template <class Is>
  testing::AssertionResult becomes(const Subscription& s, const Is& is) {
    for (int i = 0; i < 3000; ++i) {
      if (is(as_kept(s))) return testing::AssertionSuccess();
      std::this_thread::sleep_for(Millis{10});
    }
    return testing::AssertionFailure() << "it did not come to that in 30 s";
  }
  void ship(int from, int to) {
    for (int i = from; i <= to; ++i) capture({observed("urn:x:" + std::to_string(i), i, i % 60)});
  }
  static std::vector<std::string> ids(int from, int to) {
    std::vector<std::string> out;
    for (int i = from; i <= to; ++i) out.push_back("urn:x:" + std::to_string(i));
    return out;
  }

  // The newest place in `moved`: what a standby holds that has all.
  std::uint64_t top() {
    auto q = must(reader->database().prepare("SELECT max(n) FROM moved"));
    EXPECT_TRUE(must(q.step()));
    return q.u64(0);
  }

  ManualClock clock{kNow};
  std::atomic<int> looks = 0;                // of the runner, where rows_held counts them
  std::function<std::uint64_t()> rows_held;  // of runners that are started from then on
  std::unique_ptr<SubscriptionStore> subscriptions;
  std::unique_ptr<AccessStore>
      accesses;  // where set, runners that are started from then on note what leaves
  std::unique_ptr<ReportLog> log;
  std::unique_ptr<WebhookRunner> runner;  // goes first
};

}  // namespace lotmark::node::test
