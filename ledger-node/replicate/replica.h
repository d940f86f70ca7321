// Every node's copy of the public chain: it serves blocks and votes, and pulls those it lacks from the
// supervisory nodes: from the primary while it answers, from the others in turn while it does not, and now and then
// from the others all the same, who may know of another primary. Who is silent for two seconds is not waited for; what
// it answers later is taken all the same. What comes is checked before it is kept.
#pragma once

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

// The call that asks for what a chain lacks: from its size on if the other one has its newest block, else from
// its final size on.
std::string blocks_path(const chain::PublicChain& chain);

class Replica final : public Engine {
 public:
  // Who orders at this moment, as far as the chain says.
  using PrimaryNow = std::function<std::optional<KeyId>()>;
  // Pulls from the supervising members but `self`. `chain` must outlive it.
  Replica(chain::PublicChain& chain, KeyId self, PrimaryNow primary, Millis poll);

  // Pulls from this node alone, whatever its role.
  void ask_only(const KeyId& source) { only_ = source; }

  // Told when a member answers that it cut what this chain lacks next.
  using Behind = std::function<void(const KeyId& source)>;
  void when_behind(Behind behind) { when_behind_ = std::move(behind); }

  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  // Whether that member answered within the last seconds.
  bool heard(const KeyId& kid) const;
  std::optional<Reply> control(const Route& route, const Call& call, const chain::Enrolled& from,
                               Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;

 private:
  void on_blocks(const Reply& reply, std::uint64_t ask, const KeyId& from);
  void on_more(const Reply& reply, std::uint64_t ask);
  void add_parted(std::vector<Bytes> page);
  void note_taken_back(std::uint64_t size, std::uint64_t before) const;
  void on_votes(const Reply& reply, std::uint64_t ask);
  void give_up_silent();
  std::optional<KeyId> choose_source();
  Status take(const std::vector<Bytes>& blocks);
  void failed(const std::string& why);
  // Tells now and then how a long way back to the others goes.
  void tell_progress(std::uint64_t taken);

  chain::PublicChain& chain_;
  KeyId self_;
  std::optional<KeyId> only_;
  PrimaryNow primary_;
  Behind when_behind_;
  Millis poll_;
  KeyId source_;          // that is asked
  std::size_t turn_ = 0;  // among the others
  unsigned asked_ = 0;    // the primary, one time after another
  Time primary_due_{};    // when it is asked again after it failed
  bool asking_ = false;
  std::uint64_t ask_ = 0;  // counts the asking
  Time asked_at_{};
  // While pages come whole there are more: their votes are asked for at the end, or when votes_due_ is over.
  bool behind_ = false;
  std::uint64_t told_size_ = 0;  // the highest tree that a vote of others was on; not verified
  Time votes_due_{};
  struct Progress {
    Time since{};
    Time told{};
    std::uint64_t blocks = 0;       // since
    std::uint64_t blocks_told = 0;  // of those, before the last line
  };
  std::optional<Progress> progress_;
  Time due_{};
  Time now_{};
  // The source's chain from where it parts from ours, page by page: it may be taken once it leads to a higher term.
  struct Parted {
    std::uint64_t from = 0;
    std::vector<Bytes> blocks;
    std::size_t bytes = 0;
    Time begun{};
    unsigned pages = 1;
  };
  // While one is read nobody else is asked: small pages, or slow ones, must not go on for ever.
  bool lingers(const Parted& parted) const;
  std::optional<Parted> parted_;
  std::map<KeyId, Time> lingered_;  // whose is not read again until then
  std::map<KeyId, Time> heard_;
  std::uint64_t refused_ = 0;
  std::uint64_t failures_ = 0;
};

}  // namespace lotmark::node
