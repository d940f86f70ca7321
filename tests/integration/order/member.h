// A node's view of the engine: polls, keeps what came, and says at once if an entry came twice or out of order.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <thread>

#include "core/base/assert.h"
#include "tests/integration/order/nats_servers.h"

namespace lotmark::test {

class Member {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  static Moment now() { return std::chrono::steady_clock::now(); }

  explicit Member(const node::JetStreamOptions& o) {
    auto opened = node::open_jetstream(o);
    LM_ASSERT(opened);
    log_ = *std::move(opened);
  }

  // Polls until it holds, at most `most`.
  bool until(const std::function<bool()>& holds, Millis most = Millis{10000}) {
    for (const Moment end = now() + most; now() < end;) {
      poll();
      if (holds()) return true;
      std::this_thread::sleep_for(Millis{1});
    }
    return false;
  }
  bool until_found(Millis most = Millis{20000}) {
    return until([&] { return found_now && lease_seen; }, most);
  }
  bool until_last(std::uint64_t seq, Millis most = Millis{10000}) {
    return until([&] { return last() >= seq; }, most);
  }

  std::uint64_t send(const std::string& text, std::uint64_t behind) {
    log_->append(++requests_, behind, as_bytes(text));
    return requests_;
  }
  std::uint64_t send_lease(std::uint64_t revision, const node::Lease& lease) {
    log_->put_lease(++requests_, revision, lease);
    return requests_;
  }
  // What a busy machine may add to a time that the product keeps.
  static constexpr Millis kBusy{2000};
  // The answer to a request; waits for it.
  Result<std::uint64_t> answer(std::uint64_t request) {
    if (!until([&] { return answers.contains(request); }, node::kAnswerWithin + kBusy)) {
      return fail(Errc::kInternal, "no answer at all");
    }
    return answers.at(request);
  }
  Result<std::uint64_t> append(const std::string& text, std::uint64_t behind) {
    return answer(send(text, behind));
  }
  Result<std::uint64_t> put_lease(std::uint64_t revision, const node::Lease& lease) {
    return answer(send_lease(revision, lease));
  }

  void poll() {
    for (auto& e : log_->poll()) std::visit([&](auto& event) { on(event); }, e);
  }
  std::uint64_t last() const { return entries.empty() ? 0 : entries.rbegin()->first; }

  bool found_now = false;
  bool lease_seen = false;
  int founds = 0;
  int losts = 0;
  node::LogFound found;
  node::LeaseSeen lease;
  std::map<std::uint64_t, std::string> entries;  // since LogFound
  std::map<std::uint64_t, Result<std::uint64_t>> answers;

 private:
  void on(const node::LogFound& f) {
    EXPECT_FALSE(found_now) << "found twice and not lost between";
    found_now = true;
    ++founds;
    found = f;
    entries.clear();
  }
  void on(const node::LogLost&) {
    found_now = lease_seen = false;
    ++losts;
  }
  void on(const node::EntrySeen& e) {
    EXPECT_TRUE(found_now);
    EXPECT_EQ(e.seq, entries.empty() ? found.first : last() + 1);
    entries[e.seq] = as_text(e.block);
  }
  void on(const node::LeaseSeen& l) {
    lease = l;
    lease_seen = true;
  }
  void on(const node::Answered& a) {
    EXPECT_TRUE(answers.emplace(a.request, a.place).second) << "answered twice";
  }

  std::unique_ptr<node::OrderLog> log_;
  std::uint64_t requests_ = 0;
};

// For the tests of one set of servers; skips, saying so, where nats-server is not installed.
#define LM_NEED_NATS()                                                                      \
  if (!NatsServers::installed()) {                                                          \
    GTEST_SKIP() << "NOT TESTED: nats-server is not installed (scripts/setup installs it)"; \
  }

}  // namespace lotmark::test
