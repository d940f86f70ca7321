#include "api/access/gate.h"

#include <charconv>

#include "core/http/problem.h"

namespace lotmark::api::access {

namespace {

constexpr std::size_t kGoodCredentials = 4096;

http::Response too_often(const Decision& d, std::chrono::seconds retry_after) {
  auto out = route_problem(d, 429, "the caller asks too often; Retry-After says when to ask again");
  out.headers["Retry-After"] = std::to_string(retry_after.count());
  out.headers["Cache-Control"] = "no-store";
  return out;
}

bool is_watched_from_here(const Caller& caller, const Decision& d) {
  return caller.loopback && (d.route == "/healthz" || d.route == "/metrics");
}

// What the body of a head counts as; 0 where nothing is said of it.
double counted_bytes(const http::Request& head) {
  if (head.judged_as) return static_cast<double>(*head.judged_as);
  std::uint64_t bytes = 0;
  const auto text = head.header("content-length");
  (void)std::from_chars(text.data(), text.data() + text.size(), bytes);
  return static_cast<double>(bytes);
}

AccessRecord record_of(const http::Request& r, Time now, const Gate::Passed& passed,
                       std::string why) {
  const Caller& c = passed.caller;
  return {.time = now,
          .caller = c.id,
          .organisation = c.organisation,
          .roles = names(c.roles),
          .how = c.how,
          .address = c.address,
          .method = r.method,
          .route = passed.decision.route,
          .target = kept_target(r.target()),
          .status = passed.refusal ? passed.refusal->status : 0,
          .why = std::move(why)};
}

}  // namespace

GateRules GateRules::unlimited() {
  const RateLimits much{.per_second = 1e6, .burst = 1e6, .clients_max = 16};
  return {.nobody = much, .known = much, .failures = much, .second_looks = much, .bodies = much};
}

Gate::Gate(Callers callers, Limiters limiters)
    : callers_(std::move(callers)), limiters_(std::move(limiters)), good_(kGoodCredentials) {}

Result<Gate> Gate::make(Callers callers, const GateRules& rules) {
  LM_ASSIGN(auto nobody, RateLimiter::make(rules.nobody));
  LM_ASSIGN(auto known, RateLimiter::make(rules.known));
  LM_ASSIGN(auto failures, RateLimiter::make(rules.failures));
  LM_ASSIGN(auto second_looks, RateLimiter::make(rules.second_looks));
  LM_ASSIGN(auto bodies, RateLimiter::make(rules.bodies));
  return Gate(std::move(callers), {std::move(nobody), std::move(known), std::move(failures),
                                   std::move(second_looks), std::move(bodies)});
}

Gate::Passed Gate::enter(const http::Request& r, Time now, RateLimiter::Instant instant) {
  return pass(r, now, instant, Stage::kWhole);
}

Gate::Passed Gate::look_at(const http::Request& head, Time now, RateLimiter::Instant instant) {
  return pass(head, now, instant, Stage::kHead);
}

Gate::Passed Gate::pass(const http::Request& r, Time now, RateLimiter::Instant instant,
                        Stage stage) {
  Passed out;
  out.caller = callers_.locate(r);
  out.decision = decide(r.method, r.path, out.caller.standing());
  std::string why;
  out.refusal = judge(r, now, instant, stage, out, why);
  if (out.decision.is_private) out.record = record_of(r, now, out, std::move(why));
  return out;
}

std::optional<http::Response> Gate::judge(const http::Request& r, Time now,
                                          RateLimiter::Instant instant, Stage stage, Passed& out,
                                          std::string& why) {
  if (auto refusal = identify(r, now, instant, out, why)) return refusal;
  if (out.caller.how != How::kNobody)  // else it is what was decided of its address
    out.decision = decide(r.method, r.path, out.caller.standing());
  const bool limited = !is_watched_from_here(out.caller, out.decision);
  if (limited) {
    if (auto refusal = count_call(r, instant, stage, out, why)) return refusal;
  }
  if (out.decision.verdict != Verdict::kAllowed)
    return refusal(out.decision, out.caller.standing());
  return limited ? count_body(r, instant, stage, out, why) : std::nullopt;
}

std::optional<AccessRecord> Gate::refused_by_server(const http::Request& head, Time now, int status,
                                                    std::string why) const {
  Passed seen;
  seen.caller = callers_.locate(head);
  seen.decision = decide(head.method, head.path, seen.caller.standing());
  if (!seen.decision.is_private) return std::nullopt;
  AccessRecord record = record_of(head, now, seen, std::move(why));
  record.status = status;
  return record;
}

RateLimiter& Gate::calls_of(const Caller& caller) {
  return caller.how == How::kNobody ? limiters_.nobody : limiters_.known;
}

std::optional<http::Response> Gate::identify(const http::Request& r, Time now,
                                             RateLimiter::Instant instant, Passed& out,
                                             std::string& why) {
  constexpr auto kTooOften = "credentials that did not hold, too often";
  const auto authorization = r.header("authorization");
  const auto credentials = bearer_token(authorization).value_or(authorization);
  const std::string address = out.caller.id;
  const auto failing = limiters_.failures.peek(address, instant);
  const bool distrusted = !credentials.empty() && !failing.allowed;
  if (distrusted && !good_.knows(credentials) && !limiters_.second_looks.ask("", instant).allowed) {
    why = kTooOften;
    return too_often(out.decision, failing.retry_after);
  }
  auto caller = callers_.identify(r, now);
  if (caller) {
    if (caller->how == How::kToken) good_.note(credentials);
    out.caller = *std::move(caller);
    return std::nullopt;
  }
  good_.forget(credentials);
  (void)limiters_.failures.ask(address, instant);
  out.key_unknown = caller.code() == Errc::kKeyUnknown;
  if (distrusted) {
    why = kTooOften;
    return too_often(out.decision, failing.retry_after);
  }
  why = caller.error().text;
  return bad_credentials(out.decision, why);
}

std::optional<http::Response> Gate::count_call(const http::Request& r, RateLimiter::Instant instant,
                                               Stage stage, const Passed& passed,
                                               std::string& why) {
  if (stage == Stage::kWhole && r.judged_as) return std::nullopt;  // it was, at its head
  const auto a = calls_of(passed.caller).ask(passed.caller.id, instant);
  if (a.allowed) return std::nullopt;
  why = "too often";
  return too_often(passed.decision, a.retry_after);
}

std::optional<http::Response> Gate::count_body(const http::Request& r, RateLimiter::Instant instant,
                                               Stage stage, const Passed& passed,
                                               std::string& why) {
  const auto& id = passed.caller.id;
  const auto came = static_cast<double>(r.body.size());
  if (stage == Stage::kWhole && r.judged_as) {
    limiters_.bodies.give_back(id, instant, (static_cast<double>(*r.judged_as) - came) / 1024);
    return std::nullopt;
  }
  const double bytes = stage == Stage::kHead ? counted_bytes(r) : came;
  if (bytes <= 0) return std::nullopt;
  const auto a = limiters_.bodies.ask(id, instant, bytes / 1024);
  if (a.allowed) return std::nullopt;
  why = "too much";
  return too_often(passed.decision, a.retry_after);
}

}  // namespace lotmark::api::access
