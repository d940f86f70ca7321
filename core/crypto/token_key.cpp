#include "core/crypto/token_key.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "core/base/random.h"
#include "core/crypto/token_module.h"

namespace lotmark {

namespace {

// secp256r1 as ECParameters (RFC 5480 section 2.1.1.1), and the DER head of its uncompressed points.
constexpr std::array<std::uint8_t, 10> kP256 = {0x06, 0x08, 0x2a, 0x86, 0x48,
                                                0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 2> kPointHead = {0x04, PublicKey::kSize};

// CKA_EC_POINT is the point in an OCTET STRING; some tokens leave that out.
Result<PublicKey> to_point(ByteView der) {
  if (der.size() == kPointHead.size() + PublicKey::kSize &&
      std::ranges::equal(der.first(kPointHead.size()), kPointHead)) {
    der = der.subspan(kPointHead.size());
  }
  PublicKey key;
  if (der.size() != PublicKey::kSize) return fail(Errc::kKeyBad, "no uncompressed P-256 point");
  std::ranges::copy(der, key.data());
  LM_TRY(Verifier::from(key));
  return key;
}

Result<PublicKey> read_public(const TokenSession& session, CK_OBJECT_HANDLE object) {
  LM_ASSIGN(const auto curve, session.attribute(object, CKA_EC_PARAMS));
  if (!std::ranges::equal(curve, kP256)) return fail(Errc::kKeyBad, "no key of the curve P-256");
  LM_ASSIGN(const auto point, session.attribute(object, CKA_EC_POINT));
  return to_point(point);
}

// A key and the session it was found in.
struct Opened {
  TokenSession session;
  CK_OBJECT_HANDLE key;
  PublicKey point;
};

Result<Opened> open_key(const TokenUri& uri) {
  LM_ASSIGN(auto session, TokenSession::open(uri, false));
  const auto one = [&](CK_OBJECT_CLASS kind, const char* what) -> Result<CK_OBJECT_HANDLE> {
    LM_ASSIGN(const auto found, session.find(uri, kind));
    if (found.size() == 1) return found[0];
    return fail(found.empty() ? Errc::kNotFound : Errc::kConflict,
                fmt::format("{} holds {} {} {}", uri.token(),
                            found.empty() ? "no" : "more than one", what, uri.object()));
  };
  LM_ASSIGN(const auto key, one(CKO_PRIVATE_KEY, "private key"));
  LM_ASSIGN(const auto object, one(CKO_PUBLIC_KEY, "public key"));
  LM_ASSIGN(const auto point, read_public(session, object));
  return Opened{std::move(session), key, point};
}

class TokenSigner final : public Signer {
 public:
  TokenSigner(TokenUri uri, Opened opened)
      : uri_(std::move(uri)),
        pub_(opened.point),
        kid_(key_id(opened.point)),
        opened_(std::move(opened)) {}

  const PublicKey& public_key() const override { return pub_; }
  const KeyId& kid() const override { return kid_; }

  Result<Signature> sign(const Digest& digest) const override {
    std::lock_guard lock(mutex_);
    auto first = sign_once(digest);
    if (first) return first;
    // The token was taken away, or another program logged it out: once more from the start.
    auto again = open_key(uri_);
    if (!again && again.code() == Errc::kDenied) return again.error();  // a PIN has few tries
    if (!again) return first.error();
    if (again->point != pub_) return fail(Errc::kKeyBad, uri_.token() + " holds another key now");
    opened_ = std::move(*again);
    return sign_once(digest);
  }

 private:
  Result<Signature> sign_once(const Digest& digest) const {
    auto& api = opened_.session.api();
    CK_MECHANISM mechanism{CKM_ECDSA, nullptr, 0};
    CK_RV rv = api.C_SignInit(opened_.session.handle(), &mechanism, opened_.key);
    if (rv != CKR_OK) return token_error(uri_.token() + " does not sign", rv);
    Digest input = digest;
    Signature out;
    CK_ULONG size = Signature::kSize;
    rv = api.C_Sign(opened_.session.handle(), input.data(), Digest::kSize, out.data(), &size);
    if (rv != CKR_OK || size != Signature::kSize)
      return token_error(uri_.token() + " does not sign", rv);
    return out;
  }

  const TokenUri uri_;
  const PublicKey pub_;
  const KeyId kid_;
  mutable std::mutex mutex_;
  mutable Opened opened_;
};

}  // namespace

Result<std::unique_ptr<Signer>> signer_token(std::string_view text) {
  LM_ASSIGN(auto uri, TokenUri::parse(text));
  LM_ASSIGN(auto opened, open_key(uri));
  auto signer = std::make_unique<TokenSigner>(std::move(uri), std::move(opened));
  const auto digest = random_fixed<Digest>();
  LM_ASSIGN(const auto signature, signer->sign(digest));
  if (!verify_once(signer->public_key(), digest, signature))
    return fail(Errc::kKeyBad, "the token's public key is not its private key's");
  return std::unique_ptr<Signer>(std::move(signer));
}

Result<PublicKey> make_token_key(std::string_view text) {
  LM_ASSIGN(auto uri, TokenUri::parse(text));
  LM_ASSIGN(auto session, TokenSession::open(uri, true));
  for (CK_OBJECT_CLASS kind : {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    LM_ASSIGN(const auto taken, session.find(uri, kind));
    if (!taken.empty())
      return fail(Errc::kConflict, uri.token() + " holds a key " + uri.object() + " already");
  }
  CK_BBOOL yes = CK_TRUE;
  CK_BBOOL no = CK_FALSE;
  auto curve = kP256;
  auto open = uri.name();
  auto secret = uri.name();
  open.insert(
      open.end(),
      {{CKA_TOKEN, &yes, 1}, {CKA_VERIFY, &yes, 1}, {CKA_EC_PARAMS, curve.data(), curve.size()}});
  secret.insert(secret.end(), {{CKA_TOKEN, &yes, 1},
                               {CKA_PRIVATE, &yes, 1},
                               {CKA_SIGN, &yes, 1},
                               {CKA_SENSITIVE, &yes, 1},
                               {CKA_EXTRACTABLE, &no, 1}});
  CK_MECHANISM mechanism{CKM_EC_KEY_PAIR_GEN, nullptr, 0};
  CK_OBJECT_HANDLE pub = 0;
  CK_OBJECT_HANDLE priv = 0;
  const CK_RV rv =
      session.api().C_GenerateKeyPair(session.handle(), &mechanism, open.data(), open.size(),
                                      secret.data(), secret.size(), &pub, &priv);
  if (rv != CKR_OK) return token_error(uri.token() + " makes no key", rv);
  return read_public(session, pub);
}

std::string check_token_uri(std::string_view text) {
  auto uri = TokenUri::parse(text);
  return uri ? "" : uri.error().text;
}

}  // namespace lotmark
