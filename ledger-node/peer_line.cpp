#include "ledger-node/peer_line.h"

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/limits.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kQueueMax = 256;
constexpr std::size_t kEmptyList = 1;                              // bytes of it
constexpr std::size_t kAnswerMax = limits::kEvidence + 64 * 1024;  // a list of one evidence file

Reply unavailable(const char* why) {
  Reply r;
  r.status = 503;
  r.error = fail(Errc::kUnavailable, why);
  return r;
}

}  // namespace

PeerLine::PeerLine(NodeCore& core, KeyId kid, http::Client client, const Clock& clock, Wake& wake)
    : core_(core),
      kid_(kid),
      client_(std::move(client)),
      clock_(clock),
      wake_ticker_(wake),
      thread_([this] { run(); }) {}

void PeerLine::stop() {
  {
    const std::lock_guard guard(lock_);
    stop_ = true;
  }
  wake_.notify_all();
}

PeerLine::~PeerLine() {
  stop();
  thread_.join();
}

void PeerLine::push(Outgoing call) {
  const char* why = nullptr;
  {
    const std::lock_guard guard(lock_);
    if (std::chrono::steady_clock::now() < not_before_) {
      why = "it did not answer a moment ago";
    } else if (queue_.size() >= kQueueMax) {
      why = "too many calls wait for this peer";
    } else {
      queue_.push_back(std::move(call));
      wake_.notify_one();
      return;
    }
  }
  core_.complete(call, unavailable(why));
}

Reply PeerLine::make(const Outgoing& out) {
  Call call{out.method, out.path, out.body, {}};
  Reply reply;
  reply.status = 0;
  auto token = core_.authorize(kid_, call, clock_.now());
  if (!token) {
    reply.error = token.error();
    return reply;
  }
  auto response = client_.send(call.method, call.path,
                               {{"authorization", *token}, {"content-type", "application/cbor"}},
                               call.body, kAnswerMax);
  if (!response) {
    reply.error = response.error();
    return reply;
  }
  reply.status = response->status;
  reply.content_type = response->content_type;
  reply.body = std::move(response->body);
  if (reply.status >= 300) reply.error = problem_error(reply);
  return reply;
}

// After each call, with the lock held: who answers, even with a refusal, is there.
void PeerLine::note(const Reply& reply) {
  if (reply.status != 0) {
    if (backoff_.failures() != 0) log::info("peer.back", {{"peer", short_hex(kid_)}});
    backoff_.succeeded();
    return;
  }
  if (backoff_.failures() == 0) {
    log::warn("peer.unreachable", {{"peer", short_hex(kid_)}, {"error", reply.error->message()}});
  }
  not_before_ = std::chrono::steady_clock::now() + backoff_.failed();
}

void PeerLine::run() {
  std::unique_lock guard(lock_);
  while (true) {
    wake_.wait(guard, [&] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    const Outgoing call = std::move(queue_.front());
    queue_.pop_front();
    const bool rest = std::chrono::steady_clock::now() < not_before_;
    guard.unlock();
    const Reply reply = rest ? unavailable("it did not answer a moment ago") : make(call);
    guard.lock();
    if (!rest) note(reply);
    guard.unlock();
    core_.complete(call, reply);
    if (reply.ok() && reply.body.size() > kEmptyList) wake_ticker_.ring();
    guard.lock();
  }
}

}  // namespace lotmark::node
