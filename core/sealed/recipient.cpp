#include "core/sealed/recipient.h"

#include "core/sealed/ciphers.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::sealed {

namespace {

// {1: -31}: ECDH-ES + A256KW.
constexpr std::array<std::uint8_t, 4> kRecipientHeader = {0xa1, 0x01, 0x38, 0x1e};
constexpr std::int64_t kA256Kw = -5;
constexpr std::uint64_t kKekBits = 256;
// The bytes of a recipient that never differ, and between them what does: kid, x, y, wrapped key.
constexpr std::array<std::uint8_t, 9> kToKid = {0x83, 0x44, 0xa1, 0x01, 0x38,
                                                0x1e, 0xa2, 0x04, 0x50};
constexpr std::array<std::uint8_t, 9> kToX = {0x20, 0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20};
constexpr std::array<std::uint8_t, 3> kToY = {0x22, 0x58, 0x20};
constexpr std::array<std::uint8_t, 2> kToWrapped = {0x58, kWrappedSize};
static_assert(kToKid.size() + KeyId::kSize + kToX.size() + 32 + kToY.size() + 32 +
                  kToWrapped.size() + kWrappedSize ==
              kRecipientSize);

// Takes `size` bytes off the front.
ByteView take_front(ByteView& rest, std::size_t size) {
  const ByteView out = rest.first(size);
  rest = rest.subspan(size);
  return out;
}

struct RecipientParts {
  KeyId kid;
  PublicKey ephemeral;
  ByteView wrapped;
};

Result<RecipientParts> read_recipient(ByteView bytes) {
  const auto none = [] { return fail(Errc::kSeal, "no recipient of a sealed segment"); };
  if (bytes.size() != kRecipientSize) return none();
  const auto fixed = [&](ByteView expected) {
    return std::ranges::equal(take_front(bytes, expected.size()), expected);
  };
  RecipientParts out;
  if (!fixed(kToKid)) return none();
  out.kid = *KeyId::from(take_front(bytes, KeyId::kSize));
  if (!fixed(kToX)) return none();
  out.ephemeral.bytes[0] = 4;
  std::ranges::copy(take_front(bytes, 32), out.ephemeral.data() + 1);
  if (!fixed(kToY)) return none();
  std::ranges::copy(take_front(bytes, 32), out.ephemeral.data() + 33);
  if (!fixed(kToWrapped)) return none();
  out.wrapped = bytes;
  return out;
}

// COSE_KDF_Context of RFC 9053 section 5.2: the key that comes of it wraps keys, and no party is named.
Bytes kdf_context() {
  return cbor_bytes([](CborWriter& w) {
    const auto party = [&w] {
      w.array(3);
      for (int i = 0; i < 3; ++i) w.null();
    };
    w.array(4);
    w.integer(kA256Kw);
    party();
    party();
    w.array(2);
    w.uint(kKekBits);
    w.bytes(kRecipientHeader);
  });
}

}  // namespace

Result<Bytes> wrap(const ContentKey& key, const ReaderKey& reader) {
  LM_ASSIGN(const auto ephemeral, OpeningKey::from(new_scalar()));
  LM_ASSIGN(const auto secret, ephemeral.agree(reader.point));
  const Bytes wrapped = key_wrap(hkdf(secret, kdf_context()), key);
  const ByteView point = ephemeral.public_key().view();
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(kRecipientHeader);
    w.map(2);
    w.uint(4);  // kid
    w.bytes(reader.kid.view());
    w.integer(-1);  // ephemeral key: COSE_Key, EC2 (2) on P-256 (1)
    w.map(4);
    w.uint(1);
    w.uint(2);
    w.integer(-1);
    w.uint(1);
    w.integer(-2);
    w.bytes(point.subspan(1, 32));
    w.integer(-3);
    w.bytes(point.subspan(33, 32));
    w.bytes(wrapped);
  });
}

Result<ContentKey> unwrap(ByteView recipient, const OpeningKey& key) {
  LM_ASSIGN(const auto parts, read_recipient(recipient));
  if (parts.kid != key.kid()) {
    return fail(Errc::kSealReader, "the content key is wrapped for another reader");
  }
  const auto secret = key.agree(parts.ephemeral);
  if (secret.code() == Errc::kKeyBad) {
    return fail(Errc::kSeal, "the recipient's ephemeral key is no point of P-256");
  }
  if (!secret) return secret.error();
  return key_unwrap(hkdf(*secret, kdf_context()), parts.wrapped);
}

Result<KeyId> recipient_kid(ByteView recipient) {
  LM_ASSIGN(const auto parts, read_recipient(recipient));
  return parts.kid;
}

}  // namespace lotmark::sealed
