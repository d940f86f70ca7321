// POST and GET /control/v1/marks: marks of use that shops signed, and what became of them (docs/operate/peer.md). Who
// brings a mark says nothing for it: each is judged by its own signature. Any thread, without the node's lock, which it
// takes for as long as it asks the chain.
#pragma once

#include <functional>
#include <map>

#include "ledger-node/chain/public/public_chain.h"
#include "ledger-node/marks/mark_store.h"
#include "ledger-node/peer/call.h"

namespace lotmark::node {

struct MarkDeskConfig {
  KeyId agency;                           // this node's key
  Millis back = std::chrono::hours(720);  // how old a mark may be
  // Runs it with the chain, under the node's lock.
  std::function<void(const std::function<void(const chain::PublicChain&)>&)> with_chain;
};

class MarkDesk {
 public:
  static constexpr std::size_t kMarksMax = 256;  // in a call
  static constexpr std::size_t kBodyMax = kMarksMax * 1024;
  static constexpr std::size_t kPage = 500;
  // Forged ones of a call, after which no more signatures of it are computed.
  static constexpr std::size_t kForgedMax = 8;
  static constexpr Millis kAhead = std::chrono::minutes(10);

  // `store` outlives it.
  MarkDesk(MarkStore& store, const Digest& chain, MarkDeskConfig config)
      : store_(store), chain_(chain), config_(std::move(config)) {}

  static bool serves(const Call& call, const Route& route);
  // `by`: whose token came with the call. A mark is answered as taken once it is on disk.
  Reply control(const Call& call, const Route& route, const KeyId& by, Time now);
  std::vector<std::pair<std::string, double>> metrics() const;

 private:
  // One mark of a call on its way: what is wrong with it, or how it is kept.
  struct Brought {
    std::optional<Signed<Mark>> mark;
    std::optional<Error> error;
    std::optional<KeptMark> kept;
    bool judged() const { return error || kept; }
  };
  Reply take(const Call& call, const KeyId& by, Time now);
  Status open_all(const std::vector<Bytes>& objects, std::vector<Brought>& out) const;
  // Their signers' keys, then signatures and times, then the lots of those that hold: the chain is asked once for each key
  // and lot, and never for what anybody can forge in numbers.
  void judge(std::vector<Brought>& marks, Time now) const;
  std::map<KeyId, Result<PublicKey>> keys_of(const std::vector<Brought>& marks) const;
  void check_signatures(std::vector<Brought>& marks,
                        const std::map<KeyId, Result<PublicKey>>& keys) const;
  void check_lots(std::vector<Brought>& marks) const;
  Status keep(std::vector<Brought>& marks, const KeyId& by, Time now);
  void count(const std::vector<Brought>& marks, const KeyId& by);
  Reply page(const Route& route) const;

  MarkStore& store_;
  Digest chain_;
  MarkDeskConfig config_;
  mutable std::mutex lock_;  // of what is counted
  std::map<Errc, std::uint64_t> refused_;
};

}  // namespace lotmark::node
