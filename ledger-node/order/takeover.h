// How a supervisory node becomes primary of a term: it hears a quorum of members' turns, and takes the chain of the
// best vote among them, so that nothing final is lost (docs/format/public.md, turn). A quorum and not n - quorum + 1,
// so that a term has one opener even where a member forgot what it promised (docs/adr/0013).
#pragma once

#include <memory>

#include "core/wire/vote.h"
#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Takeover : public std::enable_shared_from_this<Takeover> {
 public:
  // hearing: turns are asked for; fetching: the best vote's chain is fetched, or that of a member whose turn holds no
  // vote; ready: the term may be opened on the chain as it is; passed: somebody else has a turn of this term or above.
  enum class State { kHearing, kFetching, kReady, kPassed };

  // Gives this node's own turn to itself. block-term if it is bound to a higher term, or signed in this one before.
  static Result<std::shared_ptr<Takeover>> begin(chain::PublicChain& chain, const Signer& signer,
                                                 std::uint64_t term,
                                                 std::optional<Bytes> delegation, Time now);

  std::vector<Outgoing> tick(Time now);
  State state() const { return state_; }
  std::uint64_t term() const { return term_; }
  Time begun() const { return begun_; }
  const std::optional<Bytes>& delegation() const { return delegation_; }
  // What the members that are lacking for a quorum are bound to, as far as they said: the next attempt goes above. The
  // word of one that can be done without counts for nothing.
  std::uint64_t seen_term() const;

 private:
  Takeover(chain::PublicChain& chain, const Signer& signer, std::uint64_t term,
           std::optional<Bytes> delegation, Time now)
      : chain_(chain),
        signer_(signer),
        term_(term),
        delegation_(std::move(delegation)),
        begun_(now),
        now_(now) {}

  struct Line {
    bool busy = false;
    bool heard = false;
    bool chain_counts = false;  // its turn holds no vote, and its chain was not looked at yet
    std::optional<std::uint64_t> bound{};  // it gives no turn up to this term
    Time due{};
  };
  struct BestVote {
    KeyId kid;
    Vote vote;
    unsigned tries = 0;
  };
  Outgoing ask(const KeyId& to);
  void take_turn(const KeyId& from, const Reply& reply);
  void refused(Line& line, std::uint64_t bound);
  Status take_vote(const Signed<Turn>& turn);
  // How many supervising members, this node among them, gave their turns, and how many may yet.
  std::uint64_t count_heard() const;
  std::uint64_t count_willing() const;
  void choose();
  bool holds(const BestVote& best) const;
  bool leads(const BestVote& best) const;
  Outgoing fetch();
  void take_blocks(const KeyId& from, const Reply& reply);
  Status take_page(const Reply& reply);
  void end_fetch();
  bool has_all(const KeyId& from) const;  // what is to be fetched from it
  void take_chain(const KeyId& from);
  void take_voted_chain(const KeyId& from);
  void unhear(const KeyId& from);

  chain::PublicChain& chain_;
  const Signer& signer_;
  std::uint64_t term_;
  std::optional<Bytes> delegation_;
  Time begun_;
  Time now_;
  State state_ = State::kHearing;
  Bytes own_turn_;
  std::map<KeyId, Line> lines_;
  std::vector<BestVote> votes_;  // the best last
  bool own_vote_ = false;
  KeyId source_;  // whose chain is fetched
  std::uint64_t fetch_from_ = 0;
  std::vector<Bytes> fetched_;
  std::size_t fetched_bytes_ = 0;
  bool fetching_ = false;
  Time fetch_begun_{};
  std::uint64_t fetch_ = 0;    // counts the pages asked for
  std::size_t last_page_ = 0;  // bytes
  bool fetched_end_ = false;
};

}  // namespace lotmark::node
