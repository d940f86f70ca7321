#include "api/access/journal.h"

#include "core/base/log.h"
#include "core/base/random.h"

namespace lotmark::api::access {

namespace {

constexpr int kNotLogged = 503;
constexpr std::string_view kRefusals = "refusals";
constexpr std::string_view kLeftOut = "requests that were too many to be written down";

RateLimiter::Instant steady_now() { return std::chrono::steady_clock::now(); }

Error not_logged() {
  return fail(Errc::kUnavailable, "the access log does not take the entry of this read");
}

}  // namespace

Journal::Journal(AccessSink& sink, const JournalOptions& options, RateLimiter refusals)
    : sink_(sink), options_(options), run_(random_fixed<RunId>()), refusals_(std::move(refusals)) {}

Result<std::unique_ptr<Journal>> Journal::start(AccessSink& sink, const JournalOptions& options) {
  LM_ASSIGN(auto refusals, RateLimiter::make(options.refusals));
  std::unique_ptr<Journal> out(new Journal(sink, options, std::move(refusals)));
  out->thread_ = std::thread([j = out.get()] { j->loop(); });
  return out;
}

Journal::~Journal() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Journal::add(AccessRecord record, std::uint64_t count, std::shared_ptr<Wait> wait) {
  if (wait) ++waited_for_;
  queue_.push_back({{++last_number_, count, std::move(record)}, std::move(wait), steady_now()});
}

// What was not written down one by one is at least counted.
void Journal::add_left_out() {
  if (left_out_ == 0 || queue_.size() >= options_.queue_max) return;
  AccessRecord record;
  record.time = SystemClock().now();
  record.why = kLeftOut;
  add(std::move(record), left_out_, nullptr);
  left_out_ = 0;
}

Status Journal::commit(AccessRecord record) {
  auto wait = std::make_shared<Wait>();
  std::unique_lock lock(mutex_);
  if (stop_ || queue_.size() >= options_.queue_max) {
    ++left_out_;
    ++counts_.left_out;
    return not_logged();
  }
  if ((failing_ || slow_) && (under_way_ || waited_for_ > 0)) {
    record.status = kNotLogged;
    add(std::move(record), 1, nullptr);
    return why_not();
  }
  add(std::move(record), 1, wait);
  wake_.notify_one();
  done_.wait_for(lock, options_.wait_max, [&] { return wait->over; });
  if (wait->over) return wait->result;
  wait->given_up = true;
  slow_ = true;
  return not_logged();
}

void Journal::note_refusal(AccessRecord record, RateLimiter::Instant now) {
  if (refusals_.ask(kRefusals, now).allowed) return note(std::move(record));
  const std::lock_guard lock(mutex_);
  ++left_out_;
  ++counts_.left_out;
}

void Journal::note(AccessRecord record) {
  const std::lock_guard lock(mutex_);
  if (stop_ || queue_.size() >= options_.queue_max) {
    ++left_out_;
    ++counts_.left_out;
    return;
  }
  add(std::move(record), 1, nullptr);
  if (queue_.size() >= options_.batch_max) wake_.notify_one();
}

bool Journal::is_due(RateLimiter::Instant now) const {
  if (queue_.empty()) return false;
  if (waited_for_ > 0) return true;
  if (now < not_before_) return false;
  return queue_.size() >= options_.batch_max || now - queue_.front().since >= options_.linger;
}

Error Journal::why_not() const {
  return keeps_none_.empty() ? not_logged() : fail(Errc::kNotReady, keeps_none_);
}

std::vector<Journal::Queued> Journal::take_batch() {
  std::vector<Queued> out;
  while (!queue_.empty() && out.size() < options_.batch_max) {
    Queued q = std::move(queue_.front());
    queue_.pop_front();
    if (q.wait) --waited_for_;
    if (q.wait && q.wait->given_up) q.entry.record.status = kNotLogged;
    out.push_back(std::move(q));
  }
  return out;
}

// Of a batch that was not kept, whoever waited is refused; the entries, which say so, are brought again in their order.
void Journal::settle(std::vector<Queued> batch, const Status& kept) {
  keeps_none_ = !kept && kept.code() == Errc::kNotReady ? kept.error().text : std::string();
  for (auto& q : batch) {
    if (!q.wait) continue;
    q.wait->over = true;
    if (!kept) q.wait->result = why_not();
    if (!kept) q.entry.record.status = kNotLogged;
    q.wait = nullptr;
  }
  if (kept) {
    counts_.kept += batch.size();
    if (failing_) log::info("access.logged_again", {{"waiting", queue_.size()}});
  } else {
    ++counts_.failed;
    not_before_ = steady_now() + options_.pause;
    for (auto q = batch.rbegin(); q != batch.rend(); ++q) queue_.push_front(std::move(*q));
    if (!failing_) log::error("access.not_logged", {{"error", kept.error().message()}});
  }
  failing_ = !kept;
  slow_ = false;
  done_.notify_all();
}

void Journal::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait_for(lock, options_.linger / 4, [this] { return stop_ || is_due(steady_now()); });
    if (left_out_ > 0 && !failing_) add_left_out();
    const bool last = stop_;
    if (!last && !is_due(steady_now())) continue;
    while (!queue_.empty()) {
      auto batch = take_batch();
      std::vector<JournalEntry> entries;
      for (const auto& q : batch) entries.push_back(q.entry);
      under_way_ = true;
      lock.unlock();
      const Status kept = sink_.keep(run_, entries);
      lock.lock();
      under_way_ = false;
      settle(std::move(batch), kept);
      if (!kept) break;
    }
    if (last) return;
  }
}

Journal::Counts Journal::counts() const {
  const std::lock_guard lock(mutex_);
  Counts out = counts_;
  out.waiting = queue_.size();
  return out;
}

}  // namespace lotmark::api::access
