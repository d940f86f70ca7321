#include "edge-agent/alarm/actions.h"

#include <algorithm>
#include <future>
#include <map>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr auto kRetryMax = std::chrono::minutes(5);
constexpr auto kBrokerWait = std::chrono::seconds(5);
}  // namespace

ActionRunner::ActionRunner(Options options, std::unique_ptr<bus::Bus> bus)
    : options_(std::move(options)), webhook_ca_(options_.webhook_ca), bus_(std::move(bus)) {
  for (Queue* queue : {&programs_, &sent_}) {
    queue->thread = std::thread([this, queue] { work(*queue); });
  }
}

ActionRunner::~ActionRunner() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.set();
  for (Queue* queue : {&programs_, &sent_}) {
    queue->wake.notify_all();
    queue->thread.join();
  }
}

void ActionRunner::use(std::string webhook_ca, std::unique_ptr<bus::Bus> bus) {
  std::shared_ptr<bus::Bus> other(std::move(bus));  // the old one ends outside of the lock
  std::lock_guard lock(mutex_);
  webhook_ca_ = std::move(webhook_ca);
  if (other) bus_.swap(other);
}

void ActionRunner::tell(const std::string& rule, const AlarmActions& actions,
                        std::shared_ptr<const AlarmNotice> notice) {
  Job job;
  job.rule = rule;
  job.notice = std::move(notice);
  if (!actions.run.empty()) {
    job.kind = "run";
    job.command = actions.run;
    add(programs_, job);
  }
  if (!actions.webhook.empty()) {
    job.kind = "webhook";
    job.command = {options_.webhook_program, actions.webhook};
    add(sent_, job);
  }
  if (!actions.mqtt.empty()) {
    job.kind = "mqtt";
    job.command.clear();
    job.topic = actions.mqtt;
    add(sent_, job);
  }
}

void ActionRunner::add(Queue& queue, Job job) {
  std::lock_guard lock(mutex_);
  job.due = Clock::now();
  if (queue.jobs.size() >= options_.waiting_max) {
    const auto gone = oldest_of_most(queue.jobs);
    log::error("alarm.action_dropped", {{"rule", gone->rule}, {"action", gone->kind}});
    queue.jobs.erase(gone);
    ++failed_;
  }
  queue.jobs.push_back(std::move(job));
  queue.wake.notify_one();
}

// Of the rule that has most waiting: one that flaps must not push out another's siren.
std::deque<ActionRunner::Job>::iterator ActionRunner::oldest_of_most(std::deque<Job>& jobs) {
  std::map<std::string_view, std::size_t> waiting;
  for (const auto& job : jobs) ++waiting[job.rule];
  const auto most = std::ranges::max_element(waiting, {}, [](const auto& w) { return w.second; });
  return std::ranges::find(jobs, most->first, &Job::rule);
}

// The one that is due first, and behind no other of its rule and kind: who is told that an alarm ended was told before
// that it was raised. Jobs stand in the order in which they came.
std::deque<ActionRunner::Job>::iterator ActionRunner::first_due(std::deque<Job>& jobs) {
  auto first = jobs.end();
  for (auto job = jobs.begin(); job != jobs.end(); ++job) {
    const auto same = [&](const Job& j) { return j.rule == job->rule && j.kind == job->kind; };
    if (std::find_if(jobs.begin(), job, same) != job) continue;
    if (first == jobs.end() || job->due < first->due) first = job;
  }
  return first;
}

// Nothing once stopped.
std::optional<ActionRunner::Job> ActionRunner::next(Queue& queue) {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop_) return std::nullopt;
    const auto first = first_due(queue.jobs);
    if (first == queue.jobs.end()) {
      queue.wake.wait(lock);
    } else if (const auto due = first->due; due > Clock::now()) {
      queue.wake.wait_until(lock, due);
    } else {
      Job job = std::move(*first);
      queue.jobs.erase(first);
      return job;
    }
  }
}

void ActionRunner::work(Queue& queue) {
  while (auto job = next(queue)) {
    const Status status = attempt(*job);
    if (status) {
      ++done_;
      log::info("alarm.action_done", {{"rule", job->rule}, {"action", job->kind}});
      continue;
    }
    if (status.code() == Errc::kUnavailable && stopped_.is_set()) return;
    const bool again = job->kind != "run" && ++job->attempt < options_.attempts;
    log::warn("alarm.action_failed", {{"rule", job->rule},
                                      {"action", job->kind},
                                      {"again", again},
                                      {"error", status.error().message()}});
    if (!again) {
      ++failed_;
      continue;
    }
    const auto pause = options_.retry * (1 << std::min<std::size_t>(job->attempt - 1, 10));
    job->due = Clock::now() + std::min<Clock::duration>(pause, kRetryMax);
    std::lock_guard lock(mutex_);
    queue.jobs.push_front(std::move(*job));  // before what came of its rule meanwhile
  }
}

Status ActionRunner::attempt(const Job& job) {
  if (!job.topic.empty()) return publish(job);
  auto command = job.command;
  if (job.kind == "webhook") {
    std::lock_guard lock(mutex_);
    if (!webhook_ca_.empty()) command.push_back("--ca=" + webhook_ca_);
  }
  LM_TRY(run_child(
      {std::move(command), job.notice->environment, job.notice->json, options_.timeout}, stopped_));
  return {};
}

Status ActionRunner::publish(const Job& job) {
  std::shared_ptr<bus::Bus> bus;
  {
    std::lock_guard lock(mutex_);
    bus = bus_;
  }
  if (!bus) return fail(Errc::kConfig, "there is no broker for alarms");
  auto taken = std::make_shared<std::promise<bool>>();
  auto answer = taken->get_future();
  LM_TRY(bus->publish(job.topic, as_bytes(job.notice->json), false,
                      [taken](bool ok) { taken->set_value(ok); }));
  if (answer.wait_for(kBrokerWait) != std::future_status::ready)
    return fail(Errc::kUnavailable, "the broker does not answer");
  return answer.get() ? Status() : fail(Errc::kUnavailable, "the broker did not take it");
}

}  // namespace lotmark::agent
