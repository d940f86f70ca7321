#include "api/access/access_control.h"

#include <fmt/format.h>

namespace lotmark::api::access {

namespace {

bool is_read(std::string_view method) { return method == "GET" || method == "HEAD"; }

http::Response without_log(const Decision& d, const Error& why) {
  auto out = route_problem(d, 503,
                           why.code == Errc::kNotReady
                               ? why.text
                               : "what is private is answered once it is in the access log, and "
                                 "that is not to be reached");
  out.headers["Retry-After"] = "1";
  out.headers["Cache-Control"] = "no-store";
  return out;
}

}  // namespace

Result<std::unique_ptr<AccessControl>> AccessControl::open(AccessRules rules, const Clock& clock,
                                                           AccessSink* sink,
                                                           KeyKeeper::Fetch fetch) {
  std::unique_ptr<AccessControl> out(new AccessControl(clock));
  std::vector<TokenIssuer> issuers;
  for (const auto& source : rules.issuers) issuers.push_back(source.rules);
  LM_ASSIGN(out->tokens_, TokenJudge::make(std::move(issuers)));
  LM_ASSIGN(auto callers, Callers::make(std::move(rules.callers), out->tokens_));
  LM_ASSIGN(auto gate, Gate::make(std::move(callers), rules.rates));
  out->gate_.emplace(std::move(gate));
  LM_ASSIGN(out->keys_, KeyKeeper::open(std::move(rules.issuers), out->tokens_, std::move(fetch)));
  if (sink != nullptr) {
    LM_ASSIGN(out->journal_, Journal::start(*sink, {}));
  }
  out->keys_->run();
  return out;
}

std::unique_ptr<AccessControl> AccessControl::closed(const Clock& clock) {
  std::unique_ptr<AccessControl> out(new AccessControl(clock));
  auto callers = Callers::make({}, out->tokens_);
  LM_ASSERT(callers);
  auto gate = Gate::make(*std::move(callers), GateRules::unlimited());
  LM_ASSERT(gate);
  out->gate_.emplace(*std::move(gate));
  return out;
}

Gate::Passed AccessControl::enter(const http::Request& r) {
  const auto instant = std::chrono::steady_clock::now();
  return told(gate_->enter(r, clock_.now(), instant), instant);
}

Gate::Passed AccessControl::look_at(const http::Request& head) {
  const auto instant = std::chrono::steady_clock::now();
  return told(gate_->look_at(head, clock_.now(), instant), instant);
}

void AccessControl::note_server_refusal(const http::Request& head, int status, const Error& error) {
  if (!journal_) return;
  auto record = gate_->refused_by_server(head, clock_.now(), status, error.text);
  if (record) journal_->note_refusal(*std::move(record), std::chrono::steady_clock::now());
}

Gate::Passed AccessControl::told(Gate::Passed passed, RateLimiter::Instant instant) {
  if (passed.key_unknown && keys_) keys_->ask_soon();
  if (!passed.refusal) return passed;
  passed.refusal->headers["X-Content-Type-Options"] = "nosniff";
  if (passed.record && journal_) journal_->note_refusal(*std::move(passed.record), instant);
  passed.record.reset();
  return passed;
}

http::Response AccessControl::leave(const Gate::Passed& passed, http::Response answer) {
  answer.headers["X-Content-Type-Options"] = "nosniff";
  if (!passed.record) return answer;
  AccessRecord record = *passed.record;
  record.status = answer.status;
  if (!journal_) return without_log(passed.decision, Error{Errc::kUnavailable, {}});
  if (!is_read(record.method)) {  // what it changed is on the node's disk itself
    journal_->note(std::move(record));
    return answer;
  }
  const Status logged = journal_->commit(std::move(record));
  if (logged) return answer;
  auto out = without_log(passed.decision, logged.error());
  out.headers["X-Content-Type-Options"] = "nosniff";
  return out;
}

std::string AccessControl::metrics_text() const {
  if (!journal_) return {};
  const auto c = journal_->counts();
  return fmt::format(
      "lotmark_api_accesses_logged_total {}\nlotmark_api_accesses_left_out_total {}\n"
      "lotmark_api_access_log_failures_total {}\nlotmark_api_accesses_waiting {}\n",
      c.kept, c.left_out, c.failed, c.waiting);
}

}  // namespace lotmark::api::access
