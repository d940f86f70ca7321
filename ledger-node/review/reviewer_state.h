// The reviewer's insides, for its own sources only: reviewer.cpp (peers, what is due) and
// reviewer_control.cpp (operators).
#pragma once

#include <nlohmann/json.hpp>

#include "ledger-node/review/delivery.h"
#include "ledger-node/review/fetch.h"
#include "ledger-node/review/reviewer.h"
#include "ledger-node/review/second_reviews.h"
#include "ledger-node/review/submissions.h"

namespace lotmark::node {

using review::ReviewRow;
using Json = nlohmann::json;

struct Reviewer::State {
  // What a tick works on: an applied lot is fetched, a decided one delivered.
  struct Work {
    KeyId enterprise;
    std::shared_ptr<review::Fetch> fetch;
    std::shared_ptr<review::Delivery> delivery;
    Time not_before{};  // after a fault of our own
    std::string told;   // why it waits, as it was logged
    Time tell_from{};   // another reason is logged
  };

  State(const store::Database& db, const Signer& s, chain::PublicChain& c, chain::ReceivedLog& r,
        const ReviewerConfig& cfg, std::map<Digest, LineFile> l)
      : signer(s),
        chain(c),
        received(r),
        config(cfg),
        lines(std::move(l)),
        store(db),
        submissions(s.kid(), c, r, store, lines, {cfg.open_lots, cfg.opening_days}),
        second(db, c, store, s.kid(), cfg.second_every) {}

  const Signer& signer;
  chain::PublicChain& chain;
  chain::ReceivedLog& received;
  ReviewerConfig config;
  std::map<Digest, LineFile> lines;
  review::ReviewStore store;
  review::Submissions submissions;
  review::SecondReviews second;
  struct SecondWork {
    review::SecondRow row;
    KeyId enterprise;
    std::shared_ptr<review::Fetch> fetch;
  };
  std::map<std::uint64_t, SecondWork> second_work;  // by block
  std::map<std::uint64_t, Time> second_put_off;     // by block: failed here, not again before
  Time second_due{};
  std::map<Digest, Work> work;  // by start signal
  std::uint64_t refused_calls = 0;

  // Peer side.
  Result<std::vector<Bytes>> transactions(const Route& route, const Member& from) const;
  Reply answer(Result<Bytes> arrival, const Member& from);
  // Tick.
  Status begin(const Digest& start);
  void go_on(const Digest& start, Time now, std::vector<Outgoing>& out);
  void tell_why(const Digest& start, Time now);
  Status finish_fetch(const Digest& start, review::Fetched fetched, Time now);
  Status finish_delivery(const Digest& start);
  std::shared_ptr<review::Fetch> fetch(const ReviewRow& row, std::uint64_t applied,
                                       std::uint64_t asked) const;
  Result<review::ReviewInput> input_of(const ReviewRow& row, review::Fetched fetched) const;
  Status conclude(ReviewRow& row, const review::ReviewFindings& found, Time now);
  bool decides(const Opening& opening) const { return opening.reviewers.front() == signer.kid(); }
  // Second reviews.
  void tick_second(Time now, std::vector<Outgoing>& out);
  Status begin_second(Time now);
  void put_off_second(std::uint64_t block, const Error& why, Time now);
  Status finish_second(const SecondWork& work, Time now);
  Result<Json> second_list() const;
  // Control side.
  Result<ReviewRow> find_review(const Route& route) const;
  Result<ReviewRow> find_decidable(const Route& route, const Json& body) const;
  Result<std::vector<ReviewRow>> of_route(const Route& route) const;
  Result<Json> list() const;
  // Why a lot's rows are still asked for; null if they are not, or nothing went wrong.
  Json waits(const Digest& start) const;
  Result<Json> approve(ReviewRow row, const Json& body, Time now);
  Result<Json> reject(ReviewRow row, const Json& body, Time now);
  Status may_decide(const ReviewRow& row, std::string_view wanted) const;
  Result<Json> decided(const ReviewRow& row);
};

}  // namespace lotmark::node
