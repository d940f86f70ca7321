// Brings reports to subscribers: one thread that sees what is due, and a few that make a report each and call. A call
// is made outside any lock; there is one at most for a subscription at a time, and for one receiver at most half as many
// as there are callers, as for all together whose last call was slow: they hold nobody else up.
// docs/operate/api.md (subscriptions).
//
// Where there are standbys, an event is reported once each of them holds it: what a subscriber knows is not lost. A place
// moves on only once a report was taken (2xx): one may come twice, none is lost.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <set>
#include <thread>

#include "core/http/client.h"
#include "ledger-node/subscribe/held_events.h"
#include "ledger-node/subscribe/report_log.h"
#include "ledger-node/subscribe/subscription_line.h"
#include "ledger-node/subscribe/subscription_store.h"

namespace lotmark::node {

struct WebhookOptions {
  AllowedDestinations allowed;
  std::filesystem::path ca;  // PEM: what https receivers are judged by
  std::size_t callers = 4;
  Millis look{200};        // how often is looked for what is due
  Millis timeout{10'000};  // of a call
  Millis slow{1000};       // a call of so long is
  LineTimes times{};
  // The place in `moved` up to which every standby holds rows: no event behind it is reported. Any thread. Empty: no
  // standby.
  std::function<std::uint64_t()> rows_held{};
  // Where each report is noted before it leaves; it outlives the runner. Null: nowhere.
  ReportLog* log = nullptr;
};

class WebhookRunner {
 public:
  // `store` and `clock` outlive it.
  static Result<std::unique_ptr<WebhookRunner>> start(const std::filesystem::path& private_db,
                                                      SubscriptionStore& store, const Clock& clock,
                                                      WebhookOptions options);
  // Waits for calls that are under way, at most their timeout.
  ~WebhookRunner();
  WebhookRunner(const WebhookRunner&) = delete;
  WebhookRunner& operator=(const WebhookRunner&) = delete;

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;
  struct Answer {
    bool taken = false;
    bool too_large = false;
    std::string why{};
  };
  // A call of one of these is one of as many that a receiver, or all slow ones, may have.
  struct Turn {
    EntryPtr entry{};
    bool of_slow = false;
  };
  WebhookRunner(SubscriptionStore& store, const Clock& clock, WebhookOptions options)
      : store_(store), clock_(clock), options_(std::move(options)) {}

  void look();
  Status load();
  Result<std::optional<std::uint64_t>> newest_to_report();
  void queue_due();
  bool stop_in(Millis time);
  void call(EventReader& reader);
  Turn take();
  bool may_call(const Entry& entry) const;
  void end(const Turn& turn);
  void serve(EventReader& reader, Entry& entry);
  Status is_allowed(const Entry& entry) const;
  Status note(const Entry& entry, const Report& report);
  Answer send(const Entry& entry, const Report& report);
  Result<std::shared_ptr<const http::Client>> client(const std::string& base_url);
  void settle(Entry& entry, const Report& report, const Answer& answer);
  void note_pace(const std::string& receiver, bool slow);
  void note_failure(const Subscription& s, const std::string& why) const;

  SubscriptionStore& store_;
  const Clock& clock_;
  WebhookOptions options_;
  std::uint64_t loaded_ = 0;  // version of the store; of the looking thread alone
  HeldEvents held_;           // of that thread alone, too
  std::atomic<std::uint64_t> may_leave_ = ~std::uint64_t{0};  // row of the newest event that may

  std::mutex lock_;
  std::condition_variable wake_looker_;
  std::condition_variable wake_callers_;
  bool stop_ = false;
  std::map<std::string, EntryPtr> entries_;       // by subscription's id
  std::deque<EntryPtr> due_;                      // in turn
  std::map<std::string, std::size_t> under_way_;  // calls, by receiver
  std::set<std::string> slow_;                    // receivers whose last call took options_.slow
  std::size_t slow_under_way_ = 0;                // calls of those

  std::mutex clients_lock_;
  std::map<std::string, std::shared_ptr<const http::Client>> clients_;  // by receiver

  std::vector<std::unique_ptr<EventReader>> readers_;  // one a caller
  std::vector<std::thread> threads_;
};

}  // namespace lotmark::node
