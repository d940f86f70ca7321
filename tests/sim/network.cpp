#include "tests/sim/network.h"

#include <fmt/format.h>

namespace lotmark::sim {

namespace {

Kind request_kind(const node::Call& call) {
  if (call.path == "/peer/v1/releases") return Kind::kReleases;
  if (call.path == "/peer/v1/heads") return Kind::kHeads;
  if (call.path == "/peer/v1/votes") return Kind::kVotes;
  return Kind::kOther;
}

Kind reply_kind(const node::Call& call) {
  if (call.path == "/peer/v1/releases") return Kind::kPromises;
  if (call.path.starts_with("/peer/v1/blocks")) return Kind::kBlocks;
  if (call.method == "GET" && call.path.starts_with("/peer/v1/votes")) return Kind::kVotesTold;
  return Kind::kOther;
}

node::Reply nobody(const char* why) {
  node::Reply r;
  r.status = 0;
  r.error = fail(Errc::kNetwork, why);
  return r;
}

}  // namespace

std::optional<Kind> kind_from(std::string_view word) {
  if (word == "releases") return Kind::kReleases;
  if (word == "promises") return Kind::kPromises;
  if (word == "votes") return Kind::kVotes;
  if (word == "blocks") return Kind::kBlocks;
  if (word == "heads") return Kind::kHeads;
  return std::nullopt;
}

Network::Network(Timeline& timeline, Journal& journal, Draw draw, Serve serve, NameOf name_of)
    : timeline_(timeline),
      journal_(journal),
      draw_(draw),
      serve_(std::move(serve)),
      name_of_(std::move(name_of)) {}

std::string Network::words(const Exchange& e) const {
  return fmt::format("{} {} of {} to {}", e.call.method, e.call.path.substr(9), name_of_(e.from),
                     name_of_(e.to));
}

Millis Network::delay() {
  if (weather.straggle > 0 && draw_.permille(weather.straggle)) {
    return Millis{draw_.between(0, kTimeout.count() * 3 / 2)};
  }
  return Millis{draw_.between(weather.least.count(), weather.most.count())};
}

std::string_view Network::lost(Kind kind, const KeyId& from, const KeyId& to, unsigned chance) {
  if (cut_.contains({from, to})) return "cut off";
  for (auto& r : rules_) {
    if (r.kind != kind || r.from != from || r.to != to || r.count == 0) continue;
    --r.count;
    return "dropped as told";
  }
  return chance > 0 && draw_.permille(chance) ? "lost" : "";
}

void Network::send(const KeyId& from, const KeyId& to, node::Call call, Answered answered) {
  auto e = std::make_shared<Exchange>(Exchange{from, to, std::move(call), std::move(answered)});
  timeline_.after(kTimeout, [this, e] { finish(e, nobody("no answer in time")); });
  const auto why = lost(request_kind(e->call), from, to, weather.drop_request);
  if (!why.empty()) {
    journal_.say(fmt::format("{}: {}", words(*e), why));
    return;
  }
  timeline_.after(delay(), [this, e] { deliver(e); });
  if (weather.duplicate > 0 && draw_.permille(weather.duplicate)) {
    timeline_.after(delay(), [this, e] { deliver(e); });
  }
}

void Network::deliver(const std::shared_ptr<Exchange>& e) {
  if (cut_.contains({e->from, e->to})) return;  // cut while it was under way
  auto reply = serve_(e->to, e->call);
  if (!reply) {
    timeline_.after(delay(), [this, e] { finish(e, nobody("nobody listens there")); });
    return;
  }
  if (reply->status >= 300) reply->error = node::problem_error(*reply);
  const auto told = fmt::format("{}: {}{}", words(*e), reply->status,
                                reply->error ? " " + reply->error->message() : "");
  const bool votes = e->call.path.starts_with("/peer/v1/votes");  // the newest ones, each time
  const bool nothing_new =
      e->call.method == "GET" && reply->ok() && (votes || reply->body.size() <= 1);
  const bool too_early = reply->error && reply->error->code == Errc::kNotReady;
  if (nothing_new || too_early) journal_.count(told);
  else journal_.say(told);
  const auto why = lost(reply_kind(e->call), e->to, e->from, weather.drop_reply);
  if (!why.empty()) {
    journal_.say(fmt::format("answer to {}: {}", words(*e), why));
    return;
  }
  timeline_.after(delay(), [this, e, reply = std::move(*reply)] {
    if (!cut_.contains({e->to, e->from})) finish(e, reply);
  });
}

void Network::finish(const std::shared_ptr<Exchange>& e, const node::Reply& reply) {
  if (!e->answered) return;
  const auto answered = std::exchange(e->answered, nullptr);
  if (reply.status == 0) journal_.say(fmt::format("{}: {}", words(*e), reply.error->message()));
  answered(reply);
}

void Network::heal() {
  cut_.clear();
  rules_.clear();
}

void Network::drop_next(std::size_t count, Kind kind, const KeyId& from, const KeyId& to) {
  rules_.push_back({count, kind, from, to});
}

}  // namespace lotmark::sim
