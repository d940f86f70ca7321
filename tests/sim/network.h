// The wires between nodes: each exchange is a request and its answer, and either may be late, lost or doubled, by the
// seed. Who asks hears within kTimeout, at worst that nobody answered.
#pragma once

#include <memory>
#include <set>

#include "ledger-node/peer/call.h"
#include "tests/sim/journal.h"
#include "tests/sim/random.h"
#include "tests/sim/timeline.h"

namespace lotmark::sim {

inline constexpr Millis kTimeout{10000};  // http::ClientOptions::timeout

// Chances are of a thousand.
struct Weather {
  Millis least{1};
  Millis most{10};
  unsigned drop_request = 0;
  unsigned drop_reply = 0;
  unsigned duplicate = 0;
  unsigned straggle = 0;  // takes up to one and a half times kTimeout
};

// What can be told apart on a wire: requests that carry something, and answers worth losing (votes told: to who asked).
enum class Kind { kReleases, kPromises, kVotes, kVotesTold, kBlocks, kHeads, kOther };
std::optional<Kind> kind_from(std::string_view word);

class Network {
 public:
  // Gives what `to` answers; nothing when nobody is there.
  using Serve = std::function<std::optional<node::Reply>(const KeyId& to, const node::Call& call)>;
  using Answered = std::function<void(const node::Reply&)>;
  using NameOf = std::function<std::string(const KeyId&)>;

  Network(Timeline& timeline, Journal& journal, Draw draw, Serve serve, NameOf name_of);

  // `answered` is called exactly once.
  void send(const KeyId& from, const KeyId& to, node::Call call, Answered answered);

  Weather weather;
  // Nothing passes from `from` to `to`, neither requests nor answers.
  void cut(const KeyId& from, const KeyId& to) { cut_.insert({from, to}); }
  void heal();
  // The next `count` messages of that kind from one to the other are lost.
  void drop_next(std::size_t count, Kind kind, const KeyId& from, const KeyId& to);

 private:
  struct Exchange {
    KeyId from;
    KeyId to;
    node::Call call;
    Answered answered;  // empty once it was called
  };
  struct Rule {
    std::size_t count;
    Kind kind;
    KeyId from;
    KeyId to;
  };
  Millis delay();
  // The word for what becomes of a message now: empty if it passes.
  std::string_view lost(Kind kind, const KeyId& from, const KeyId& to, unsigned chance);
  void deliver(const std::shared_ptr<Exchange>& e);
  void finish(const std::shared_ptr<Exchange>& e, const node::Reply& reply);
  std::string words(const Exchange& e) const;

  Timeline& timeline_;
  Journal& journal_;
  Draw draw_;
  Serve serve_;
  NameOf name_of_;
  std::set<std::pair<KeyId, KeyId>> cut_;
  std::vector<Rule> rules_;
};

}  // namespace lotmark::sim
