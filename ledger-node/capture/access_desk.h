// POST and GET /control/v1/accesses: entries that API processes bring, and operators read. docs/operate/peer.md. Any
// thread, without the node's lock.
#pragma once

#include <functional>

#include "ledger-node/capture/access_store.h"
#include "ledger-node/peer/call.h"

namespace lotmark::node {

class AccessDesk {
 public:
  // Waits until every standby holds the rows up to that place in `moved`; false if not. Empty: no standby.
  using Held = std::function<bool(std::uint64_t moved)>;

  static Result<std::unique_ptr<AccessDesk>> open(const std::filesystem::path& private_db,
                                                  Held held = {});

  static bool is_access(const Call& call, const Route& route);
  // `by`: the operator whose token came with the call. Answers what was brought once it is on disk, here and at the
  // standbys; unavailable where a standby does not hold it yet.
  Reply control(const Call& call, const Route& route, const KeyId& by, Time now);
  std::vector<std::pair<std::string, double>> metrics() const { return store_->metrics(); }
  AccessStore& store() const { return *store_; }

 private:
  Reply keep(const Call& call, const KeyId& by, Time now);
  Reply page(const Route& route) const;
  std::unique_ptr<AccessStore> store_;
  Held held_;
};

}  // namespace lotmark::node
