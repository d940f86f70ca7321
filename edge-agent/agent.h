// The agent: sources, bundler, outbox and uplink around one working thread, which alone touches the outbox.
//
// Each turn takes what came in, seals what is due, makes it durable in one commit, and sends what is durable. When the outbox is
// full its oldest bundles give way, of sources that allow it, and the others wait; when the disk fails all wait. Acks are
// still taken.
#pragma once

#include <memory>
#include <thread>

#include "core/base/seldom.h"
#include "core/store/folder_lock.h"
#include "edge-agent/alarm/post.h"
#include "edge-agent/channel_owners.h"
#include "edge-agent/clock/agent_clock.h"
#include "edge-agent/clock/set_waiter.h"
#include "edge-agent/config/config.h"
#include "edge-agent/inbox.h"
#include "edge-agent/key/timed_signer.h"
#include "edge-agent/operate/figures.h"
#include "edge-agent/outbox/rejected.h"
#include "edge-agent/outbox/reserve.h"
#include "edge-agent/reload.h"
#include "edge-agent/source/broker.h"
#include "edge-agent/start/relay.h"
#include "edge-agent/tls/renewal.h"

namespace lotmark::agent {

struct Counts {
  std::uint64_t readings = 0;
  std::uint64_t bundles = 0;
  std::uint64_t readings_refused = 0;  // no bundle can hold them, or recorded in the future
  std::uint64_t bad_records = 0;       // lines and frames that sources passed over
  std::uint64_t acks = 0;
  std::uint64_t answers_refused = 0;  // a bad signature, another key, no answer at all
  std::uint64_t acks_ignored = 0;     // genuine, but old or of another life
  std::uint64_t refused = 0;          // bundles that a node refused, need-seq aside
  std::uint64_t starts = 0;
  std::uint64_t starts_let_go = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t gaps_sealed = 0;
  std::uint64_t alarms = 0;          // raised
  std::uint64_t alarm_actions = 0;   // done
  std::uint64_t alarm_failures = 0;  // actions given up
  std::uint64_t commit_errors = 0;
  std::uint64_t clock_steps = 0;
  std::uint64_t stalls = 0;  // times that nothing was acked for too long
  std::uint64_t commands = 0;
  std::uint64_t commands_refused =
      0;  // not genuine, not for this device, repeated, expired, not possible
};

class Agent {
 public:
  using MakeBus = std::function<Result<std::unique_ptr<bus::Bus>>(const bus::PahoOptions&)>;
  // `clock` outlives the agent. Opens key and outbox; nothing runs yet.
  static Result<std::unique_ptr<Agent>> make(Config config, const Clock& clock,
                                             const MakeBus& make_bus = agent::make_bus);
  ~Agent();

  // Runs until stop() or, with exit_when_done, until every replay ended and everything was acked. An
  // error if a replay failed, or the bundler did.
  Status run();
  // From any thread.
  void stop();
  // Goes over to another configuration; of several that come before there is time, the newest counts. One that cannot be
  // had whole is refused and changes nothing. From any thread.
  void reload(Config next);
  // A configuration that did not even load: told and counted.
  void reload_refused(std::string_view why);
  // Figures for who watches; from any thread, as long as the agent is there.
  const FigureBoard& board() const { return board_; }
  // Called by the working thread after every turn. Before run().
  void on_turn(std::function<void()> fn) { on_turn_ = std::move(fn); }
  // Does what a command asks that is the program's: check, diag, reload. Called by the working thread, which it must not
  // hold up. Before run().
  void on_command(std::function<void(CommandKind)> fn) { on_command_ = std::move(fn); }
  // 1 at the start, one more with each reload that was done.
  std::uint64_t generation() const { return generation_; }
  const Counts& counts() const { return counts_; }  // once run() returned

