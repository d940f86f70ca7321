#include "api/access/good_credentials.h"

#include "core/crypto/sha256.h"

namespace lotmark::api::access {

void GoodCredentials::note(std::string_view token) {
  const Digest digest = sha256(as_bytes(token));
  const std::lock_guard lock(state_->mutex);
  if (!state_->young.insert(digest).second || state_->young.size() < count_) return;
  state_->old = std::move(state_->young);
  state_->young.clear();
}

void GoodCredentials::forget(std::string_view token) {
  const Digest digest = sha256(as_bytes(token));
  const std::lock_guard lock(state_->mutex);
  state_->young.erase(digest);
  state_->old.erase(digest);
}

bool GoodCredentials::knows(std::string_view token) const {
  const Digest digest = sha256(as_bytes(token));
  const std::lock_guard lock(state_->mutex);
  return state_->young.contains(digest) || state_->old.contains(digest);
}

}  // namespace lotmark::api::access
