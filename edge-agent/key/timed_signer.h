// A signer that measures the other one: tokens grow slow when they are hot or shared, long before they fail.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>

#include "core/crypto/p256.h"

namespace lotmark::agent {

class TimedSigner final : public Signer {
 public:
  explicit TimedSigner(std::unique_ptr<Signer> inner) : inner_(std::move(inner)) {}
  const PublicKey& public_key() const override { return inner_->public_key(); }
  const KeyId& kid() const override { return inner_->kid(); }
  Result<Signature> sign(const Digest& digest) const override {
    const auto begin = std::chrono::steady_clock::now();
    auto out = inner_->sign(digest);
    const auto took = std::chrono::steady_clock::now() - begin;
    spent_us_ += static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(took).count());
    ++count_;
    return out;
  }
  std::uint64_t count() const { return count_; }
  double seconds() const { return static_cast<double>(spent_us_) / 1e6; }

 private:
  std::unique_ptr<Signer> inner_;
  mutable std::atomic<std::uint64_t> count_{0};
  mutable std::atomic<std::uint64_t> spent_us_{0};
};

}  // namespace lotmark::agent
