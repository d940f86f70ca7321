// All nodes of the small consortium side by side in one process: real roles, real databases, real tokens; calls go
// from hand to hand, broker messages too, and time moves when the test says so.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>

#include "ledger-node/node_core.h"
#include "tests/scenario/consortium.h"

namespace lotmark::test {

class Network {
 public:
  // Databases live under `folder`; a Network made again over it is everybody restarted.
  // `calibration`: the reviewers' rules. `configure`: what else a party's node is given.
  using Configure = std::function<void(const Party&, node::NodeConfig&)>;
  Network(Consortium& consortium, const std::filesystem::path& folder,
          std::vector<node::CalibrationEntry> calibration = {}, const Configure& configure = {});
  ~Network();

  node::NodeCore& node(const Party& party) { return *nodes_.at(party.kid()); }
  // Lets time pass in steps, everybody ticking at each.
  void advance(Millis by, Millis step = Millis{1000});
  // A device's message to every node that listens to its topic; the answers, by topic.
  std::vector<node::Publication> publish(const std::string& topic, ByteView payload);
  // An operator's call to a node; the JSON of a good answer. Fails the test on another.
  nlohmann::json control(const Party& at, const Party& by, const std::string& method,
                         const std::string& path, const nlohmann::json& body);
  node::Reply control_raw(const Party& at, const Party& by, const std::string& method,
                          const std::string& path, Bytes body);
  // A call that somebody makes by hand with a member's key.
  node::Reply send(const Party& by, const Party& at, const std::string& method,
                   const std::string& path, Bytes body);
  // From now on this party's key is in other hands: its node stands still, and `answer` answers what it is asked.
  using Answer = std::function<node::Reply(const KeyId& from, const node::Outgoing& call)>;
  void impersonate(const Party& party, Answer answer);
  // Nobody reaches this node until it is mended.
  void cut(const Party& party) { cut_.insert(party.kid()); }
  void mend(const Party& party) { cut_.erase(party.kid()); }

 private:
  void tick_all();
  node::Reply carry(const KeyId& from, const node::Outgoing& out);
  Consortium& c_;
  std::map<KeyId, std::unique_ptr<node::NodeCore>> nodes_;
  std::set<KeyId> cut_;
  std::map<KeyId, Answer> impersonated_;
};

}  // namespace lotmark::test
