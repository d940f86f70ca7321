#include "edge-agent/alarm/actions.h"

#include <algorithm>
#include <future>

#include "core/base/log.h"

namespace lotmark::agent {

namespace {
constexpr auto kRetryMax = std::chrono::minutes(5);
constexpr auto kBrokerWait = std::chrono::seconds(5);
}  // namespace

ActionRunner::ActionRunner(Options options, std::unique_ptr<bus::Bus> bus)
    : options_(std::move(options)), bus_(std::move(bus)), thread_([this] { work(); }) {}

ActionRunner::~ActionRunner() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.set();
  wake_.notify_all();
  thread_.join();
}

void ActionRunner::tell(const std::string& rule, const AlarmActions& actions,
                        std::shared_ptr<const AlarmNotice> notice) {
  Job job;
  job.rule = rule;
  job.notice = std::move(notice);
  if (!actions.run.empty()) {
    job.kind = "run";
    job.command = actions.run;
    add(job);
  }
  if (!actions.webhook.empty()) {
    job.kind = "webhook";
    job.command = {options_.webhook_program, actions.webhook};
    if (!options_.webhook_ca.empty()) job.command.push_back("--ca=" + options_.webhook_ca);
    add(job);
  }
  if (!actions.mqtt.empty()) {
    job.kind = "mqtt";
    job.command.clear();
    job.topic = actions.mqtt;
    add(job);
  }
}

void ActionRunner::add(Job job) {
  std::lock_guard lock(mutex_);
  job.due = Clock::now();
  if (jobs_.size() >= options_.waiting_max) {
    log::error("alarm.action_dropped",
               {{"rule", jobs_.front().rule}, {"action", jobs_.front().kind}});
    jobs_.pop_front();
    ++failed_;
  }
  jobs_.push_back(std::move(job));
  wake_.notify_one();
}

// The one that is due first; nothing once stopped.
std::optional<ActionRunner::Job> ActionRunner::next() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (stop_) return std::nullopt;
    const auto first = std::ranges::min_element(jobs_, {}, &Job::due);
    if (first == jobs_.end()) {
      wake_.wait(lock);
    } else if (const auto due = first->due; due > Clock::now()) {
      wake_.wait_until(lock, due);
    } else {
      Job job = std::move(*first);
      jobs_.erase(first);
      return job;
    }
  }
}

void ActionRunner::work() {
  while (auto job = next()) {
    const Status status = attempt(*job);
    if (status) {
      ++done_;
      log::info("alarm.action_done", {{"rule", job->rule}, {"action", job->kind}});
      continue;
    }
    if (status.code() == Errc::kUnavailable && stopped_.is_set()) return;
    const bool again = job->kind != std::string_view("run") && ++job->attempt < options_.attempts;
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
    jobs_.push_back(std::move(*job));
  }
}

Status ActionRunner::attempt(const Job& job) {
  if (!job.topic.empty()) return publish(job);
  LM_TRY(run_child({job.command, job.notice->environment, job.notice->json, options_.timeout},
                   stopped_));
  return {};
}

Status ActionRunner::publish(const Job& job) {
  if (!bus_) return fail(Errc::kConfig, "there is no broker for alarms");
  auto taken = std::make_shared<std::promise<bool>>();
  auto answer = taken->get_future();
  LM_TRY(bus_->publish(job.topic, as_bytes(job.notice->json), false,
                       [taken](bool ok) { taken->set_value(ok); }));
  if (answer.wait_for(kBrokerWait) != std::future_status::ready)
    return fail(Errc::kUnavailable, "the broker does not answer");
  return answer.get() ? Status() : fail(Errc::kUnavailable, "the broker did not take it");
}

}  // namespace lotmark::agent
