// kill -9 of what captures, in the middle of documents that come over HTTP, with a clock that is set forward and back
// between two starts: what was answered is there, of a rollback all or nothing, of the rest what its job says, and
// recordTime never falls. LOTMARK_KILLS says how often (scripts/soak); each takes about a second.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <random>
#include <thread>

#include "core/http/client.h"
#include "tests/eventually.h"
#include "tests/must.h"
#include "tests/unit/capture/events.h"

namespace lotmark::node::test {
namespace {

using lotmark::test::must;
using Kind = CaptureRequest::Kind;

int kills() {
  const char* text = std::getenv("LOTMARK_KILLS");
  return text != nullptr ? std::atoi(text) : 12;
}

class Program {
 public:
  Program(const Folder& folder, Time clock)
      : port_file_(folder.private_db().parent_path() / "port") {
    std::filesystem::remove(port_file_);
    const std::string words[] = {CAPTURE_DESK_PROGRAM, folder.private_db().string(),
                                 port_file_.string(), std::to_string(to_ms(clock))};
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execl(words[0].c_str(), words[0].c_str(), words[1].c_str(), words[2].c_str(),
              words[3].c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Program() { kill(); }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string url() const {
    int port = 1;
    EXPECT_TRUE(lotmark::test::eventually([&] {
      return static_cast<bool>(std::ifstream(port_file_) >> port);
    })) << "it did not start";
    return "http://127.0.0.1:" + std::to_string(port);
  }
  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }

 private:
  std::filesystem::path port_file_;
  pid_t pid_ = -1;
};

struct Document {
  Kind kind = Kind::kRollback;
  int first = 0, count = 0;  // numbers of its events
  bool answered = false;
};

std::string id_of(int number) { return "urn:x:" + std::to_string(number); }

class KilledCaptures : public testing::Test {
 protected:
  // Documents of either kind, some of more than a part, until nobody answers any more.
  void send_until_killed(const std::string& url) {
    const auto client = must(http::Client::make({.base_url = url}));
    for (int n = 0;; ++n) {
      Document d;
      d.kind = n % 3 == 1 ? Kind::kProceed : n % 3 == 2 ? Kind::kSingle : Kind::kRollback;
      d.count = d.kind == Kind::kProceed ? 2500 : d.kind == Kind::kSingle ? 1 : 400;
      d.first = next_;
      next_ += d.count;
      std::vector<epcis::Json> events;
      for (int i = d.first; i < next_; ++i) events.push_back(observed(id_of(i), i, i % 60));
      const auto body = encode_capture(request_of(events, d.kind));
      const auto answer = client.send("POST", "/control/v1/captures", {}, body, 4 * 1024 * 1024);
      d.answered = answer && answer->status == 200;
      documents_.push_back(d);
      if (!answer) return;
      EXPECT_EQ(answer->status, 200) << as_text(answer->body);
    }
  }
  std::uint64_t number(const std::string& sql) {
    auto q = must(db_->prepare(sql));
    EXPECT_TRUE(must(q.step()));
    return q.u64(0);
  }
  // How often each eventID is there.
  std::map<std::string, std::uint64_t> ids_kept() {
    std::map<std::string, std::uint64_t> out;
    auto q = must(db_->prepare("SELECT id FROM event"));
    while (must(q.step())) ++out[q.text(0)];
    return out;
  }
  static std::uint64_t kept_of(const Document& d, std::map<std::string, std::uint64_t>& ids) {
    std::uint64_t kept = 0;
    for (int i = d.first; i < d.first + d.count; ++i) {
      EXPECT_LE(ids[id_of(i)], 1u) << id_of(i);
      kept += ids[id_of(i)];
    }
    return kept;
  }

  Folder folder_;
  int next_ = 1;
  std::vector<Document> documents_;
  std::optional<store::Database> db_;
};

TEST_F(KilledCaptures, WhatWasAnsweredIsThereAndNothingIsHalf) {
  constexpr Millis kSteps[] = {Millis{0}, -std::chrono::hours(1), std::chrono::hours(30),
                               -std::chrono::hours(24 * 365)};
  Time clock{Millis{1'777'900'000'000}};
  std::mt19937 dice(20260504);
  for (int round = 0; round < kills(); ++round) {
    clock += kSteps[round % 4];
    Program program(folder_, clock);
    const std::string url = program.url();
    std::thread killer([&] {  // at any moment, which is what this is about
      std::this_thread::sleep_for(Millis{60 + dice() % 700});
      program.kill();
    });
    send_until_killed(url);
    killer.join();
  }
  db_.emplace(must(chain::open_private(folder_.private_db())));
  std::uint64_t kept_in_all = 0;
  int cut_short = 0;
  auto ids = ids_kept();
  for (const auto& d : documents_) {
    const auto kept = kept_of(d, ids);
    const auto all = static_cast<std::uint64_t>(d.count);
    kept_in_all += kept;
    const bool some_may_be = d.kind == Kind::kProceed && !d.answered;
    EXPECT_TRUE(kept == all || (kept == 0 && !d.answered) || some_may_be)
        << id_of(d.first) << ": " << kept << " of " << all << (d.answered ? ", answered" : "");
    cut_short += !d.answered ? 1 : 0;
  }
  EXPECT_GE(cut_short, kills() / 2) << "few kills met a capture";
  EXPECT_EQ(number("SELECT count(*) FROM event"), kept_in_all);
  EXPECT_EQ(number("SELECT count(*) FROM event_pending"), kept_in_all);
  EXPECT_EQ(number("SELECT count(*) FROM event_term WHERE h = 0"), kept_in_all);
  EXPECT_EQ(number("SELECT count(*) FROM event a JOIN event b ON b.n = a.n + 1 WHERE b.recorded < "
                   "a.recorded"),
            0u)
      << "recordTime falls";
  EXPECT_EQ(
      number("SELECT count(*) FROM capture_job j WHERE first IS NOT NULL AND last - first + 1 "
             "IS NOT (SELECT count(*) FROM event WHERE n BETWEEN j.first AND j.last)"),
      0u)
      << "a job that tells of what is not there";
  // Sent again, all of what was not answered is there as well.
  const auto store = must(EventStore::open(folder_.private_db()));
  for (const auto& d : documents_) {
    if (d.answered) continue;
    std::vector<epcis::Json> events;
    for (int i = d.first; i < d.first + d.count; ++i)
      events.push_back(observed(id_of(i), i, i % 60));
    const auto again = must(store->capture(request_of(events, Kind::kProceed), clock));
    EXPECT_TRUE(again.success);
  }
  ids = ids_kept();
  for (const auto& d : documents_) EXPECT_EQ(kept_of(d, ids), static_cast<std::uint64_t>(d.count));
  EXPECT_EQ(number("SELECT count(*) FROM event"), static_cast<std::uint64_t>(next_ - 1));
}

}  // namespace
}  // namespace lotmark::node::test
