// A supervisory node whose disk remembers no promise (a new or a lost one): until it has heard n - quorum + 1 other
// supervisory nodes, taken the longest verified chain among theirs and learned the highest term that any of them
// is bound to, it signs nothing. While rules change it counts so by the old ones and by the new: the statement may have
// been made final, or passed over, by those it does not hear; a quorum signed it first, one of whom it does hear. Afterwards it signs only in terms above that one, where no promise it may have
// given can be broken, and offers the primary its turn for the next (docs/adr/0013). Where all of them have nothing, a
// consortium starts: each says so first, and signs when the others were heard to say so too.
//
// A disk that remembers may be an old one, of a machine that went back to a snapshot. So who starts with a memory looks
// first: until it has heard quorum - 1 others to the end, without whom nothing becomes final anyway, it signs nothing.
// Where they show a block or a vote of its own that it does not know it forgets all, and recovers. It is bound to no
// lower term than any of them: it may have given its turn for that one.
#pragma once

#include <set>

#include "ledger-node/peer/engine.h"

namespace lotmark::node {

class Recovery final : public Engine {
 public:
  // `chain`, `signer` outlive it.
  static Result<std::unique_ptr<Recovery>> open(chain::PublicChain& chain, const Signer& signer);

  // GET turns: the newest turn given, or none; not-ready while this node does not know.
  std::optional<Reply> peer(const Route& route, const Call& call, const Member& from,
                            Time now) override;
  std::vector<Outgoing> tick(Time now) override;
  std::vector<std::pair<std::string, double>> metrics() const override;
  // This node knows what it promised, as far as anybody who was heard knows: it may sign.
  bool done() const { return done_; }
  // What this node promised was lost while it ran: it signs nothing until it has heard the others.
  void begin_again();

 private:
  Recovery(chain::PublicChain& chain, const Signer& signer) : chain_(chain), signer_(signer) {}

  // What was heard from one member: its turn, its blocks to the end, its votes after them, and the next statement.
  struct Line {
    bool busy = false;
    unsigned step = 0;
    Time due{};
    bool knows = false;  // not: itself recovering, with nothing to say yet
    std::uint64_t bound = 0;
    std::optional<Membership> next = {};  // of a statement that it may have signed
  };
  std::vector<const Membership*> rules() const;
  const Member* member(const KeyId& kid) const;
  bool heard_enough(bool who_know) const;
  bool looked_enough() const;
  // Of the present term's blocks and this node's votes in it, one that it does not remember; nothing if there is none.
  Result<std::string> forgotten() const;
  Status end_look();
  Status forget(const std::string& what);
  std::optional<Outgoing> next(const KeyId& to, Line& line);
  Status take(const KeyId& from, Line& line, const Reply& reply);
  Status take_turns(const KeyId& from, Line& line, const Reply& reply);
  Status take_blocks(Line& line, const Reply& reply);
  Status take_votes(Line& line, const Reply& reply);
  Status take_statement(Line& line, const Reply& reply);
  Status conclude();
  Status finish(std::uint64_t term);
  std::vector<Outgoing> offer(Time now);

  chain::PublicChain& chain_;
  const Signer& signer_;
  std::map<KeyId, Line> lines_;
  Time now_{};
  bool done_ = false;
  bool looking_ = false;     // at what others know of it, with a memory of its own
  std::uint64_t floor_ = 0;  // the term it was bound to by the memory it gave up
  bool starting_ = false;    // nobody had anything when all were heard: a consortium's first start
  Time offer_due_{};
};

}  // namespace lotmark::node
