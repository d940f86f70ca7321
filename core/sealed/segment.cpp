#include "core/sealed/segment.h"

#include "core/base/random.h"
#include "core/sealed/associated.h"
#include "core/sealed/ciphers.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/codec.h"

namespace lotmark::sealed {

namespace {

constexpr std::string_view kBound = "lotmark/sealed/1";
constexpr std::size_t kItemsMax = 4;  // an array of 3, of content and plaintext

// Enc_structure of RFC 9052 section 5.3 over what binds the ciphertext to its place.
Bytes associated_data(const Digest& chain, const Segment& sealed, const Digest& check) {
  const Bytes external = cbor_bytes([&](CborWriter& w) {
    w.array(5);
    w.text(kBound);
    w.bytes(chain.view());
    w.bytes(sealed.salt.view());
    w.uint(static_cast<std::uint64_t>(sealed.audience));
    w.bytes(check.view());
  });
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.text("Encrypt");
    w.bytes(kProtected);
    w.bytes(external);
  });
}

}  // namespace

Bytes plain_bytes(const Segment& plain) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.text(plain.name);
    w.text(plain.media);
    w.bytes(plain.content);
  });
}

Result<Segment> read_plain(ByteView bytes, const Segment& sealed) {
  auto doc = CborDoc::parse(bytes, kItemsMax);
  if (!doc || doc->root().type() != CborType::kArray || doc->root().count() != 3) {
    return fail(Errc::kSeal, "what was sealed is no segment");
  }
  const auto name = doc->root().first();
  const auto media = name.next();
  const auto content = media.next();
  if (name.type() != CborType::kText || media.type() != CborType::kText ||
      content.type() != CborType::kBytes) {
    return fail(Errc::kSeal, "what was sealed is no segment");
  }
  Segment plain{sealed.salt, std::string(name.text()), sealed.audience, std::string(media.text()),
                to_bytes(content.bytes())};
  if (is_sealed(plain)) return fail(Errc::kSeal, "a sealed segment stands in another");
  return plain;
}

Bytes content_bytes(ByteView iv, const Digest& check, ByteView ciphertext) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(3);
    w.bytes(iv);
    w.bytes(check.view());
    w.bytes(ciphertext);
  });
}

bool is_sealed(const Segment& segment) { return segment.name == kName && segment.media == kMedia; }

Result<Sealing> seal_segment(const Digest& chain, const Segment& plain) {
  if (plain.audience == Audience::kPublic || is_sealed(plain)) {
    return fail(Errc::kFieldRange, "a segment that is public or sealed already is not sealed");
  }
  if (plain.content.size() > limits::kSegmentContent) {
    return fail(Errc::kSegmentSize, "segment " + plain.name + " has too much content to be sealed");
  }
  Sealing out{{}, ContentKey::random()};
  const auto iv = random_fixed<Fixed<kIvSize, struct IvTag>>();
  Segment sealed{random_fixed<Salt>(), std::string(kName), plain.audience, std::string(kMedia), {}};
  const Digest check = key_check(out.key);
  Bytes text = plain_bytes(plain);
  if (!read_plain(text, sealed)) {  // nobody could open it
    wipe(text);
    return fail(Errc::kFieldRange, "a segment's name or media is no text of at most 256 bytes");
  }
  const Bytes ciphertext =
      gcm_encrypt(out.key, iv.view(), associated_data(chain, sealed, check), text);
  wipe(text);
  sealed.content = content_bytes(iv.view(), check, ciphertext);
  if (sealed.content.size() > limits::kSegmentContent) {
    return fail(Errc::kSegmentSize, "sealed, the content of segment " + plain.name + " has " +
                                        std::to_string(sealed.content.size()) + " bytes, above " +
                                        std::to_string(limits::kSegmentContent));
  }
  out.entry = encode(sealed);
  return out;
}

Result<SealedContent> read_content(const Segment& segment) {
  if (!is_sealed(segment)) return fail(Errc::kSeal, "segment " + segment.name + " is not sealed");
  if (segment.audience == Audience::kPublic) return fail(Errc::kSeal, "a sealed segment is public");
  const auto malformed = [] { return fail(Errc::kSeal, "content is no sealed one"); };
  if (segment.content.size() > limits::kSegmentContent) return malformed();
  auto doc = CborDoc::parse(segment.content, kItemsMax);
  if (!doc || doc->root().type() != CborType::kArray || doc->root().count() != 3) {
    return malformed();
  }
  const auto iv = doc->root().first();
  const auto check = iv.next();
  const auto ciphertext = check.next();
  if (iv.type() != CborType::kBytes || iv.bytes().size() != kIvSize ||
      check.type() != CborType::kBytes || check.bytes().size() != Digest::kSize ||
      ciphertext.type() != CborType::kBytes || ciphertext.bytes().size() <= kTagSize) {
    return malformed();
  }
  return SealedContent{iv.bytes(), *Digest::from(check.bytes()), ciphertext.bytes()};
}

Result<Segment> open_segment(const Digest& chain, const Segment& sealed, const ContentKey& key) {
  LM_ASSIGN(const auto content, read_content(sealed));
  if (!equal_secret(key_check(key).view(), content.check.view())) {
    return fail(Errc::kSeal, "the key is another segment's");
  }
  LM_ASSIGN(auto text, gcm_decrypt(key, content.iv, associated_data(chain, sealed, content.check),
                                   content.ciphertext));
  auto plain = read_plain(text, sealed);
  wipe(text);
  return plain;
}

}  // namespace lotmark::sealed
