// A broker in memory. One lock over the hub; handlers run without it, so they may publish.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "core/base/assert.h"
#include "core/bus/bus.h"

namespace lotmark::bus {

class MemoryBus;

struct MemoryHub::State {
  // What the hub has still to do: hand a message to all who asked for it, or tell one bus something.
  struct Task {
    std::optional<Message> message;
    MemoryBus* to = nullptr;         // null: every bus whose filter matches
    std::function<void(bool)> told;  // of a state change or a publish's outcome
  };

  std::mutex mutex;
  std::mutex delivery;  // held while a handler runs: one at a time, and none after its bus is gone
  std::condition_variable wake;
  std::deque<Task> tasks;
  std::vector<MemoryBus*> buses;
  std::map<std::string, Message> retained;
  bool manual = false;
  bool stop = false;
  std::thread thread;
  std::atomic<std::thread::id> delivering;

  std::size_t run_one();  // 1 if a message went to somebody
  void run();
};

class MemoryBus final : public Bus {
 public:
  explicit MemoryBus(std::shared_ptr<MemoryHub::State> hub) : hub_(std::move(hub)) {}
  ~MemoryBus() override;

  void subscribe(const std::string& filter, Handler handler) override {
    filters_.emplace_back(filter, std::move(handler));
  }
  void on_state(std::function<void(bool)> handler) override { state_ = std::move(handler); }
  Status start() override;
  bool connected() const override {
    std::lock_guard lock(hub_->mutex);
    return started_;
  }
  Status publish(const std::string& topic, ByteView payload, bool retain,
                 std::function<void(bool)> done) override;

 private:
  friend struct MemoryHub::State;
  std::shared_ptr<MemoryHub::State> hub_;
  std::vector<std::pair<std::string, Handler>> filters_;
  std::function<void(bool)> state_;
  bool started_ = false;
};

MemoryBus::~MemoryBus() {
  // From a handler of our own the delivery lock is already this thread's.
  std::unique_lock<std::mutex> delivery(hub_->delivery, std::defer_lock);
  if (hub_->delivering.load() != std::this_thread::get_id()) delivery.lock();
  std::lock_guard lock(hub_->mutex);
  std::erase(hub_->buses, this);
  std::erase_if(hub_->tasks, [this](const auto& t) { return t.to == this; });
}

Status MemoryBus::start() {
  std::lock_guard lock(hub_->mutex);
  if (started_) return fail(Errc::kConflict, "the bus was started before");
  started_ = true;
  hub_->buses.push_back(this);
  if (state_) hub_->tasks.push_back({std::nullopt, this, state_});
  for (const auto& [topic, message] : hub_->retained) {
    hub_->tasks.push_back({message, this, {}});
    hub_->tasks.back().message->retained = true;
  }
  hub_->wake.notify_one();
  return {};
}

Status MemoryBus::publish(const std::string& topic, ByteView payload, bool retain,
                          std::function<void(bool)> done) {
  std::lock_guard lock(hub_->mutex);
  if (!started_ || hub_->stop) return fail(Errc::kUnavailable, "not connected");
  Message m{topic, to_bytes(payload), false};  // live copies never say retained
  if (retain && payload.empty()) {
    hub_->retained.erase(topic);
  } else if (retain) {
    hub_->retained[topic] = m;
  }
  hub_->tasks.push_back({std::move(m), nullptr, {}});
  if (done) hub_->tasks.push_back({std::nullopt, this, std::move(done)});
  hub_->wake.notify_one();
  return {};
}

std::size_t MemoryHub::State::run_one() {
  std::lock_guard one_at_a_time(delivery);
  std::vector<Bus::Handler> handlers;
  Task task;
  {
    std::lock_guard lock(mutex);
    if (tasks.empty()) return 0;
    task = std::move(tasks.front());
    tasks.pop_front();
    for (const auto* bus : buses) {
      if (!task.message || (task.to != nullptr && task.to != bus)) continue;
      for (const auto& [filter, handler] : bus->filters_) {
        if (matches(filter, task.message->topic)) handlers.push_back(handler);
      }
    }
    delivering.store(std::this_thread::get_id());
  }
  if (task.told) task.told(true);
  for (const auto& handler : handlers) handler(*task.message);
  std::lock_guard lock(mutex);
  delivering.store({});
  return handlers.size();
}

void MemoryHub::State::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex);
      wake.wait(lock, [&] { return stop || !tasks.empty(); });
      if (stop) return;
    }
    run_one();
  }
}

MemoryHub::MemoryHub(bool manual) : state_(std::make_shared<State>()) {
  state_->manual = manual;
  if (!manual) state_->thread = std::thread([s = state_.get()] { s->run(); });
}

MemoryHub::~MemoryHub() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
}

std::unique_ptr<Bus> MemoryHub::connect() { return std::make_unique<MemoryBus>(state_); }

std::size_t MemoryHub::pump() {
  LM_ASSERT(state_->manual);
  std::size_t delivered = 0;
  for (;;) {
    {
      std::lock_guard lock(state_->mutex);
      if (state_->tasks.empty()) return delivered;
    }
    delivered += state_->run_one();
  }
}

}  // namespace lotmark::bus
