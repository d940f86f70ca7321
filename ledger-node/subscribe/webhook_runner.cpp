#include "ledger-node/subscribe/webhook_runner.h"

#include <algorithm>

#include "core/base/log.h"
#include "ledger-node/subscribe/signature.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kClientsMax = 200;

}  // namespace

// `line` is its caller's while `busy`, and the lock's else.
struct WebhookRunner::Entry {
  explicit Entry(SubscriptionLine l) : line(std::move(l)) {}
  SubscriptionLine line;
  Result<Destination> to = Destination{};
  std::string receiver;  // base URL
  bool busy = false;     // waits in due_, or is called
};

Result<std::unique_ptr<WebhookRunner>> WebhookRunner::start(const std::filesystem::path& private_db,
                                                            SubscriptionStore& store,
                                                            const Clock& clock,
                                                            WebhookOptions options) {
  std::unique_ptr<WebhookRunner> r(new WebhookRunner(store, clock, std::move(options)));
  for (std::size_t i = 0; i < std::max<std::size_t>(r->options_.callers, 1); ++i) {
    LM_ASSIGN(auto reader, EventReader::open(private_db));
    r->readers_.push_back(std::move(reader));
  }
  LM_TRY(r->load());
  for (const auto& reader : r->readers_)
    r->threads_.emplace_back([r = r.get(), reader = reader.get()] { r->call(*reader); });
  r->threads_.emplace_back([r = r.get()] { r->look(); });
  return r;
}

WebhookRunner::~WebhookRunner() {
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  wake_looker_.notify_all();
  wake_callers_.notify_all();
  for (auto& t : threads_) t.join();
}

bool WebhookRunner::stop_in(Millis time) {
  std::unique_lock guard(lock_);
  return wake_looker_.wait_for(guard, time, [this] { return stop_; });
}

void WebhookRunner::look() {
  do {
    if (const Status loaded = load(); !loaded)
      log::error("webhook.not_read", {{"error", loaded.error().message()}});
    queue_due();
  } while (!stop_in(options_.look));
}

// Lines that are there go on as they are: what a subscription asks for never changes.
Status WebhookRunner::load() {
  const std::uint64_t version = store_.version();
  if (version == loaded_) return {};
  LM_ASSIGN(auto active, store_.active());
  std::set<std::string> ids;
  const std::lock_guard guard(lock_);
  for (auto& s : active) {
    const std::string id = s.id;
    ids.insert(id);
    if (entries_.contains(id)) continue;
    auto to = read_destination(s.dest);
    auto line = SubscriptionLine::make(std::move(s), options_.times);
    if (!line) {
      log::error("webhook.not_read", {{"error", line.error().message()}});
      continue;
    }
    auto entry = std::make_shared<Entry>(*std::move(line));
    if (to) entry->receiver = to->base_url();
    entry->to = std::move(to);
    entries_[id] = std::move(entry);
  }
  std::erase_if(entries_, [&](const auto& e) { return !ids.contains(e.first); });
  std::erase_if(due_, [&](const auto& e) { return !ids.contains(e->line.subscription().id); });
  std::erase_if(slow_, [&](const std::string& receiver) {
    return std::ranges::none_of(entries_,
                                [&](const auto& e) { return e.second->receiver == receiver; });
  });
  loaded_ = version;
  return {};
}

// Nothing before it is known what standbys hold: the run of a schedule would be over without events that were there.
Result<std::optional<std::uint64_t>> WebhookRunner::newest_to_report() {
  LM_ASSIGN(const auto newest, store_.newest_event());
  if (!options_.rows_held) return std::optional(newest.event);
  const auto held = held_.look(newest, options_.rows_held());
  may_leave_ = held.value_or(0);
  return held;
}

void WebhookRunner::queue_due() {
  const auto newest = newest_to_report();
  if (!newest) {
    log::error("webhook.not_read", {{"error", newest.error().message()}});
    return;
  }
  if (!*newest) return;
  const Time now = clock_.now();
  const std::lock_guard guard(lock_);
  for (auto& [id, entry] : entries_) {
    if (entry->busy || !entry->line.is_due(now, **newest)) continue;
    entry->busy = true;
    due_.push_back(entry);
  }
  if (!due_.empty()) wake_callers_.notify_all();
}

bool WebhookRunner::may_call(const Entry& entry) const {
  const std::size_t most = std::max<std::size_t>(options_.callers / 2, 1);
  if (slow_.contains(entry.receiver) && slow_under_way_ >= most) return false;
  const auto calls = under_way_.find(entry.receiver);
  return calls == under_way_.end() || calls->second < most;
}

// The first that may be called; nothing at the end.
WebhookRunner::Turn WebhookRunner::take() {
  std::unique_lock guard(lock_);
  Turn turn;
  wake_callers_.wait(guard, [&] {
    if (stop_) return true;
    const auto at = std::ranges::find_if(due_, [&](const EntryPtr& e) { return may_call(*e); });
    if (at == due_.end()) return false;
    turn.entry = *at;
    due_.erase(at);
    return true;
  });
  if (!turn.entry) return turn;
  ++under_way_[turn.entry->receiver];
  turn.of_slow = slow_.contains(turn.entry->receiver);
  if (turn.of_slow) ++slow_under_way_;
  return turn;
}

