// A node without its network: roles, databases and one lock. What comes in are calls and broker messages, what
// goes out are calls and publications; time is handed in. The node around it (node.h) adds HTTPS, MQTT and
// threads; tests put several of these side by side in memory.
#pragma once

#include <mutex>

#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/config.h"
#include "ledger-node/evidence/witness.h"
#include "ledger-node/intake/intake_log.h"
#include "ledger-node/order/order_log.h"
#include "ledger-node/peer/engine.h"
#include "ledger-node/peer/token.h"

namespace lotmark::node {

class BodyKeeper;
class CutEngine;
class Replica;

class NodeCore {
 public:
  // Opens the databases in config.data_dir and takes the roles its key has in the newest statement.
  // Tokens signed before `started` are refused (TokenGate).
  // `order`: the ordering engine where config.ordering is jetstream, of a supervisory node.
  static Result<std::unique_ptr<NodeCore>> open(const NodeConfig& config,
                                                std::unique_ptr<Signer> signer, Time started = {},
                                                std::unique_ptr<OrderLog> order = nullptr);
  ~NodeCore();

  // A peer's or an operator's request. Any thread.
  Reply peer(const Call& call, Time now);
  Reply control(const Call& call, Time now);
  // What is due; each Outgoing is to be made and then handed to complete().
  std::vector<Outgoing> tick(Time now);
  void complete(const Outgoing& call, const Reply& reply);
  // Who says from now on when bodies that were cut may go; it must outlive the node. Before any tick.
  void keep_bodies(BodyKeeper& keeper);
  // Token for an outgoing call.
  Result<std::string> authorize(const KeyId& callee, const Call& call, Time now) const;

  // Broker filters this node's roles listen to.
  std::vector<std::string> subscriptions() const;
  // A group of messages from the broker, in order; what is to be published afterwards.
  std::vector<Publication> messages(const std::vector<bus::Message>& group, Time now);

  std::string metrics_text() const;
  // Reads a row of each database; their error if one does not answer.
  Status databases_answer() const;
  const KeyId& kid() const { return signer_->kid(); }
  bool has(Role role) const;
  // Who orders at this moment, as far as this node's chain says.
  std::optional<KeyId> primary() const;
  // For tests and the status route; the caller must not keep references beyond the lock's holder.
  const chain::PublicChain& chain() const { return *chain_; }
  const EvidenceStore& evidence() const { return *evidence_; }

 private:
  NodeCore(const NodeConfig& config, std::unique_ptr<Signer> signer);
  Status open_roles(std::unique_ptr<OrderLog> order);
  Status open_supervisor(std::unique_ptr<OrderLog> order, const Replica& others);
  Status open_private_roles();
  Status open_submitter();
  Status open_evidence();
  // What private.db kept of contradictions before this start.
  Status look_back();
  void share_with_witness();
  std::optional<Publication> take_start(const bus::Message& message, const bus::Topic& topic,
                                        Time now);
  Reply admitted_control(const Call& call, const Route& route, const chain::Enrolled& from,
                         Time now);
  std::string status_json() const;
  Reply blocks_json(const Route& route) const;
  void share_with_intake();
  void count(const std::string& metric);

  mutable std::mutex lock_;
  NodeConfig config_;
  std::unique_ptr<Signer> signer_;
  std::optional<chain::PublicChain> chain_;
  std::optional<EvidenceStore> evidence_;
  Witness* witness_ = nullptr;  // one of the engines
  CutEngine* cut_ = nullptr;    // another
  std::optional<store::Database> private_db_;
  std::optional<chain::ReceivedLog> received_;
  std::unique_ptr<IntakeLog> intake_;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::optional<TokenGate> gate_;
  std::map<std::string, std::uint64_t> counters_;
  std::pair<Digest, std::uint64_t> shared_{};  // tip and final size last told to intake
};

}  // namespace lotmark::node
