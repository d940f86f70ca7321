// A node as a process: NodeCore with its HTTPS endpoints, its broker and its threads.
//
// Threads: one that ticks (every 50 ms, and when something came in), one a peer for outgoing calls (a slow peer delays only itself), one for the broker's
// messages (grouped into commits), a few that bring reports to subscribers, and the HTTP servers' own.
#pragma once

#include <atomic>
#include <thread>

#include "core/http/server.h"
#include "core/store/folder_lock.h"
#include "ledger-node/inbox.h"
#include "ledger-node/node_core.h"
#include "ledger-node/peer_line.h"
#include "ledger-node/private_watch.h"
#include "ledger-node/subscribe/webhook_runner.h"
#include "ledger-node/wake.h"

namespace lotmark::node {

class Node {
 public:
  // Everything is open and served when it returns. config names the file or setting that is wrong.
  static Result<std::unique_ptr<Node>> start(const NodeConfig& config);
  ~Node();
  // A statement changed what this node is to do: let it go and start it anew, with the same configuration.
  bool must_restart() const { return restart_; }
  std::uint16_t peer_port() const { return peer_server_->port(); }
  std::uint16_t control_port() const { return control_server_->port(); }

 private:
  explicit Node(const NodeConfig& config) : config_(config) {}
  Status start_servers();
  Status start_peers();
  Status start_bus();
  void start_watch();
  Status start_webhooks();
  http::Response serve_control(const http::Request& request);
  Status publish(const std::vector<Publication>& messages);
  void tick();

  NodeConfig config_;
  SystemClock clock_;
  Wake wake_;                                // of the ticker; what rings it goes first
  std::optional<store::FolderLock> folder_;  // data_dir, this process's alone
  std::unique_ptr<NodeCore> core_;
  std::map<KeyId, std::unique_ptr<PeerLine>> peers_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<bus::Bus> bus_;
  std::atomic<bus::Bus*> open_bus_ = nullptr;  // once it is there
  std::optional<http::Server> peer_server_;
  std::optional<http::Server> control_server_;
  std::unique_ptr<PrivateWatch> watch_;
  std::unique_ptr<ReportLog> report_log_;
  std::unique_ptr<WebhookRunner> webhooks_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> restart_ = false;
  std::thread ticker_;
};

}  // namespace lotmark::node
