// A node without its network: roles, databases and one lock. What comes in are calls and broker messages, what
// goes out are calls and publications; time is handed in. The node around it (node.h) adds HTTPS, MQTT and
// threads; tests put several of these side by side in memory.
#pragma once

#include <atomic>
#include <mutex>

#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/received_log.h"
#include "ledger-node/config.h"
#include "ledger-node/evidence/witness.h"
#include "ledger-node/intake/intake_gate.h"
#include "ledger-node/intake/intake_log.h"
#include "ledger-node/order/order_log.h"
#include "ledger-node/peer/engine.h"
#include "ledger-node/peer/token.h"

namespace lotmark::node {

class BirthLog;
class BodyKeeper;
class AccessStore;
class CaptureDesk;
class CutEngine;
class Alarms;
class Capacity;
class Copies;
class HeldWait;
class Enterprise;
class Follower;
class Keeper;
class MarkDesk;
class MarkStore;
class Recovery;
class Replica;
class Submitter;
class SubscriptionDesk;
class SubscriptionStore;

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
  // Whose time captured events get as they are written, where this node captures; it must outlive the node.
  void set_capture_clock(const Clock& clock);
  // Token for an outgoing call.
  Result<std::string> authorize(const KeyId& callee, const Call& call, Time now) const;

  // Broker filters this node's roles listen to.
  std::vector<std::string> subscriptions() const;
  // A group of messages from the broker, in order; what is to be published afterwards.
  std::vector<Publication> messages(const std::vector<bus::Message>& group, Time now);

  // What a look through all private rows found: lots and devices it concerns are stopped. `anew`: all were read since
  // the start; then lots stopped before it, of which nothing was found, go on. Any thread.
  void private_checked(const Result<chain::AuditReport>& report, bool anew, Time now);
  // Answers that waited until every standby holds what they tell of; `true` while others wait.
  std::vector<Publication> released();
  bool holding() const { return holding_; }

  std::string metrics_text() const;
  // Reads a row of each database; their error if one does not answer, or if chain.db cannot be written to or has a
  // fault that is not mended.
  Status databases_answer() const;
  const KeyId& kid() const { return signer_->kid(); }
  bool has(Role role) const;
  // Opens what is sealed here; null without [sealing].
  std::shared_ptr<const sealed::OpeningKey> opening_key() const { return opening_key_; }
  // Of an enterprise's node, else null. Has a lock of its own; lives as long as this node.
  SubscriptionStore* subscriptions_store() const;
  // The access log, of an enterprise's node, else null; likewise.
  AccessStore* access_store() const;
  // The place in `moved` up to which every standby of this node holds rows; empty where it has none. As long as that.
  std::function<std::uint64_t()> rows_held() const;
  // The newest statement gives this node's key other roles, or the order another pace, than it was opened with: open
  // it anew. Any thread.
  bool must_reopen() const;
  // Who orders at this moment, as far as this node's chain says.
  std::optional<KeyId> primary() const;
  // For tests and the status route; the caller must not keep references beyond the lock's holder.
  const chain::PublicChain& chain() const { return *chain_; }
  const EvidenceStore& evidence() const { return *evidence_; }

