// What every request passes before a handler sees it: who calls, how often, how much, and whether it may.
#pragma once

#include <optional>

#include "api/access/access_record.h"
#include "api/access/good_credentials.h"
#include "api/access/policy.h"
#include "api/access/rate_limit.h"

namespace lotmark::api::access {

struct GateRules {
  // Each address without credentials.
  RateLimits nobody{};
  // Each token's subject, each certificate.
  RateLimits known{.per_second = 50, .burst = 200, .clients_max = 4096};
  // Each address whose credentials did not hold: checking one costs more than most answers. Above, credentials from
  // there that held before are still checked, whoever shares the address;
  RateLimits failures{.per_second = 0.5, .burst = 20, .clients_max = 16384};
  // and others as often as this, of all such addresses together: some 65 us of CPU each.
  RateLimits second_looks{.per_second = 50, .burst = 200, .clients_max = 1};
  // KiB of request bodies, of each of either; a burst must hold the largest body that is taken.
  RateLimits bodies{.per_second = 1024, .burst = 65536, .clients_max = 16384};

  // As often as anybody likes.
  static GateRules unlimited();
};

// Safe to share between threads.
class Gate {
 public:
  // config: a rate out of its range. `callers` is the gate's; what it was made with outlives this.
  static Result<Gate> make(Callers callers, const GateRules& rules);

  // The caller and what it may; or the answer that refuses it (401, 403, 404, 405, 429).
  struct Passed {
    Caller caller;
    Decision decision;
    std::optional<http::Response> refusal;
    // A token's key was not in its issuer's set: it may be time to ask for that anew.
    bool key_unknown = false;
    // For the access log, where the route is private; its status is the refusal's, 0 if it was let in.
    std::optional<AccessRecord> record;
  };
  // What the server refused before anybody was let in, for the access log: nothing where the route is not private. By its
  // address alone, for no credentials were looked at.
  std::optional<AccessRecord> refused_by_server(const http::Request& head, Time now, int status,
                                                std::string why) const;
  // /healthz and /metrics, asked from this machine, are never too often. Times: UTC for tokens, monotonic for rates.
  Passed enter(const http::Request& request, Time now, RateLimiter::Instant instant);
  // The same of a head, while its body is still to come: who would not be let in is told before it sends one. It takes the
  // call and what the body counts as, whether that comes or not, so that many heads at a time do not pass by what is left for
  // one. Who passes enters with its body; then no call is taken again, and what the body has not is given back
  // (http::Request::judged_as).
  Passed look_at(const http::Request& head, Time now, RateLimiter::Instant instant);

 private:
  struct Limiters;
  Gate(Callers callers, Limiters limiters);
  enum class Stage : std::uint8_t { kHead, kWhole };
  Passed pass(const http::Request& request, Time now, RateLimiter::Instant instant, Stage stage);
  // What is wrong with it, if anything is; sets `why` for the access log.
  std::optional<http::Response> judge(const http::Request& request, Time now,
                                      RateLimiter::Instant instant, Stage stage, Passed& passed,
                                      std::string& why);
  // Who it is by its credentials; or the refusal, with `why`.
  std::optional<http::Response> identify(const http::Request& request, Time now,
                                         RateLimiter::Instant instant, Passed& passed,
                                         std::string& why);
  RateLimiter& calls_of(const Caller& caller);
  // Whether the caller asks too often.
  std::optional<http::Response> count_call(const http::Request& request,
                                           RateLimiter::Instant instant, Stage stage,
                                           const Passed& passed, std::string& why);
  // Whether it sends too much.
  std::optional<http::Response> count_body(const http::Request& request,
                                           RateLimiter::Instant instant, Stage stage,
                                           const Passed& passed, std::string& why);

  struct Limiters {
    RateLimiter nobody, known, failures, second_looks, bodies;
  };
  Callers callers_;
  Limiters limiters_;
  GoodCredentials good_;
};

}  // namespace lotmark::api::access
