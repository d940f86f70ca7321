#include "tests/e2e/releaser/releases.h"

#include "core/wire/sign1.h"
#include "ledger-node/peer/call.h"
#include "tests/e2e/releaser/say.h"

namespace lotmark::e2e {

namespace {

constexpr std::int64_t kAgainMs = 150;
constexpr std::int64_t kDoubtMs = 20000;  // after a promise
constexpr std::chrono::milliseconds kAnswerMost{1000};

}  // namespace

Releases::Releases(const node::NodeConfig& config, Signers signers,
                   std::vector<node::PeerAddress> supervisors)
    : config_(config), signers_(std::move(signers)), supervisors_(std::move(supervisors)) {}

Result<std::unique_ptr<Releases>> Releases::open(const node::NodeConfig& config, Signers signers,
                                                 std::vector<node::PeerAddress> supervisors,
                                                 std::size_t workers) {
  std::unique_ptr<Releases> r(new Releases(config, std::move(signers), std::move(supervisors)));
  for (const auto& s : r->supervisors_) {
    LM_ASSIGN(auto client, http::Client::make({s.url, config.peer_tls.ca, config.peer_tls.cert,
                                               config.peer_tls.key, kAnswerMost}));
    r->clients_.push_back(std::move(client));
  }
  for (std::size_t i = 0; i < workers; ++i) r->threads_.emplace_back([p = r.get()] { p->work(); });
  return r;
}

Releases::~Releases() {
  {
    const std::lock_guard guard(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (auto& t : threads_) t.join();
}

Status Releases::make(std::uint64_t number) {
  One one;
  one.lot = "F-" + std::to_string(number);
  LM_ASSIGN(one.object, seal_release(one.lot, signers_));
  LM_ASSIGN(auto release, lotmark::open<Release>(one.object, signers_.chain));
  one.id = release.id;
  say("made", {{"lot", one.lot}});
  const std::lock_guard guard(mutex_);
  ++count_.made;
  const auto [at, added] = all_.emplace(one.lot, std::move(one));
  open_.push_back(&at->second);
  wake_.notify_one();
  return {};
}

void Releases::is_final(const std::string& lot) {
  const std::lock_guard guard(mutex_);
  const auto at = all_.find(lot);
  if (at == all_.end() || at->second.final) return;
  at->second.final = true;
  ++count_.final;
  if (at->second.promised != 0)
    count_.slowest_ms = std::max(count_.slowest_ms, now_ms() - at->second.promised);
}

void Releases::orders(const KeyId& signer) {
  const std::lock_guard guard(mutex_);
  for (std::size_t i = 0; i < supervisors_.size(); ++i) {
    if (supervisors_[i].kid == signer) likely_ = i;
  }
}

Releases::Count Releases::count() const {
  const std::lock_guard guard(mutex_);
  return count_;
}

// With the lock held: the oldest that is due.
Releases::One* Releases::next(std::int64_t now) {
  std::erase_if(open_, [](const One* o) { return o->final && !o->busy; });
  for (One* o : open_) {
    if (!o->busy && o->due <= now) return o;
  }
  return nullptr;
}

Releases::Answer Releases::submit(std::size_t to, const Bytes& object, const Digest& id) {
  auto response = submit_release(clients_[to], supervisors_[to].kid, signers_, object);
  if (!response) return {false, response.error().message()};
  node::Reply reply;
  reply.status = response->status;
  reply.body = std::move(response->body);
  if (!reply.ok()) return {false, node::problem_error(reply).message()};
  const auto promise = lotmark::open<Promise>(reply.body, signers_.chain);
  const bool good = promise && promise->kid == supervisors_[to].kid && promise->body.object == id;
  return {good, good ? "" : "no promise for this release"};
}

void Releases::work() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    One* o = next(now_ms());
    if (o == nullptr) {
      wake_.wait_for(lock, std::chrono::milliseconds(50));
      continue;
    }
    o->busy = true;
    if (o->promised != 0) ++count_.asked_again;
    const std::size_t to = likely_;
    lock.unlock();
    const Answer answer = submit(to, o->object, o->id);
    lock.lock();
    o->busy = false;
    o->due = now_ms() + (answer.promised ? kDoubtMs : kAgainMs);
    if (!answer.promised && likely_ == to) likely_ = (to + 1) % supervisors_.size();
    if (!answer.promised || o->promised != 0) continue;
    o->promised = now_ms();
    ++count_.promised;
    lock.unlock();
    say("promised", {{"lot", o->lot}, {"by", supervisors_[to].name}});
    lock.lock();
  }
}

}  // namespace lotmark::e2e