 private:
  struct Lane {
    SourceConfig is;
    std::unique_ptr<Source> source;  // null if the file was played to its end before
    std::size_t place = 0;           // in the bundler
    bool ended = false;
    bool running = false;       // its thread has not said its last
    bool leaving = false;       // a reload told it to stop
    bool free = false;          // for another source of that kind
    bool seal_due = false;      // an alarm is in its window, and the key did not sign
    std::uint64_t refused = 0;  // readings
    std::uint64_t late = 0;
    std::chrono::steady_clock::time_point alarm_sealed{};
    std::thread thread;
    std::unique_ptr<Sink> sink;
  };
  Agent(Config config, const Clock& clock, std::unique_ptr<Signer> signer, AnswerReader answers,
        Outbox outbox);
  using Buses = std::vector<std::unique_ptr<bus::Bus>>;  // of devices, then the consortium's
  Result<Buses> make_buses();
  void use_buses(Buses buses);
  void listen(bus::Bus& bus, std::size_t place);
  std::size_t add_lane(const SourceConfig& source);
  void start_lane(std::size_t place);
  Result<Bytes> birth(bool gone) const;
  void publish_birth(bool gone);

  Status turn();
  std::chrono::steady_clock::time_point deadline() const;
  Status take(Taken taken);
  Status take(std::size_t source, FromSource& item);
  Status take_readings(std::size_t source, std::vector<Reading>& readings);
  void count(std::size_t source, const Reading& reading, const Result<Added>& added);
  Status take_pause(std::size_t source, const Paused& paused);
  Status take_end(std::size_t source, const Ended& ended);
  Status take_alarm(std::size_t source, const SignedAlarm& alarm);
  Result<std::unique_ptr<bus::Bus>> make_alarm_bus();
  void hire(std::unique_ptr<bus::Bus> bus);
  void dismiss();
  static Status recover_certificates(const Config& config);
  void watch_certificates(const MakeBus& make_bus);
  void take_news(const BusNews& news);
  void take_news(const AnswerNews& news);
  void take_news(const ObjectNews& news);
  void take_news(const SilenceNews& news);
  void take_news(const CommandNews& news);
  void take_ack(const KeptAck& ack, const std::string& device);
  void take_arrival(const KeptArrival& arrival, const std::string& device);
  void let_go_to(const KeptAck& ack, std::chrono::steady_clock::time_point now);
  Status seal_lost(const AckPlan& plan, const Ack& ack);
  void store_start(StoredStart start);
  void let_go(StoredStart start, std::string_view why);
  void hand_down(const std::string& device, ByteView object);
  void note_place(std::size_t source);
  void look_at_clock();

  // agent_key.cpp
  Status but_for_the_key(const Status& done);
  Status try_key();
  Status seal_at_once(Lane& lane);

  // agent_commit.cpp
  bool commit();
  Status write_batch();
  Status commit_what_frees();
  void commit_failed(const Error& error);
  bool ack_waits() const;
  std::chrono::steady_clock::time_point ack_due() const;
  bool seals_wait();
  std::uint64_t ran_ms() const;

  // agent_commands.cpp
  Status obey(ByteView object);
  Status carry_out(const Command& command);
  Status seal_live();

  // agent_room.cpp
  static constexpr std::size_t kReadingsATurn = 1024;  // of one source, at the most
  std::vector<std::size_t> wanted() const;
  void note_load(std::size_t sealed);
  std::uint64_t acked() const;  // all up to here is let go, committed or not
  Status add_gap(Gap gap, bool dropped);
  Status make_room();
  Status drop(const Stretch& stretch);
  void watch_progress(std::chrono::steady_clock::time_point now);
  bool contradicts(const Ack& ack);
  void tell_conflict(std::uint64_t seq, std::uint64_t through) const;
  void note_closed(const Ack& ack);
  void take_refusals(const KeptAck& ack);
  Status reject(std::uint64_t seq, Errc error, ByteView ack);

