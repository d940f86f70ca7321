// Intake: bundles and gaps of an enterprise's devices become the intake log, and devices get their acks after
// the commit is on disk. docs/format/device.md ("What a node accepts").
//
// It has its own connection to private.db and its own lock: all functions may be called from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

#include "core/base/clock.h"
#include "core/bus/bus.h"
#include "core/merkle/tree.h"
#include "core/wire/bundle_wire.h"
#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct IntakeConfig {
  std::string organisation;
  std::uint64_t bundle_s = 3600;  // window a bundle may not cross
};

class IntakeLog {
 public:
  // `signer` must outlive the log.
  static Result<std::unique_ptr<IntakeLog>> open(const std::filesystem::path& private_db,
                                                 const Signer& signer, Digest chain,
                                                 const IntakeConfig& config);

  // The enrolled devices, the newest checkpoint and the keys that are revoked now; called when the public chain grew.
  void update(const std::map<KeyId, chain::Enrolled>& enrolled,
              std::optional<Checkpoint> checkpoint, const std::set<KeyId>& revoked = {});

  // Takes a group of messages on topics .../bundle (bundle wires, gap objects) in order, commits what is
  // accepted in one transaction, and gives the acks (one a device touched) to publish afterwards.
  // What is refused is counted by error and named in the ack. A full disk refuses the whole group (disk-full):
  // nothing is acknowledged, nothing damaged.
  Result<std::vector<Publication>> take(const std::vector<bus::Message>& group, Time now);

  // Pairs of wires that contradict each other, since the last call; at most 64, all are kept in private.db. Waits
  // for no group while there are none.
  using WirePair = std::pair<Bytes, Bytes>;
  std::vector<WirePair> take_contradictions();

  std::uint64_t size() const;
  Checkpoint checkpoint() const;  // size and root of the log
  // A head of at most `at_most` leaves, but no fewer than `prior`, if there are so many.
  Head head(std::uint64_t prior, Time now, std::uint64_t at_most = ~std::uint64_t{0}) const;
  Digest root_at(std::uint64_t size) const;  // size <= size()
  merkle::Path path(std::uint64_t index, std::uint64_t size) const;

  struct Stored {
    std::uint64_t index = 0;
    Digest id;
    Bytes wire;
  };
  Result<std::optional<Stored>> find(const Digest& id) const;
  // Bundles of a device whose span from..to of readings and declared gaps meets [from, to), in chain order.
  Result<std::vector<Stored>> meeting(const KeyId& device, std::uint64_t from,
                                      std::uint64_t to) const;

  std::vector<std::pair<std::string, double>> metrics() const;

  // Why the log has no tree, as it was found at the start: a row is missing. Then nothing is taken. Empty: it has.
  const std::string& damage() const;
  // Of the newest rows those whose bodies are not what they were, and their devices.
  struct DamagedRow {
    std::string what;  // "intake row 57: ..."
    KeyId device;
  };
  const std::vector<DamagedRow>& newest_damage() const;

 private:
  struct State;
  explicit IntakeLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;

 public:
  ~IntakeLog();
};

}  // namespace lotmark::node
