// A site as its callers meet it: the API over loopback HTTP on an enterprise's private.db, and behind it, over HTTP too,
// the node that keeps events and the access log. The node can be taken away.
#pragma once

#include <gtest/gtest.h>

#include "api/access/issue.h"
#include "api/epcis/epcis_api.h"
#include "api/records/records_api.h"
#include "api/routes.h"
#include "core/crypto/key_file.h"
#include "core/http/client.h"
#include "core/http/problem.h"
#include "core/http/server.h"
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/peer/token.h"
#include "ledger-node/subscribe/subscription_desk.h"
#include "tests/eventually.h"
#include "tests/free_ports.h"
#include "tests/unit/api/api_fixture.h"
#include "tests/unit/capture/events.h"

namespace lotmark::api::test {

// Nothing is on the chain yet.
class NoPlaces final : public ChainPlaces {
 public:
  Result<std::optional<Place>> place_of(const Digest&) override { return std::optional<Place>(); }
  bool is_final(std::uint64_t) override { return false; }
};

// The control endpoint of a node, as far as an API process calls it.
class SiteNode {
 public:
  explicit SiteNode(const std::filesystem::path& private_db)
      : desk_(*node::CaptureDesk::open(private_db, nullptr)),
        subscriptions_(*node::SubscriptionDesk::open(
            private_db, *node::AllowedDestinations::read({"https://erp.example/"}))) {}

  void run() {
    http::ServerOptions options;
    options.port = port_;
    options.body_max = node::kCaptureBytesMax;
    options.threads = 16;
    auto started =
        http::Server::start(options, [this](const http::Request& r) { return answer(r); });
    ASSERT_TRUE(started) << started.error().message();
    server_.emplace(*std::move(started));
  }
  void stop() { server_.reset(); }
  // From now on it gives no answer, but to the access log; or gives them again.
  void hang(bool yes) {
    hangs_ = yes;
    hangs_.notify_all();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  const Digest chain{{0xc4}};
  const KeyId kid{{0x4d}};
  std::unique_ptr<Signer> operator_key;  // whose tokens are taken
  std::atomic<int> lose_answers = 0;     // of so many calls
  std::atomic<int> taken_before = 0;     // of so many calls it says that their tokens were used

 private:
  http::Response answer(const http::Request& r) {
    const node::Call call{r.method, r.target(), r.body, std::string(r.header("authorization"))};
    const auto route = node::parse_route(call.path);
    const auto now = SystemClock().now();
    {
      const std::lock_guard lock(mutex_);
      auto token = gate_.read(call);
      if (!token || !gate_.admit(*token, call, operator_key->public_key(), now))
        return http::text_response(403, "text/plain", "no");
    }
    if (taken_before > 0 && taken_before-- > 0) return http::problem(fail(Errc::kTokenReplayed));
    const auto reply = node::SubscriptionDesk::is_subscription(*route)
                           ? subscriptions_->control(call, *route, now)
                           : desk_->control(call, *route, operator_key->kid(), now);
    if (!call.path.ends_with("/accesses")) hangs_.wait(true);
    if (lose_answers > 0 && lose_answers-- > 0) return http::text_response(502, "text/plain", "");
    http::Response out;
    out.status = reply.status;
    out.content_type = reply.content_type;
    out.body = reply.body;
    return out;
  }

  std::atomic<bool> hangs_ = false;
  std::mutex mutex_;
  node::TokenGate gate_{chain, kid};
  std::unique_ptr<node::CaptureDesk> desk_;
  std::unique_ptr<node::SubscriptionDesk> subscriptions_;
  std::optional<http::Server> server_;
  const std::uint16_t port_ = static_cast<std::uint16_t>(lotmark::test::free_port());
};

class Site : public ::testing::Test {
 protected:
  static constexpr const char* kIssuer = "https://id.example";
  static constexpr const char* kAudience = "https://lot.example";

  Site() : node(folder.private_db()) {
    const auto scalar = new_scalar();
    EXPECT_TRUE(write_key_file(dir.path() / "api.key", scalar));
    node.operator_key = *signer_openssl(scalar.view());
    node.run();
    rules.callers.organisation = "yunhe";
    rules.callers.proxies = {"127.0.0.1"};
    for (const auto& [cn, role] : kRoles)
      rules.callers.certificates.push_back({"yunhe/" + std::string(1, cn), {}, "yunhe", {role}});
    rules.callers.certificates.push_back({"mei/all", {}, "mei", access::RoleSet::all()});
    dir.write("keys.json", access::key_set_json({&issuer_key->public_key(), 1}));
    access::KeySource source;
    source.rules.issuer = kIssuer;
    source.rules.audience = kAudience;
    source.file = dir.path() / "keys.json";
    rules.issuers = {source};
    open();
  }
  ~Site() override {
    server.reset();
    routes.reset();
  }