  // agent_reload.cpp
  struct Prepared {
    std::optional<AnswerReader> answers;
    Buses buses;
    std::unique_ptr<bus::Bus> alarm_bus;
  };
  void take_reload();
  Status go_over(Config next);
  Result<Prepared> prepare(const ReloadPlan& plan);
  // How many sources wait to be started, and how many were told to stop.
  std::pair<std::size_t, std::size_t> compare_sources();
  Status clear_lane(std::size_t place);
  Status start_waiting();

  // agent_figures.cpp
  void read_certificates(std::chrono::steady_clock::time_point now);
  void show_figures();
  Figures figures(std::chrono::steady_clock::time_point now);

  bool done() const;
  Status finish();
  void count_up();
  void log_counts();

  Config config_;
  AgentClock clock_;
  std::optional<ClockState> told_clock_;
  Time told_dropping_{};
  std::unique_ptr<TimedSigner> signer_;
  AnswerReader answers_;
  std::optional<store::FolderLock> lock_;  // of state_dir: one agent an outbox
  Outbox outbox_;
  Rejected rejected_;
  Reserve reserve_;
  Bundler bundler_;
  Inbox inbox_;
  MakeBus make_bus_;
  AlarmPost alarms_;
  ChannelOwners owners_;
  std::vector<std::unique_ptr<RenewalWatch>> renewals_;
  std::vector<Lane> lanes_;
  std::vector<SourceConfig> waiting_;  // to be started
  Buses buses_;
  std::unique_ptr<Uplink> uplink_;
  std::unique_ptr<StartRelay> relay_;
  std::deque<std::pair<std::size_t, FromSource>>
      unbundled_;  // taken in while the key does not sign
  bool key_failed_ = false;
  std::chrono::steady_clock::time_point key_retry_at_{};
  Batch batch_;  // not yet durable
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::uint64_t ran_before_ms_ = 0;
  std::chrono::steady_clock::time_point ack_came_{};  // the oldest that is not committed
  std::optional<std::chrono::steady_clock::time_point>
      seals_due_;       // set while they wait for others
  bool stuck_ = false;  // a commit failed, and is tried again before anything else is taken
  std::size_t readings_a_turn_ = kReadingsATurn;
  std::uint64_t acked_ = 0;
  std::uint64_t fell_back_at_ = 0;  // by the node's time: acks of before do not hold any more
  std::chrono::steady_clock::time_point progress_at_ = began_;
  bool stalled_ = false;
  bool closed_ = false;  // a node said that this life is over, and has acked nothing of it since
  bool full_ = false;
  bool all_stays_ = false;  // it is over its limit, and nothing in it may give way
  std::uint64_t refused_seq_ = 0;
  int refused_times_ = 0;
  std::uint64_t refused_at_ = 0;  // time of the newest ack whose refusal counted
  Seldom commands_told_{std::chrono::seconds(1)};
  Seldom answers_told_{std::chrono::seconds(1)};
  Seldom starts_told_{std::chrono::seconds(1)};
  Seldom closed_told_{std::chrono::minutes(1)};
  std::chrono::steady_clock::time_point retry_at_{};
  std::chrono::steady_clock::time_point counts_at_{};
  std::uint64_t anchor_told_ = 0;
  std::optional<Error> failed_;
  std::atomic<bool> stop_{false};
  std::mutex reload_mutex_;
  std::optional<Config> reload_;  // under the mutex
  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::uint64_t> reloads_refused_{0};
  std::uint64_t bad_before_ = 0;      // records passed over by sources that are gone
  std::uint64_t actions_before_ = 0;  // done by the runner that was dismissed
  std::uint64_t action_failures_before_ = 0;
  std::uint64_t sent_before_ = 0;  // by connections that are gone
  std::uint64_t resent_before_ = 0;
  FigureBoard board_;
  std::function<void()> on_turn_;
  std::function<void(CommandKind)> on_command_;
  std::chrono::steady_clock::time_point figures_at_{};
  std::chrono::steady_clock::time_point certificates_at_{};
  std::map<std::string, std::int64_t> certificates_until_;  // ms UTC, by broker
  Counts counts_;
};

}  // namespace lotmark::agent
