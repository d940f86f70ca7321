// Sealed segments in each of their forms (docs/format/sealed.md): what is read is written to the same bytes, and nothing
// opens for the vectors' reader but what the vectors hold. The first byte chooses the form.
#include <set>

#include "core/sealed/associated.h"
#include "core/sealed/cose_encrypt.h"
#include "tests/fuzz/target.h"
#include "tests/unit/sealed/sealed_vectors.h"

namespace lotmark::sealed {
namespace {

// What may come out for the reader.
struct SealedOriginals {
  OpeningKey key = test::vector_reader("reviewer");
  std::set<Bytes> plain;
  std::set<Bytes> content_keys;
  SealedOriginals() {
    for (const auto& c : test::sealed_vectors()["sealed"]) {
      plain.insert(encode(test::plain_of(c)));
      add_keys_of(test::hex(c["cose"]));
    }
    for (const auto& c : test::sealed_vectors()["refuse"]) add_keys_of(test::hex(c["cose"]));
    LM_ASSERT(content_keys.size() > 2);
  }
  void add_keys_of(ByteView cose) {
    const auto envelope = read_cose_encrypt(cose);
    if (!envelope) return;
    for (const auto& recipient : envelope->recipients) {
      const auto one = unwrap(recipient, key);
      if (one) content_keys.insert(to_bytes(one->view()));
    }
  }
};

Segment around(ByteView content) {
  return {Salt{}, std::string(kName), Audience::kPartner, std::string(kMedia), to_bytes(content)};
}

void run_envelope(ByteView in, const SealedOriginals& originals) {
  const auto envelope = read_cose_encrypt(in);
  if (!envelope) return;
  const auto again = cose_encrypt(envelope->sealed, envelope->recipients);
  LM_ASSERT(again && std::ranges::equal(*again, in));
  const auto opened = open_envelope(test::vector_chain(), *envelope, originals.key);
  if (opened) LM_ASSERT(originals.plain.contains(encode(*opened)));
}

void run_recipient(ByteView in, const SealedOriginals& originals) {
  const auto kid = recipient_kid(in);
  const auto key = unwrap(in, originals.key);
  if (kid) LM_ASSERT(in.size() == kRecipientSize);
  LM_ASSERT((key.code() == Errc::kSealReader) == (kid && *kid != originals.key.kid()));
  if (key) LM_ASSERT(originals.content_keys.contains(to_bytes(key->view())));
}

void run_content(ByteView in) {
  const Segment segment = around(in);
  const auto content = read_content(segment);
  if (!content) return;
  LM_ASSERT(
      std::ranges::equal(content_bytes(content->iv, content->check, content->ciphertext), in));
  LM_ASSERT(open_segment(test::vector_chain(), segment, ContentKey()).code() == Errc::kSeal);
}

void run_plain(ByteView in) {
  const auto plain = read_plain(in, around({}));
  if (!plain) return;
  LM_ASSERT(std::ranges::equal(plain_bytes(*plain), in));
  const auto sealing = seal_segment(test::vector_chain(), *plain);
  if (!sealing) {
    LM_ASSERT(sealing.code() == Errc::kSegmentSize);
    return;
  }
  const auto sealed = decode<Segment>(sealing->entry);
  LM_ASSERT(sealed);
  const auto opened = open_segment(test::vector_chain(), *sealed, sealing->key);
  LM_ASSERT(opened && plain_bytes(*opened) == plain_bytes(*plain));
}

void fuzz_sealed(ByteView in) {
  static const SealedOriginals originals;
  switch (fuzz::take_byte(in) % 4) {
    case 0: return run_envelope(in, originals);
    case 1: return run_recipient(in, originals);
    case 2: return run_content(in);
    default: return run_plain(in);
  }
}

}  // namespace
LM_FUZZ_TARGET(sealed, fuzz_sealed);
}  // namespace lotmark::sealed
