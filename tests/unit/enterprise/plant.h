// One enterprise node's engine with real databases in a folder of its own, and everybody else
// scripted: devices that measure, reviewers that answer arrivals, supervisors that take blocks and
// disclosures.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "ledger-node/chain/private/enterprise.h"
#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/chain/private/sealing_rules.h"
#include "ledger-node/intake/birth_log.h"
#include "tests/scenario/block_maker.h"
#include "tests/scenario/device_maker.h"

namespace lotmark::test {

struct SentCall {
  KeyId to;
  std::string path;
  Bytes body;
  bool answered = false;
};

class Plant {
 public:
  explicit Plant(const ConsortiumOptions& options = {});
  ~Plant();

  Consortium c;
  BlockMaker blocks{c};
  DeviceMaker fridge{c.fridge, c.chain};
  DeviceMaker room{c.room, c.chain};

  // Everything of the node let go of and opened again from its files, as after a crash.
  void reopen();
  void shut();  // nothing of it may be used afterwards but file()
  std::filesystem::path file(std::string_view name) const { return dir_ / name; }
  node::Enterprise& engine() { return *engine_; }
  chain::PublicChain& chain() { return *chain_; }
  chain::ReceivedLog& received() { return *received_; }
  node::IntakeLog& intake() { return *intake_; }
  node::BirthLog& births() { return *births_; }

  // Minutes since the consortium began.
  Time at(double minutes) const {
    return c.options.begin + Millis{static_cast<std::int64_t>(minutes * 60000)};
  }
  std::uint64_t ms(double minutes) const { return static_cast<std::uint64_t>(to_ms(at(minutes))); }

  Digest start();  // arrives now
  void take(const Party& device, const std::vector<Bytes>& wires);
  void measure(double from, double to);  // fridge t; room t and h, a reading a minute
  void log_intake();                     // a period block with the intake's head, and votes
  void add_block(const Bytes& block);    // with all votes

  node::Reply control(const std::string& method, const std::string& path,
                      const nlohmann::json& body, const Party& by);
  nlohmann::json json(const std::string& method, const std::string& path,
                      const nlohmann::json& body, const Party& by);
  // What the route refuses with; empty if it does not.
  std::string refusal(const std::string& method, const std::string& path,
                      const nlohmann::json& body, const Party& by);
  nlohmann::json opening_request() const;
  void open_batch();  // start signal and opening, lot A-2026/01
  // Prepares, signs as `by` and commits.
  nlohmann::json record(const std::string& step, double from, double to, const Party& by,
                        const nlohmann::json& notes = nlohmann::json::array());
  nlohmann::json batch();  // as listed; the first

  // One tick now; calls are answered but for those to members in `deaf`. Returns how many were
  // made.
  std::size_t tick();
  void tick_until(double minutes, double every = 1);  // moves the clock
  std::set<KeyId> deaf;
  bool reopen_each_tick = false;
  // As in EnterpriseConfig, from the next reopen() on.
  std::function<std::uint64_t()> rows_held;
  bool resumed = false;
  std::shared_ptr<const chain::SealingRules> sealing;
  std::vector<Bytes> held_by_reviewers;  // ids of transactions: what they answer when asked
  bool lose_first_delivery = false;      // each call's first time goes nowhere and the node crashes
  std::vector<SentCall> sent;

  // Transactions that reached `to`, in order of arrival, each once.
  std::vector<Bytes> transactions(const Party& to) const;
  std::optional<Bytes> application() const;
  std::optional<Bytes> disclosure() const;

 private:
  void open();
  node::Reply answer(const node::Outgoing& call);

  std::filesystem::path dir_;
  std::optional<chain::PublicChain> chain_;
  std::optional<store::Database> db_;
  std::optional<chain::ReceivedLog> received_;
  std::unique_ptr<node::IntakeLog> intake_;
  std::optional<node::BirthLog> births_;
  std::unique_ptr<node::Enterprise> engine_;
  std::set<std::pair<KeyId, Digest>> lost_once_;
  std::uint64_t logged_ = 0;
};

// Moves a plant through a whole lot: three steps, decoys, application. The last slot is at minute
// 60.
void run_lot(Plant& plant, bool apply = true);

}  // namespace lotmark::test
