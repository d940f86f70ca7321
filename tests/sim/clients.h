// The other side of the cluster: reviewers who submit releases, again and again until they hold a promise or until the
// lot is final, and the logs whose heads period blocks carry. Real objects, real signatures, real tokens.
#pragma once

#include "tests/sim/cluster.h"

namespace lotmark::sim {

// What a reviewer does with a promise.
enum class Trust {
  kPromise,  // believes it and asks no more
  kFinal,    // asks again until the lot is final
};

// When a lot may be cut, in a cluster that cuts.
enum class Keep {
  kYears,     // it expires in years
  kMidnight,  // it expires half a minute after the begin
  kRetained,  // the same, but its programme keeps it a year longer
};

struct Submission {
  std::string lot;
  const test::Party* by = nullptr;
  Trust trust = Trust::kFinal;
  Digest application;
  Digest release;
  Bytes object;
  std::size_t target = 0;  // node that is asked
  unsigned tries = 0;
  // The first promise that held: signed by a supervisor for this very object.
  std::optional<Time> promised;
  unsigned promiser_wipes =
      0;  // of its disk, when it promised: a promise is lost with it, and asked for again
  std::size_t promiser = 0;
  bool refused = false;  // for good: another decision stands in its place
  std::string last_answer;
};

class Clients {
 public:
  // `cluster` must outlive it.
  explicit Clients(Cluster& cluster);

  // Makes a release of the lot and begins to submit it. A second one of the same lot is a rival with another
  // application.
  Submission& submit(const std::string& lot, const test::Party& by, Trust trust,
                     Keep keep = Keep::kYears);
  // Sends the heads of the enterprise's and the first reviewer's logs, grown by a leaf, once each.
  void send_heads();

  const std::vector<std::unique_ptr<Submission>>& submissions() const { return submissions_; }
  bool is_final(const Submission& s) const;
  // One that still counts: it is lost with its giver's disk, and void when its giver is no member any more.
  bool holds_promise(const Submission& s) const;
  bool rival_is_final(const Submission& s) const;
  // Nothing more will be tried for it, or it is final.
  bool is_settled(const Submission& s) const;
  // Where the first attempt goes; later ones go to who promised last.
  void ask_first(std::size_t node) { likely_ = node; }

  // What is owed by now: words for what is missing, nothing if all is well.
  std::optional<std::string> owed() const;

 private:
  struct Log {
    const test::Party* by;
    LogKind kind;
    merkle::MemoryTree tree;
  };
  void attempt(Submission& s);
  void again(Submission& s);
  void answered(Submission& s, std::size_t node, unsigned wipes, const node::Reply& reply);
  bool keeps(const Submission& s, const node::Reply& reply) const;
  void send_head(Log& log);
  node::Call signed_call(const test::Party& by, const SimNode& to, std::string path, Bytes body);

  Cluster& cluster_;
  Draw draw_;
  std::vector<std::unique_ptr<Submission>> submissions_;
  std::array<Log, 2> logs_;
  std::size_t likely_;
};

}  // namespace lotmark::sim
