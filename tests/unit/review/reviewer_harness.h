// A reviewer in memory: its chain and private database in a folder that goes with it, an enterprise and a primary
// that answer as a test says. It can be put down and taken up again at any time.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <set>

#include "ledger-node/chain/private/private_store.h"
#include "ledger-node/review/reviewer.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/review/lot_maker.h"

namespace lotmark::test {

class ReviewerHarness {
 public:
  explicit ReviewerHarness(bool first = true);
  ~ReviewerHarness();
  ReviewerHarness(const ReviewerHarness&) = delete;
  ReviewerHarness& operator=(const ReviewerHarness&) = delete;

  // Puts the node down, calls that are out unanswered, and takes it up from its files.
  void restart();

  // Makes the lot and sends start, opening, transactions and application as an honest enterprise would, each
  // on its time. Between them the reviewer is not ticked.
  void build() { lot.build(); }
  void receive_start();
  node::Reply send_opening();
  node::Reply send_transaction(std::size_t n);
  node::Reply send_application();
  void submit_all();
  // A period block that logs the lot's intake.
  void log_intake();

  node::Reply post(const std::string& path, Bytes body) {
    return post_as(enterprise_member(), path, std::move(body));
  }
  node::Reply post_as(const Member& from, const std::string& path, Bytes body);
  node::Reply control(const std::string& method, const std::string& path,
                      const nlohmann::json& body = nullptr, const Party* operator_of = nullptr);
  nlohmann::json review() { return parsed(control("GET", "/control/v1/reviews/" + lot_path())); }
  static nlohmann::json parsed(const node::Reply& reply);
  std::string lot_path() const { return "A-2026%2F01"; }
  std::string state() { return review()["state"]; }
  // Codes of the findings shown.
  std::set<int> codes();

  const std::filesystem::path& folder() const { return folder_; }
  store::Database& db() { return *db_; }
  // Rows of private.db's evidence.
  std::uint64_t evidence_kept() const;

  // Ticks once a second, answering what is asked, `seconds` long.
  void run(unsigned seconds);

  // How the others answer; by default honestly.
  std::function<node::Reply(const node::Outgoing&)> rows;
  std::function<node::Reply(const node::Outgoing&)> bundles;
  std::function<node::Reply(const node::Outgoing&)> primary;
  node::Reply honest(const node::Outgoing& call) const;
  std::vector<Bytes> delivered;  // what the primary was sent
  std::size_t rows_asked = 0;

  const Member& enterprise_member() const { return *c.statement.find(c.enterprise.kid()); }
  const Party& self() const { return first_ ? c.east : c.west; }
  const Party& examiner() const { return first_ ? c.examiner : c.examiner_west; }

  Consortium c;
  LotMaker lot{c};
  BlockMaker blocks{c};
  std::optional<chain::PublicChain> chain;
  std::optional<chain::ReceivedLog> received;
  std::unique_ptr<node::Reviewer> reviewer;
  node::ReviewerConfig config;

 private:
  void open();
  node::Reply answer(const node::Outgoing& call);

  bool first_;
  std::filesystem::path folder_;
  std::optional<store::Database> db_;
};

}  // namespace lotmark::test