  // One letter a role: as in the table of the matrix.
  static constexpr std::pair<char, access::AccessRole> kRoles[] = {
      {'C', access::AccessRole::kCapture}, {'R', access::AccessRole::kReader},
      {'P', access::AccessRole::kPartner}, {'G', access::AccessRole::kRegulator},
      {'Y', access::AccessRole::kAgency},  {'A', access::AccessRole::kAdmin}};

  // The API anew, by `rules`.
  void open() {
    server.reset();
    routes.reset();
    const epcis::NodeLineOptions line{node.url(), node.kid, node.chain, dir.path() / "api.key"};
    sink = *epcis::open_access_line(line);
    keeper = *epcis::open_node_line(line);
    epcis::EpcisOptions options;
    options.origin = "https://lot.example";
    events = std::make_unique<epcis::EpcisApi>(readers, keeper.get(), places, clock, options);
    auto control = access::AccessControl::open(
        rules, clock, sink.get(), [](const access::KeySource& s) -> Result<Bytes> {
          std::ifstream in(s.file, std::ios::binary);
          return to_bytes(as_bytes(std::string(std::istreambuf_iterator<char>(in), {})));
        });
    ASSERT_TRUE(control) << control.error().message();
    routes = std::make_unique<Routes>(lots, clock, *PageFiles::read({}), "https://lot.example",
                                      link::Links(), "/events", events.get(), *std::move(control),
                                      &records);
    http::ServerOptions server_options;
    server_options.threads = 8;
    server_options.refusal = [this](const http::Request& head, int status, const Error& error) {
      return routes->refuse(head, status, error);
    };
    server_options.logged_as = Routes::logged_as;
    server_options.judge_head = [this](const http::Request& head) {
      auto judged = routes->judge_head(head);
      ++heads_judged;
      return judged;
    };
    auto started = http::Server::start(
        server_options, [this](const http::Request& r) { return routes->handle(r); });
    ASSERT_TRUE(started);
    server.emplace(*std::move(started));
    client.emplace(*http::Client::make({.base_url = server->url()}));
  }

  http::Response send(const std::string& method, const std::string& target,
                      http::Headers headers = {}, std::string_view body = {}) {
    if (!body.empty()) headers["Content-Type"] = "application/json";
    auto r = client->send(method, target, headers, as_bytes(body));
    EXPECT_TRUE(r) << method << " " << target << ": " << r.error().message();
    return r ? *r : http::Response{};
  }
  static nlohmann::json json_of(const http::Response& r) {
    return nlohmann::json::parse(as_text(r.body), nullptr, false);
  }
  // As a proxy hands on who it verified.
  static http::Headers certificate(const std::string& cn) {
    return {{"X-Lotmark-Client-Address", "198.51.100.9"},
            {"X-Lotmark-Client-Verify", "SUCCESS"},
            {"X-Lotmark-Client-DN", "CN=" + cn}};
  }
  access::TokenOrder order(access::RoleSet roles) const {
    return {kIssuer, kAudience, "erp", "yunhe", roles, clock.now(), clock.now() + Millis(300'000)};
  }
  static http::Headers bearer(const std::string& token) {
    return {{"Authorization", "Bearer " + token}};
  }
  http::Headers token(access::RoleSet roles) const {
    return bearer(*access::issue_token(order(roles), *issuer_key));
  }
  // Entries of the log, as they are on the node's disk.
  std::vector<node::StoredAccess> log() {
    return *(*node::AccessStore::open(folder.private_db()))->page(0, 10'000);
  }
  // Once it has so many; without them, as it is.
  std::vector<node::StoredAccess> log_of(std::size_t at_least) {
    lotmark::test::eventually([&] { return log().size() >= at_least; });
    return log();
  }
  static std::string document(const std::vector<nlohmann::json>& list) {
    const nlohmann::json d = {{"@context", nlohmann::json::parse(node::test::kContext)},
                              {"type", "EPCISDocument"},
                              {"schemaVersion", "2.0"},
                              {"creationDate", "2026-05-04T09:00:00Z"},
                              {"epcisBody", {{"eventList", list}}}};
    return d.dump();
  }
  static nlohmann::json event(const std::string& id, int serial) {
    return nlohmann::json::parse(node::test::observed(id, serial, serial % 60).dump());
  }

  TempDir dir;
  node::test::Folder folder;
  ManualClock clock{from_ms(1'798'761'600'000)};
  SiteNode node;
  MemoryLots lots;
  NoPlaces places;
  epcis::ReaderPool readers{folder.private_db()};
  records::RecordsApi records{readers, clock, node.chain, "yunhe"};
  std::unique_ptr<Signer> issuer_key = *signer_openssl(new_scalar().view());
  access::AccessRules rules;
  std::unique_ptr<access::AccessSink> sink;
  std::unique_ptr<epcis::Keeper> keeper;
  std::unique_ptr<epcis::EpcisApi> events;
  std::unique_ptr<Routes> routes;
  std::atomic<int> heads_judged = 0;  // before their bodies came
  std::optional<http::Server> server;
  std::optional<http::Client> client;
};

}  // namespace lotmark::api::test
