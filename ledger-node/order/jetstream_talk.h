// What is said over one line: asks both streams every kAskEvery who they are, makes them when missing, tells the desk
// when both stand and when anything may have changed what was seen, fetches entries and the lease, passes on what the
// node asks. The session's thread alone; time is handed in.
#pragma once

#include <unordered_map>

#include "ledger-node/order/jetstream_api.h"
#include "ledger-node/order/jetstream_desk.h"
#include "ledger-node/order/jetstream_reader.h"

namespace lotmark::node::js {

using Moment = std::chrono::steady_clock::time_point;

inline constexpr Millis kAskEvery{300};
inline constexpr Millis kLeaseEvery{200};
inline constexpr Millis kAnswerMost{1000};     // then the same is asked again
inline constexpr Millis kSilenceMost{1500};    // of either stream, then the log is lost
inline constexpr Millis kHopelessAfter{5000};  // without both streams: try another server

// Log lines are said when what they say is new, over all lines of a session.
class Said {
 public:
  bool is_new(const std::string& about, const std::string& text);
  void forget(const std::string& about) { last_.erase(about); }

 private:
  std::map<std::string, std::string> last_;
};

class Talk {
 public:
  // `inbox` is the line's filter without its last level.
  Talk(const JetStreamOptions& options, Line& line, Desk& desk, Said& said, std::string inbox,
       Moment now);

  void turn(Work work, Moment now);
  // This server has not led to both streams for long; another may.
  bool hopeless(Moment now) const { return !found_ && now - alive_ > kHopelessAfter; }

 private:
  enum class Kind { kInfo, kCreate, kEntry, kLease, kAppend, kPutLease };
  struct Pending {
    Kind kind;
    std::size_t stream;    // index into watched_
    std::uint64_t about;   // kEntry: its seq; kInfo: the reader's next; kLease: the stream's last
    std::uint64_t number;  // kAppend, kPutLease: the desk's
    Moment until;
  };
  struct Watched {
    StreamSpec spec;
    Moment ask_at;
    bool asked = false;
    bool making = false;
    std::optional<Moment> good_at;
    Info info;  // the newest good one
  };

  Status send(Pending p, std::string_view subject, std::optional<std::uint64_t> expected,
              ByteView data);
  void came(Incoming in);
  void answered(const Pending& p, const Incoming& in);
  void give_up(const Pending& p);
  void on_info(const Pending& p, const Incoming& in);
  void on_created(const Pending& p, const Incoming& in);
  void on_entry(const Pending& p, const Incoming& in);
  void on_lease(const Pending& p, const Incoming& in);
  void on_ack(const Pending& p, const Incoming& in);
  void bad(Watched& w, const std::string& why);
  void make(std::size_t stream);
  // What the order stream says of itself can be no continuation of what was seen; empty if it can.
  std::string broken(const Info& info, std::uint64_t next_when_asked) const;
  void find_if_both_stand();
  void lose(const std::string& why);
  void see_lease(LeaseSeen seen);
  void ask_all();
  void fetch();

  Line& line_;
  Desk& desk_;
  Said& said_;
  const std::string inbox_;
  std::vector<Watched> watched_;  // order, lease
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::uint64_t next_reply_ = 1;
  Moment now_;
  Moment alive_;  // when both streams stood last
  bool found_ = false;
  Reader reader_;
  std::uint64_t first_ = 1;  // of the order stream, as last seen
  Moment fetch_at_;
  Moment lease_at_;
  bool lease_asked_ = false;
  std::optional<LeaseSeen> lease_;
};

}  // namespace lotmark::node::js