void WebhookRunner::end(const Turn& turn) {
  {
    Entry& entry = *turn.entry;
    const std::lock_guard guard(lock_);
    if (--under_way_[entry.receiver] == 0) under_way_.erase(entry.receiver);
    if (turn.of_slow) --slow_under_way_;
    if (entry.line.stopped()) entries_.erase(entry.line.subscription().id);
    entry.busy = false;
  }
  wake_callers_.notify_all();
}

void WebhookRunner::call(EventReader& reader) {
  for (Turn turn = take(); turn.entry; turn = take()) {
    serve(reader, *turn.entry);
    end(turn);
  }
}

void WebhookRunner::serve(EventReader& reader, Entry& entry) {
  const SubscriptionLine& line = entry.line;
  const Subscription& s = line.subscription();
  ReportLimits limits = line.limits();
  limits.newest = may_leave_;
  const auto report = make_report(reader, s, line.query(), s.upto, limits, clock_.now());
  if (!report) {
    log::error("webhook.not_made", {{"id", s.id}, {"error", report.error().message()}});
    entry.line.not_made(clock_.now());
    return;
  }
  if (!line.wants(*report)) {
    if (entry.line.succeeded(*report, false, clock_.now())) {
      if (const Status kept = store_.keep(s); !kept)
        log::error("webhook.not_kept", {{"id", s.id}, {"error", kept.error().message()}});
    }
    return;
  }
  if (const Status noted = note(entry, *report); !noted) {
    log::error("webhook.not_logged", {{"id", s.id}, {"error", noted.error().message()}});
    entry.line.not_made(clock_.now());
    return;
  }
  const auto begin = std::chrono::steady_clock::now();
  const Answer answer = send(entry, *report);
  note_pace(entry.receiver, std::chrono::steady_clock::now() - begin >= options_.slow);
  store_.count_call(answer.taken, report->events);
  settle(entry, *report, answer);
}

Result<std::shared_ptr<const http::Client>> WebhookRunner::client(const std::string& base_url) {
  const std::lock_guard guard(clients_lock_);
  if (const auto known = clients_.find(base_url); known != clients_.end()) return known->second;
  http::ClientOptions options;
  options.base_url = base_url;
  if (base_url.starts_with("https")) options.ca = options_.ca;
  options.timeout = options_.timeout;
  LM_ASSIGN(auto made, http::Client::make(options));
  if (clients_.size() >= kClientsMax) clients_.clear();  // those that are used live on
  auto kept = std::make_shared<const http::Client>(std::move(made));
  clients_[base_url] = kept;
  return kept;
}

// Asked anew each time: the list may be another since the subscription was made.
Status WebhookRunner::is_allowed(const Entry& entry) const {
  if (!entry.to) return entry.to.error();
  return options_.allowed.check(*entry.to);
}

// Nothing leaves that the access log does not know of.
Status WebhookRunner::note(const Entry& entry, const Report& report) {
  if (options_.log == nullptr || !is_allowed(entry)) return {};
  return options_.log->note(entry.line.subscription(), report, entry.receiver, clock_.now());
}

WebhookRunner::Answer WebhookRunner::send(const Entry& entry, const Report& report) {
  if (const Status allowed = is_allowed(entry); !allowed) return {.why = allowed.error().message()};
  const auto line = client(entry.receiver);
  if (!line) return {.why = line.error().message()};
  const ByteView body = as_bytes(report.body);
  http::Headers headers = {{"content-type", "application/json"},
                           {"GS1-EPCIS-Version", "2.0.0"},
                           {"GS1-CBV-Version", "2.0.0"}};
  const std::string& token = entry.line.subscription().token;
  if (!token.empty()) headers["GS1-Signature"] = webhook_signature(token, body);
  const auto answer = (*line)->send("POST", entry.to->target, headers, body,
                                    http::Client::kNoBody);  // what it says is not used
  if (!answer) return {.why = answer.error().message()};
  if (answer->status >= 200 && answer->status < 300) return {.taken = true};
  return {.too_large = answer->status == 413,
          .why = "the receiver answers " + std::to_string(answer->status)};
}

// Kept for receivers of subscriptions alone, of which there are a bounded number.
void WebhookRunner::note_pace(const std::string& receiver, bool slow) {
  const std::lock_guard guard(lock_);
  if (slow) slow_.insert(receiver);
  else slow_.erase(receiver);
}

void WebhookRunner::note_failure(const Subscription& s, const std::string& why) const {
  if (s.stopped) {
    log::error("webhook.stopped", {{"id", s.id}, {"query", s.query_name}, {"error", why}});
  } else {
    log::warn("webhook.failed",
              {{"id", s.id}, {"query", s.query_name}, {"failures", s.failures}, {"error", why}});
  }
}

void WebhookRunner::settle(Entry& entry, const Report& report, const Answer& answer) {
  const Subscription& s = entry.line.subscription();
  const std::uint64_t failures = s.failures;
  if (answer.taken) {
    entry.line.succeeded(report, true, clock_.now());
    if (failures > 0) log::info("webhook.recovered", {{"id", s.id}, {"failures", failures}});
    log::debug("webhook.taken", {{"id", s.id}, {"events", report.events}, {"upto", report.upto}});
  } else {
    entry.line.failed(report, answer.why, answer.too_large, clock_.now());
    note_failure(s, answer.why);
  }
  // Not kept, the place on disk is an older one: what came is sent again after a restart.
  if (const Status kept = store_.keep(s); !kept)
    log::error("webhook.not_kept", {{"id", s.id}, {"error", kept.error().message()}});
}

}  // namespace lotmark::node
