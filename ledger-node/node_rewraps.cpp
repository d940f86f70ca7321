// Rewraps at a node with standbys: who asks for one is told whether each standby holds it, since one that is promoted gives
// out what it has. docs/operate/peer.md.
#include <nlohmann/json.hpp>

#include "ledger-node/node_core.h"
#include "ledger-node/standby/held_wait.h"

namespace lotmark::node {

bool NodeCore::is_rewrap(const Call& call, const Route& route) const {
  const auto& p = route.parts;
  return call.method == "POST" && p.size() == 3 && p[0] == "control" && p[1] == "v1" &&
         p[2] == "rewraps";
}

// It is done here either way: an error would say that it is not, and keep whoever asks from going on.
Reply NodeCore::rewrapped(Reply reply, std::uint64_t moved) {
  constexpr int kRewrapsWait = 1;
  const bool held = rewraps_held_ == nullptr || rewraps_held_->held(moved, kRewrapsWait);
  auto told = nlohmann::json::parse(reply.body, nullptr, false);
  if (!told.is_object()) return reply;
  told["held"] = held;
  return reply_json(told.dump());
}

}  // namespace lotmark::node
