// Who may do what at this API, from the first byte of a request to the last of its answer: the gate, what keeps its keys
// new, and the access log.
#pragma once

#include "api/access/gate.h"
#include "api/access/journal.h"
#include "api/access/key_keeper.h"

namespace lotmark::api::access {

struct AccessRules {
  CallerRules callers;
  std::vector<KeySource> issuers;
  GateRules rates = GateRules::unlimited();
};

// Any thread.
class AccessControl {
 public:
  // config: a rule that cannot be used, a key file that cannot be read. `clock` and `sink` outlive it; `sink` null: nothing
  // private is answered, because it could not be logged. `fetch` brings key sets; it is called on a thread of its own.
  static Result<std::unique_ptr<AccessControl>> open(AccessRules rules, const Clock& clock,
                                                     AccessSink* sink, KeyKeeper::Fetch fetch);
  // Knows nobody, and limits nobody.
  static std::unique_ptr<AccessControl> closed(const Clock& clock);

  // If it has a refusal, that is the answer; it is logged already.
  Gate::Passed enter(const http::Request& request);
  // The same of a head whose body is still to come; who passes enters once it is there. Only a refusal is logged.
  Gate::Passed look_at(const http::Request& head);
  // What the server itself refused, before its handler saw it, for the log where the route is private. Does not wait.
  void note_server_refusal(const http::Request& head, int status, const Error& error);
  // The answer to who was let in: `answer`, logged where it is private; a read of what is private first waits until its
  // entry is on the node's disk, and is 503 where that fails. With headers that every answer has.
  http::Response leave(const Gate::Passed& passed, http::Response answer);

  // Prometheus text of the log.
  std::string metrics_text() const;

 private:
  explicit AccessControl(const Clock& clock) : clock_(clock) {}
  Gate::Passed told(Gate::Passed passed, RateLimiter::Instant instant);

  const Clock& clock_;
  TokenJudge tokens_;
  std::optional<Gate> gate_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<KeyKeeper> keys_;  // stops first
};

}  // namespace lotmark::api::access
