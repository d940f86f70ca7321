// Keeps the public side whole: goes through chain.db at the start and on a schedule, a slice a tick, mends what it can
// from what is there, and asks other nodes for the rest, one thing at a time (docs/operate/running.md). It also knows
// whether the disk takes what is written.
#pragma once

#include "ledger-node/keep/round.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

struct KeeperOptions {
  Millis every{0};                 // from a round's end to the next; 0: only when asked
  std::uint64_t rows = 16;         // a slice, every 50 ms
  std::uint64_t rows_asked = 256;  // a slice of a round that an operator asked for
  std::filesystem::path file;      // chain.db
};

class Keeper final : public Engine {
 public:
  // `forgot`: this node's promises are gone, it has to recover. `chain` outlives it.
  static Result<std::unique_ptr<Keeper>> open(chain::PublicChain& chain, KeyId self,
                                              KeeperOptions options, std::function<void()> forgot);

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

  // disk-full while chain.db cannot be written to; corrupt while a fault is open.
  Status healthy() const;

 private:
  Keeper(chain::PublicChain& chain, KeyId self, KeeperOptions options, Round round,
         std::function<void()> forgot)
      : chain_(chain),
        self_(self),
        options_(std::move(options)),
        round_(std::move(round)),
        forgot_(std::move(forgot)) {}
  void go_on(Time now);
  void write_probe(Time now);
  std::optional<Outgoing> ask(Time now);
  std::optional<KeyId> next_source(const FoundFault& f) const;
  void answered(const Reply& reply, const KeyId& from);
  void take_votes(FoundFault& f, const std::vector<Bytes>& votes);
  std::string to_json() const;

  chain::PublicChain& chain_;
  KeyId self_;
  KeeperOptions options_;
  Round round_;
  std::function<void()> forgot_;
  bool asked_for_ = false;  // the round, by an operator
  bool begun_ = false;      // a first round since the start
  bool rebuild_asked_ = false;
  bool asking_ = false;
  FoundFault* about_ = nullptr;
  Time slice_due_{};
  Time ask_due_{};
  Time save_due_{};
  Time now_{};
  std::optional<Error> disk_;
};

}  // namespace lotmark::node
