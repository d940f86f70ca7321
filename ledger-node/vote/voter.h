// A supervisory node's votes: after each block it checked, and at least every minute. A vote is stored before
// it is sent; within a term it only ever extends the last one.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Voter final : public Engine {
 public:
  Voter(chain::PublicChain& chain, const Signer& signer);

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route&, const Call&, const chain::Enrolled&, Time) override {
    return std::nullopt;
  }
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  // Signs and keeps a vote on the present tree; nothing when the rules forbid it.
  Result<std::optional<Bytes>> cast(Time now);
  bool due(Time now) const;

  chain::PublicChain& chain_;
  const Signer& signer_;
  std::optional<Vote> last_;
  bool loaded_ = false;
  std::map<KeyId, Bytes> unsent_;  // newest vote a member has not taken yet
  std::map<KeyId, bool> sending_;
  std::uint64_t cast_ = 0;
};

}  // namespace lotmark::node