 private:
  NodeCore(const NodeConfig& config, std::unique_ptr<Signer> signer);
  // What of the newest statement the engines were made for.
  struct Made {
    std::vector<Role> roles;
    Millis period{};
    bool operator==(const Made&) const = default;
  };
  Made made_for() const;
  Status check_membership() const;
  Status check_standby() const;
  Status open_roles(std::unique_ptr<OrderLog> order);
  Status open_supervisor(std::unique_ptr<OrderLog> order, const Replica& others);
  Status open_private_roles();
  Status load_sealing_keys();
  Status open_enterprise(const std::filesystem::path& file);
  // A standby's own engine, in place of roles.
  Status open_standby();
  Status check_own_rows();
  // Sets the gate: whether the log extends what the chain logged, and what is stopped.
  void judge_intake();
  // Damage of the newest rows, seen while they were loaded.
  void look_at_newest();
  void damaged_row(const chain::AuditFault& fault);
  void stop_device(const KeyId& device, const std::string& why);
  void hold_arrivals(std::vector<Publication>& out);
  void hold(std::vector<Publication>& out, std::uint64_t rows, std::uint64_t objects);
  Status open_submitter();
  Status open_capture(const std::filesystem::path& file, bool has_standbys);
  Status open_period_recorder(Submitter& submitter);
  Status open_marks(Submitter& submitter);
  void open_watch();
  Status open_evidence();
  // Of the stores that this node's roles open: none that it had is gone; and that they are noted once all are open.
  std::vector<std::string_view> own_stores() const;
  Status check_stores() const;
  Status note_stores() const;
  Status open_keeper();
  // Opened, or made anew of what can be read of it (chain/public/rebuild.h).
  static Result<chain::PublicChain> open_chain(const NodeConfig& config, ByteView anchor, Time now);
  // What private.db kept of contradictions before this start.
  Status look_back();
  void share_with_witness();
  std::optional<Publication> take_start(const bus::Message& message, const bus::Topic& topic,
                                        Time now);
  void take_birth(const bus::Message& message, const bus::Topic& topic, Time now);
  Status may_start(const Digest& id, const KeyId& device, Time now) const;
  // Of an operator of the own organisation: denied where [control] operators does not name it, but for bringing marks.
  Status may_control(const Call& call, const Route& route, const chain::Enrolled& from) const;
  Reply admitted_control(const Call& call, const Route& route, const chain::Enrolled& from,
                         Time now);
  bool is_rewrap(const Call& call, const Route& route) const;
  // The answer with `held`: whether every standby has the rows up to `moved`. Waits for them, without the node's lock.
  Reply rewrapped(Reply reply, std::uint64_t moved);
  std::string status_json() const;
  Reply blocks_json(const Route& route) const;
  void share_with_intake();
  void count(const std::string& metric);

  mutable std::mutex lock_;
  NodeConfig config_;
  std::unique_ptr<Signer> signer_;
  Made made_;
  std::optional<chain::PublicChain> chain_;
  std::optional<EvidenceStore> evidence_;
  Witness* witness_ = nullptr;  // one of the engines, as these are
  CutEngine* cut_ = nullptr;
  Engine* replica_ = nullptr;
  Alarms* alarms_ = nullptr;
  Capacity* capacity_ = nullptr;
  Keeper* keeper_ = nullptr;
  Recovery* recovery_ = nullptr;  // of a supervisory node
  std::optional<store::Database> private_db_;
  std::optional<chain::ReceivedLog> received_;
  std::shared_ptr<const sealed::OpeningKey> opening_key_;
  std::shared_ptr<const chain::SealingRules> sealing_;  // of an enterprise's node
  std::unique_ptr<IntakeLog> intake_;
  std::unique_ptr<BirthLog> births_;                 // of an enterprise's node
  std::unique_ptr<CaptureDesk> capture_;             // the same; has a lock of its own
  std::unique_ptr<SubscriptionDesk> subscriptions_;  // the same
  std::unique_ptr<MarkStore> mark_store_;            // of an agency's node; has a lock of its own
  std::unique_ptr<MarkDesk> marks_;                  // the same
  IntakeGate gate_intake_;
  Copies* copies_ = nullptr;                 // one of the engines
  Enterprise* enterprise_ = nullptr;         // one of the engines
  std::optional<std::uint64_t> resumed_at_;  // ms UTC: the rows came out of a copy
  // What waits for standbys, by topic: a newer ack says all that an older one did.
  struct Held {
    std::uint64_t rows = 0;
    std::uint64_t objects = 0;
    Publication answer;
  };
  std::shared_ptr<HeldWait> rewraps_held_;  // null: no standby
  mutable std::mutex held_lock_;
  std::map<std::string, Held> held_;
  std::atomic<bool> holding_ = false;
  std::vector<std::unique_ptr<Engine>> engines_;
  std::optional<TokenGate> gate_;
  std::map<std::string, std::uint64_t> counters_;
  std::pair<Digest, std::uint64_t> shared_{};     // tip and final size last told to intake
  std::uint64_t judged_ = ~std::uint64_t{0};      // stops of batches the gate knows of
  std::map<KeyId, std::string> stopped_devices_;  // whose rows are damaged, and which
  std::uint64_t stops_ = 0;
};

}  // namespace lotmark::node
