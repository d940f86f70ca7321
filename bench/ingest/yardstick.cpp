#include <openssl/evp.h>
#include <sys/resource.h>

#include "bench/ingest/runs.h"
#include "core/base/assert.h"
#include "core/crypto/sha256.h"

namespace lotmark::bench {

namespace {

std::size_t head_size(std::uint64_t v) {
  return v < 24 ? 1 : v < 0x100 ? 2 : v < 0x10000 ? 3 : v < 0x100000000 ? 5 : 9;
}

std::size_t annotation_size(const merkle::Annotation& a) {
  const auto integer = [](std::int64_t v) {
    return head_size(v < 0 ? ~static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v));
  };
  return 1 + head_size(a.count) + integer(a.min) + integer(a.max) + head_size(a.t_first) +
         head_size(a.t_last) + head_size(a.gap_max);
}

// One EVP context for all messages, set to SHA-256 once.
class EvpHash {
 public:
  EvpHash() : ctx_(EVP_MD_CTX_new()), md_(EVP_MD_fetch(nullptr, "SHA256", nullptr)) {
    LM_ASSERT(ctx_ != nullptr && md_ != nullptr && EVP_DigestInit_ex2(ctx_, md_, nullptr) == 1);
  }
  EvpHash(const EvpHash&) = delete;
  EvpHash& operator=(const EvpHash&) = delete;
  ~EvpHash() {
    EVP_MD_CTX_free(ctx_);
    EVP_MD_free(md_);
  }
  void operator()(ByteView data) {
    std::uint8_t out[32];
    unsigned size = 0;
    EVP_DigestInit_ex2(ctx_, nullptr, nullptr);
    EVP_DigestUpdate(ctx_, data.data(), data.size());
    EVP_DigestFinal_ex(ctx_, out, &size);
    sum = static_cast<std::uint8_t>(sum + out[0]);
  }
  std::uint8_t sum = 0;  // so that nothing is optimised away

 private:
  EVP_MD_CTX* ctx_;
  EVP_MD* md_;
};

struct LeanHash {
  void operator()(ByteView data) { sum = static_cast<std::uint8_t>(sum + sha256(data).bytes[0]); }
  std::uint8_t sum = 0;
};

// Sizes of all that is hashed for one bundle.
std::vector<std::size_t> hash_sizes(const Prepared::One& b, std::size_t readings) {
  std::vector<std::size_t> sizes = {b.signed_bytes};
  const std::size_t value = head_size(static_cast<std::uint64_t>(b.annotation.max));
  for (std::size_t i = 0; i < readings; ++i) {
    sizes.push_back(32 + 4 + 4);                                            // leaf salt
    sizes.push_back(1 + 1 + 17 + head_size(b.annotation.t_first) + value);  // leaf
  }
  merkle::Annotation a = b.annotation;
  for (std::size_t width = 1, nodes = readings / 2; nodes > 0; width *= 2, nodes /= 2) {
    a.count = width;
    a.gap_max = width == 1 ? 0 : b.annotation.gap_max;
    for (std::size_t i = 0; i < nodes; ++i) sizes.push_back(1 + 2 * (annotation_size(a) + 32));
  }
  sizes.push_back(1 + 32);       // leaf of the intake tree
  sizes.push_back(1 + 32 + 32);  // and one node of it a leaf
  return sizes;
}

template <class Hash>
double measure(const Prepared& p, const std::vector<Verifier>& verifiers, Hash& hash) {
  const auto sizes = hash_sizes(p.bundles.front(), p.readings);
  const Bytes data(*std::ranges::max_element(sizes), 0x5a);
  const double before = cpu_seconds();
  for (const auto& b : p.bundles) {
    LM_ASSERT(verifiers[b.device].verify(b.id, b.signature));
    for (const std::size_t n : sizes) hash(ByteView(data).first(n));
  }
  return cpu_seconds() - before;
}

}  // namespace

double cpu_seconds() {
  rusage u{};
  getrusage(RUSAGE_SELF, &u);
  const auto s = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return s(u.ru_utime) + s(u.ru_stime);
}

double yardstick_seconds(const Prepared& p, bool lean) {
  std::vector<Verifier> verifiers;
  for (const auto& d : p.devices) {
    auto v = Verifier::from(d.signer->public_key());
    LM_ASSERT(v);
    verifiers.push_back(*std::move(v));
  }
  if (lean) {
    LeanHash hash;
    return measure(p, verifiers, hash);
  }
  EvpHash hash;
  return measure(p, verifiers, hash);
}

}  // namespace lotmark::bench
