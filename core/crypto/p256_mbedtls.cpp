#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>

#include "core/base/random.h"
#include "core/crypto/p256.h"

namespace lotmark {

namespace {

int blinding_random(void* /*ctx*/, unsigned char* out, size_t size) {
  fill_random(out, size);
  return 0;
}

// RFC 6979: the nonce comes from the key and the digest; the generator only blinds the arithmetic.
class MbedtlsSigner final : public Signer {
 public:
  MbedtlsSigner() { mbedtls_ecp_keypair_init(&pair_); }
  MbedtlsSigner(const MbedtlsSigner&) = delete;
  MbedtlsSigner& operator=(const MbedtlsSigner&) = delete;
  ~MbedtlsSigner() override { mbedtls_ecp_keypair_free(&pair_); }

  Status load(ByteView scalar) {
    if (scalar.size() != 32) return fail(Errc::kKeyBad, "a P-256 scalar has 32 bytes");
    std::size_t size = 0;
    if (mbedtls_ecp_group_load(&pair_.grp, MBEDTLS_ECP_DP_SECP256R1) != 0 ||
        mbedtls_mpi_read_binary(&pair_.d, scalar.data(), scalar.size()) != 0 ||
        mbedtls_ecp_check_privkey(&pair_.grp, &pair_.d) != 0 ||
        mbedtls_ecp_mul(&pair_.grp, &pair_.Q, &pair_.d, &pair_.grp.G, blinding_random, nullptr) !=
            0 ||
        mbedtls_ecp_point_write_binary(&pair_.grp, &pair_.Q, MBEDTLS_ECP_PF_UNCOMPRESSED, &size,
                                       pub_.data(), PublicKey::kSize) != 0 ||
        size != PublicKey::kSize) {
      return fail(Errc::kKeyBad, "scalar out of range");
    }
    kid_ = key_id(pub_);
    return {};
  }

  const PublicKey& public_key() const override { return pub_; }
  const KeyId& kid() const override { return kid_; }

  Result<Signature> sign(const Digest& digest) const override {
    mbedtls_ecp_group grp;  // mbedTLS caches in the group: a copy a call keeps the signer shareable
    mbedtls_mpi r;
    mbedtls_mpi s;
    mbedtls_ecp_group_init(&grp);
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    Signature out;
    const bool ok = mbedtls_ecp_group_copy(&grp, &pair_.grp) == 0 &&
                    mbedtls_ecdsa_sign_det_ext(&grp, &r, &s, &pair_.d, digest.data(), Digest::kSize,
                                               MBEDTLS_MD_SHA256, blinding_random, nullptr) == 0 &&
                    mbedtls_mpi_write_binary(&r, out.data(), 32) == 0 &&
                    mbedtls_mpi_write_binary(&s, out.data() + 32, 32) == 0;
    mbedtls_mpi_free(&s);
    mbedtls_mpi_free(&r);
    mbedtls_ecp_group_free(&grp);
    if (!ok) return fail(Errc::kCrypto, "mbedTLS did not sign");
    return out;
  }

 private:
  mbedtls_ecp_keypair pair_;
  PublicKey pub_;
  KeyId kid_;
};

}  // namespace

Result<std::unique_ptr<Signer>> signer_mbedtls(ByteView scalar) {
  auto signer = std::make_unique<MbedtlsSigner>();
  LM_TRY(signer->load(scalar));
  return std::unique_ptr<Signer>(std::move(signer));
}

}  // namespace lotmark
