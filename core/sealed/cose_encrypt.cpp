#include "core/sealed/cose_encrypt.h"

#include <algorithm>

#include "core/sealed/associated.h"
#include "core/sealed/ciphers.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::sealed {

namespace {

constexpr std::array<std::uint8_t, 2> kTag96 = {0xd8, 0x60};
constexpr std::int64_t kHeaderIv = 5;
constexpr std::int64_t kHeaderPlace = -65540;  // private use: [salt, audience, key check]
constexpr std::size_t kEnvelopeItemsMax = 16 + 16 * limits::kSealedReaders;

Error no_envelope() { return fail(Errc::kSeal, "no COSE_Encrypt of a sealed segment"); }

bool is_bytes(const CborValue& v, std::size_t size) {
  return v.type() == CborType::kBytes && v.bytes().size() == size;
}

// The sealed segment out of [protected, unprotected, ciphertext].
Result<Segment> read_segment(const CborValue& header, const CborValue& unprotected,
                             const CborValue& ciphertext) {
  if (header.type() != CborType::kBytes || !std::ranges::equal(header.bytes(), kProtected) ||
      unprotected.type() != CborType::kMap || unprotected.count() != 2 ||
      ciphertext.type() != CborType::kBytes) {
    return no_envelope();
  }
  const auto iv = unprotected.find(kHeaderIv);
  const auto place = unprotected.find(kHeaderPlace);
  if (!iv || !is_bytes(*iv, kIvSize) || !place || place->type() != CborType::kArray ||
      place->count() != 3) {
    return no_envelope();
  }
  const auto salt = place->first();
  const auto audience = salt.next();
  const auto check = audience.next();
  if (!is_bytes(salt, Salt::kSize) || !is_bytes(check, Digest::kSize) ||
      audience.type() != CborType::kInt || audience.integer() < 0 ||
      audience.integer() >= kEnumCount<Audience>) {
    return no_envelope();
  }
  Segment out{*Salt::from(salt.bytes()), std::string(kName),
              static_cast<Audience>(audience.integer()), std::string(kMedia),
              content_bytes(iv->bytes(), *Digest::from(check.bytes()), ciphertext.bytes())};
  LM_TRY(read_content(out));
  return out;
}

Result<std::vector<Bytes>> read_recipients(const CborValue& list) {
  if (list.type() != CborType::kArray || list.count() == 0 ||
      list.count() > limits::kSealedReaders) {
    return no_envelope();
  }
  std::vector<Bytes> out;
  std::optional<KeyId> last;
  CborValue at = list.first();
  for (std::size_t i = 0; i < list.count(); ++i, at = at.next()) {
    if (at.type() != CborType::kArray) return no_envelope();
    LM_ASSIGN(const auto kid, recipient_kid(at.encoded()));
    if (last && kid <= *last) return fail(Errc::kSeal, "recipients are not ascending by kid");
    last = kid;
    out.push_back(to_bytes(at.encoded()));
  }
  return out;
}

// By kid, none twice.
Result<std::vector<Bytes>> in_order_of_kid(const std::vector<Bytes>& recipients) {
  std::vector<std::pair<KeyId, const Bytes*>> by_kid;
  for (const auto& r : recipients) {
    LM_ASSIGN(const auto kid, recipient_kid(r));
    by_kid.emplace_back(kid, &r);
  }
  std::ranges::sort(by_kid, {}, &std::pair<KeyId, const Bytes*>::first);
  std::vector<Bytes> out;
  for (std::size_t i = 0; i < by_kid.size(); ++i) {
    if (i > 0 && by_kid[i].first == by_kid[i - 1].first) {
      return fail(Errc::kSeal, "two recipients are for one reader");
    }
    out.push_back(*by_kid[i].second);
  }
  return out;
}

}  // namespace

Result<Bytes> cose_encrypt(const Segment& sealed, const std::vector<Bytes>& recipients) {
  LM_ASSIGN(const auto content, read_content(sealed));
  if (recipients.empty() || recipients.size() > limits::kSealedReaders) {
    return fail(Errc::kFieldRange, "a sealed segment is given to 1 to 256 readers");
  }
  LM_ASSIGN(const auto ordered, in_order_of_kid(recipients));
  return cbor_bytes([&](CborWriter& w) {
    w.raw(kTag96);
    w.array(4);
    w.bytes(kProtected);
    w.map(2);
    w.integer(kHeaderIv);
    w.bytes(content.iv);
    w.integer(kHeaderPlace);
    w.array(3);
    w.bytes(sealed.salt.view());
    w.uint(static_cast<std::uint64_t>(sealed.audience));
    w.bytes(content.check.view());
    w.bytes(content.ciphertext);
    w.array(ordered.size());
    for (const auto& r : ordered) w.raw(r);
  });
}

Result<Envelope> read_cose_encrypt(ByteView bytes) {
  if (bytes.size() > limits::kSealed) {
    return fail(Errc::kObjectTooLarge, "a COSE_Encrypt has at most 131072 bytes");
  }
  if (bytes.size() < kTag96.size() || !std::ranges::equal(bytes.first(kTag96.size()), kTag96)) {
    return no_envelope();
  }
  auto doc = CborDoc::parse(bytes.subspan(kTag96.size()), kEnvelopeItemsMax);
  if (!doc || doc->root().type() != CborType::kArray || doc->root().count() != 4) {
    return no_envelope();
  }
  const auto header = doc->root().first();
  const auto unprotected = header.next();
  const auto ciphertext = unprotected.next();
  LM_ASSIGN(auto sealed, read_segment(header, unprotected, ciphertext));
  LM_ASSIGN(auto recipients, read_recipients(ciphertext.next()));
  return Envelope{std::move(sealed), std::move(recipients)};
}

Result<Segment> open_envelope(const Digest& chain, const Envelope& envelope,
                              const OpeningKey& key) {
  for (const auto& recipient : envelope.recipients) {
    LM_ASSIGN(const auto kid, recipient_kid(recipient));
    if (kid != key.kid()) continue;
    LM_ASSIGN(const auto content_key, unwrap(recipient, key));
    return open_segment(chain, envelope.sealed, content_key);
  }
  return fail(Errc::kSealReader, "no recipient is for this key");
}

}  // namespace lotmark::sealed
