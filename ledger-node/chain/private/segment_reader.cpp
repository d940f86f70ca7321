#include "ledger-node/chain/private/segment_reader.h"

#include "core/base/hex.h"
#include "core/wire/codec.h"
#include "ledger-node/chain/private/segment_keys.h"

namespace lotmark::chain {

namespace {

Error not_for_us(const OpeningKeys& keys) {
  if (keys.empty())
    return fail(Errc::kSealReader,
                "it is sealed, and there is no opening key here ([sealing] key)");
  std::string kids;
  for (const auto& k : keys) kids += (kids.empty() ? "" : ", ") + to_hex(k->kid());
  return fail(Errc::kSealReader, "it is sealed, and its key is not wrapped for " + kids);
}

Result<sealed::ContentKey> unwrap_by(const std::vector<Bytes>& recipients,
                                     const OpeningKeys& keys) {
  for (const auto& recipient : recipients) {
    LM_ASSIGN(const auto kid, sealed::recipient_kid(recipient));
    for (const auto& key : keys) {
      if (key->kid() == kid) return sealed::unwrap(recipient, *key);
    }
  }
  return not_for_us(keys);
}

}  // namespace

Result<Segment> open_by(const Digest& chain, Segment segment, const std::vector<Bytes>& recipients,
                        const OpeningKeys& keys) {
  if (!sealed::is_sealed(segment)) return segment;
  LM_ASSIGN(const auto content, unwrap_by(recipients, keys));
  return sealed::open_segment(chain, segment, content);
}

Result<Segment> SegmentReader::read(const Digest& commitment, std::uint64_t i,
                                    ByteView entry) const {
  LM_ASSIGN(auto segment, decode<Segment>(entry));
  if (!sealed::is_sealed(segment)) return segment;
  LM_ASSIGN(const auto content, content_key(commitment, i, segment));
  return sealed::open_segment(chain_, segment, content);
}

Result<sealed::ContentKey> SegmentReader::content_key(const Digest& commitment, std::uint64_t i,
                                                      const Segment& sealed_one) const {
  std::vector<Bytes> recipients;
  for (const auto& key : keys_) {
    LM_ASSIGN(auto wrapped, SegmentKeys(*db_).find(commitment, i, key->kid()));
    if (wrapped) recipients.push_back(std::move(wrapped->recipient));
  }
  LM_ASSIGN(auto content, unwrap_by(recipients, keys_));
  LM_TRY(sealed::open_segment(chain_, sealed_one, content));
  return content;
}

}  // namespace lotmark::chain
