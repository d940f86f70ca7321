#include "ledger-node/node.h"

#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/http/problem.h"
#include "ledger-node/capture/capture_request.h"
#include "ledger-node/order/jetstream_log.h"

namespace lotmark::node {

namespace {

constexpr Millis kTick{50};
// Between two ticks at the least: what comes in between goes together, into one commit and one vote.
constexpr Millis kTickLeast{2};

Call to_call(const http::Request& r) {
  return {r.method, r.target(), r.body, std::string(r.header("authorization"))};
}

http::Response to_response(Reply reply) {
  http::Response r;
  r.status = reply.status;
  r.content_type = std::move(reply.content_type);
  r.body = std::move(reply.body);
  r.headers["Cache-Control"] = "no-store";
  return r;
}

// Nothing where the primary's own database is the order, or the node is none of those that order.
Result<std::unique_ptr<OrderLog>> open_engine(const NodeConfig& config,
                                              std::function<void()> notify) {
  if (config.ordering != "jetstream" || config.order_servers.empty())
    return std::unique_ptr<OrderLog>();
  JetStreamOptions options;
  options.servers = config.order_servers;
  options.name = config.name;
  options.ca_file = config.order_tls.ca;
  options.cert_file = config.order_tls.cert;
  options.key_file = config.order_tls.key;
  options.replicas = config.order_replicas;
  options.notify = std::move(notify);
  return open_jetstream(options);
}

}  // namespace

Result<std::unique_ptr<Node>> Node::start(const NodeConfig& config) {
  LM_ASSIGN(auto scalar, read_key_file(config.key));
  LM_ASSIGN(auto signer, signer_openssl(scalar.view()));
  std::unique_ptr<Node> node(new Node(config));
  LM_ASSIGN(node->folder_, store::FolderLock::take(config.data_dir));
  LM_ASSIGN(auto order, open_engine(config, [n = node.get()] { n->wake_.ring(); }));
  LM_ASSIGN(node->core_,
            NodeCore::open(config, std::move(signer), node->clock_.now(), std::move(order)));
  node->core_->set_capture_clock(node->clock_);
  LM_TRY(node->start_servers());
  LM_TRY(node->start_peers());
  LM_TRY(node->start_bus());
  node->start_watch();
  LM_TRY(node->start_webhooks());
  node->ticker_ = std::thread([n = node.get()] { n->tick(); });
  log::info("node.started", {{"name", config.name},
                             {"kid", to_hex(node->core_->kid())},
                             {"peer_port", node->peer_port()},
                             {"control_port", node->control_port()}});
  return node;
}

Status Node::start_servers() {
  http::ServerOptions peer;
  peer.address = config_.peer_address;
  peer.port = config_.peer_port;
  peer.certificate = config_.peer_tls.cert;
  peer.key = config_.peer_tls.key;
  peer.ca = config_.peer_tls.ca;
  peer.require_client_cert = true;
  peer.body_max = 2u << 20;
  LM_ASSIGN(auto peer_server, http::Server::start(peer, [this](const http::Request& r) {
              auto response = to_response(core_->peer(to_call(r), clock_.now()));
              if (r.method == "POST") wake_.ring();  // something to order, or a vote
              return response;
            }));
  peer_server_ = std::move(peer_server);
  http::ServerOptions control;
  control.address = config_.control_address;
  control.port = config_.control_port;
  control.threads = 4;
  if (core_->has(Role::kKeeping)) control.body_max = kCaptureBytesMax;
  LM_ASSIGN(auto control_server, http::Server::start(control, [this](const http::Request& r) {
              return serve_control(r);
            }));
  control_server_ = std::move(control_server);
  return {};
}

http::Response Node::serve_control(const http::Request& r) {
  if (r.method == "GET" && r.path == "/healthz") {
    const Status healthy = core_->databases_answer();
    if (healthy) return http::text_response(200, "text/plain", "ok\n");
    log::error("node.unhealthy", {{"error", healthy.error().message()}});
    return http::problem(
        fail(Errc::kUnavailable, std::string(name(healthy.code())) +
                                     ": a database does not answer or take anything: see the log"));
  }
  if (r.method == "GET" && r.path == "/metrics" && config_.open_metrics) {
    return http::text_response(200, "text/plain; version=0.0.4", core_->metrics_text());
  }
  Reply reply = core_->control(to_call(r), clock_.now());
  if (const Status sent = publish(reply.messages); !sent) return http::problem(sent.error());
  return to_response(std::move(reply));
}

Status Node::publish(const std::vector<Publication>& messages) {
  if (messages.empty()) return {};
  bus::Bus* const bus = open_bus_;
  if (bus == nullptr || !bus->connected())
    return fail(Errc::kUnavailable, "the broker is not connected");
  for (const auto& m : messages) LM_TRY(bus->publish(m.topic, m.payload, false, {}));
  return {};
}

Status Node::start_peers() {
  auto peers = config_.peers;
  if (config_.standby) peers = {{"source", config_.standby->kid, config_.standby->url}};
  for (const auto& p : peers) {
    if (p.kid == core_->kid()) continue;
    LM_ASSIGN(auto client,
              http::Client::make({p.url, config_.peer_tls.ca, config_.peer_tls.cert,
                                  config_.peer_tls.key, std::chrono::milliseconds(10000)}));
    peers_[p.kid] = std::make_unique<PeerLine>(*core_, p.kid, std::move(client), clock_, wake_);
  }
  return {};
}

Status Node::start_bus() {
  const auto filters = core_->subscriptions();
  if (filters.empty()) return {};
  if (config_.broker_url.empty())
    return fail(Errc::kConfig, "broker.url: a keeping or reviewing node needs a broker");
  bus::PahoOptions options;
  options.url = config_.broker_url;
  options.client_id = config_.organisation + "-" + config_.name;
  options.ca_file = config_.broker_tls.ca;
  options.cert_file = config_.broker_tls.cert;
  options.key_file = config_.broker_tls.key;
  LM_ASSIGN(bus_, bus::make_paho(options));
  inbox_ = std::make_unique<Inbox>(*core_, clock_);
  for (const auto& f : filters) {
    bus_->subscribe(f, [this](const bus::Message& m) { inbox_->push(m); });
  }
  bus_->on_state([](bool connected) { log::info(connected ? "broker.connected" : "broker.lost"); });
  inbox_->start(*bus_);
  LM_TRY(bus_->start());
  open_bus_ = bus_.get();
  return {};
}

void Node::start_watch() {
  const bool rows = core_->has(Role::kKeeping) || core_->has(Role::kReviewing);
  if (!rows) return;
  watch_ = std::make_unique<PrivateWatch>(
      WatchFiles{config_.data_dir / "private.db", config_.data_dir / "chain.db",
                 config_.data_dir / "check.db", core_->chain().anchor_bytes(), core_->kid(),
                 core_->opening_key()},
      std::chrono::seconds(config_.check_s),
      [this](const Result<chain::AuditReport>& report, bool anew) {
        core_->private_checked(report, anew, clock_.now());
      });
}

Status Node::start_webhooks() {
  SubscriptionStore* const store = core_->subscriptions_store();
  if (store == nullptr) return {};
  WebhookOptions options;
  LM_ASSIGN(options.allowed, AllowedDestinations::read(config_.webhooks_allow));
  options.ca = config_.webhooks_ca;
  options.rows_held = core_->rows_held();
  if (AccessStore* const accesses = core_->access_store()) {
    report_log_ = std::make_unique<ReportLog>(*accesses, core_->kid(), core_->rows_held());
    options.log = report_log_.get();
  }
  LM_ASSIGN(webhooks_, WebhookRunner::start(config_.data_dir / "private.db", *store, clock_,
                                            std::move(options)));
  return {};
}

void Node::tick() {
  while (!stop_) {
    for (auto& out : core_->tick(clock_.now())) {
      const auto peer = peers_.find(out.to);
      if (peer != peers_.end()) {
        peer->second->push(std::move(out));
        continue;
      }
      Reply unknown;
      unknown.status = 503;
      unknown.error = fail(Errc::kUnavailable, "no address of that member in [[peers]]");
      core_->complete(out, unknown);
    }
    if (!restart_ && core_->must_reopen()) restart_ = true;
    wake_.wait(kTickLeast, kTick);
  }
}

// Nothing may come in any more before the parts it would reach go.
Node::~Node() {
  stop_ = true;
  wake_.ring();
  for (const auto& [kid, line] : peers_) line->stop();
  watch_.reset();
  webhooks_.reset();
  if (ticker_.joinable()) ticker_.join();
  if (peer_server_) peer_server_->stop();
  if (control_server_) control_server_->stop();
  if (inbox_) inbox_->stop();
  bus_.reset();
  peers_.clear();
}

}  // namespace lotmark::node
