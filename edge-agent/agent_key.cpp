// What happens while the record key does not sign.
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "edge-agent/agent.h"

namespace lotmark::agent {

namespace {
using Steady = std::chrono::steady_clock;
constexpr auto kKeyRetry = std::chrono::seconds(5);
}  // namespace

// A key that does not sign, such as one in a token that was pulled out, holds up what it is to seal and ends nothing: the
// windows are still there, and it is tried again as a commit is.
Status Agent::but_for_the_key(const Status& done) {
  if (done || done.code() != Errc::kCrypto) return done;
  if (!key_failed_) log::error("key.failed", {{"error", done.error().message()}});
  key_failed_ = true;
  key_retry_at_ = Steady::now() + kKeyRetry;
  return {};
}

// By a signature that nobody sees, so that what waits is touched only once it works.
Status Agent::try_key() {
  if (!key_failed_ || Steady::now() < key_retry_at_) return {};
  const auto tried = signer_->sign(sha256(as_bytes("does the key sign")));
  if (!tried) return but_for_the_key(tried.error());
  key_failed_ = false;
  log::info("key.signs");
  if (uplink_->online()) publish_birth(false);  // one that was due meanwhile was not
  for (auto& lane : lanes_) {
    if (std::exchange(lane.seal_due, false)) LM_TRY(but_for_the_key(seal_at_once(lane)));
  }
  return {};
}

Status Agent::seal_at_once(Lane& lane) {
  seals_due_.emplace();
  return bundler_.seal(lane.place, clock_.now(), clock_.state(), batch_.sealed);
}

}  // namespace lotmark::agent
