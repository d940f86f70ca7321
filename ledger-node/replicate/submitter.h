// What this node's operators put on the chain by themselves: revocations, recalls, enrolments, events. Signed by the
// node's key or by the operator's own, kept in submissions.db, and brought to whoever orders until a final block holds
// it. docs/operate/peer.md.
#pragma once

#include <functional>
#include <set>

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Submitter final : public Engine {
 public:
  static constexpr std::uint64_t kWaiting = 1000;  // at once
  static constexpr std::uint64_t kKept = 1000;  // that are over, for who asks what became of them

  using PrimaryNow = std::function<std::optional<KeyId>()>;
  // This node's own door, where it orders itself.
  using OwnDoor = std::function<std::optional<Reply>(const Route&, const Call&, Time)>;

  // `chain` and `signer` must outlive it.
  static Result<std::unique_ptr<Submitter>> open(const std::filesystem::path& file,
                                                 const chain::PublicChain& chain,
                                                 const Signer& signer, PrimaryNow primary,
                                                 OwnDoor own_door);

  // POST /control/v1/submissions: a signed object; with ?sign=TYPE its payload, which this node signs.
  // GET /control/v1/submissions: what became of them.
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  // Checks it as the next block would and keeps it; its id. The same again is fine.
  Result<Digest> submit(ByteView object, Time now);

 private:
  Submitter(store::Database db, const chain::PublicChain& chain, const Signer& signer,
            PrimaryNow primary, OwnDoor own_door)
      : db_(std::move(db)),
        chain_(chain),
        signer_(signer),
        primary_(std::move(primary)),
        own_door_(std::move(own_door)) {}

  Result<Bytes> signed_object(const Route& route, const Call& call) const;
  Result<std::string> list_json() const;
  Status look(std::vector<Outgoing>& out, Time now);
  void answered(std::uint64_t n, const Bytes& object, const Reply& reply);
  Status forget_old();
  Status set_state(std::uint64_t n, std::string_view state, std::string_view error);

  store::Database db_;
  const chain::PublicChain& chain_;
  const Signer& signer_;
  PrimaryNow primary_;
  OwnDoor own_door_;
  std::map<std::uint64_t, Time> due_;  // of those that wait
  std::set<std::uint64_t> busy_;
  std::optional<KeyId> asked_;
  std::uint64_t attempt_ = 0;  // counts changes of whom it asks: answers of before count no more
  Time look_due_{};
  bool idle_ = false;  // nothing waits
};

}  // namespace lotmark::node
