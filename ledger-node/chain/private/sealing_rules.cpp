#include "ledger-node/chain/private/sealing_rules.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/wire/codec.h"
#include "ledger-node/chain/private/access_sets.h"
#include "ledger-node/chain/private/event_sets.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::chain {

namespace {

bool is_reviewer(const Opening& o, const KeyId& member) {
  return std::find(o.reviewers.begin(), o.reviewers.end(), member) != o.reviewers.end();
}

bool is_over(const SealingReader& r, std::uint64_t now_ms) { return r.until && *r.until <= now_ms; }

// The enterprise's own recipient first; a reader configured twice gets one.
Status wrap_for_all(const sealed::ContentKey& content, std::uint64_t i, const Segment& segment,
                    const Opening& opening, const SealingRules& rules, std::uint64_t now_ms,
                    std::vector<SegmentKey>& out) {
  const std::size_t first = out.size();
  const auto add = [&](const sealed::ReaderKey& reader,
                       std::optional<std::uint64_t> until) -> Status {
    const bool there = std::any_of(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(),
                                   [&](const auto& k) { return k.reader == reader.kid; });
    if (there) return {};
    LM_ASSIGN(auto recipient, sealed::wrap(content, reader));
    out.push_back({i, reader.kid, std::move(recipient), now_ms, until});
    return {};
  };
  LM_TRY(add(rules.own->reader(), {}));
  for (const auto& r : rules.readers) {
    if (!is_over(r, now_ms) && r.reads(segment, opening)) LM_TRY(add(r.key, r.until));
  }
  return {};
}

}  // namespace

bool SealingReader::reads(const Segment& segment, const Opening& opening) const {
  if (member && !is_reviewer(opening, *member)) return false;
  return segment.audience == Audience::kPartner ? partner : regulator;
}

std::vector<KeyId> SealingRules::without_key(const Opening& opening, std::uint64_t now_ms) const {
  std::vector<KeyId> out;
  for (const auto& kid : opening.reviewers) {
    const bool there = std::any_of(readers.begin(), readers.end(), [&](const auto& r) {
      return r.member == kid && r.partner && r.regulator && !is_over(r, now_ms);
    });
    if (!there) out.push_back(kid);
  }
  return out;
}

std::vector<const SealingReader*> SealingRules::ending_before(const Opening& opening,
                                                              std::uint64_t until_ms) const {
  std::vector<const SealingReader*> out;
  for (const auto& r : readers) {
    if (r.member && is_reviewer(opening, *r.member) && r.until && *r.until < until_ms)
      out.push_back(&r);
  }
  return out;
}

bool SealingRules::is_reviewers(const KeyId& reader, const Opening& opening) const {
  return std::ranges::any_of(readers, [&](const auto& r) {
    return r.key.kid == reader && r.member && is_reviewer(opening, *r.member);
  });
}

Status check_reads_only(const PublicChain& chain, const KeyId& kid) {
  const bool member = std::ranges::any_of(
      chain.statements().held(), [&](const auto& s) { return s.body.find(kid) != nullptr; });
  if (!member && chain.enrolled(kid) == nullptr) return {};
  return fail(Errc::kKeyBad, to_hex(kid) +
                                 " signs: the chain knows it; a key that signs opens nothing, "
                                 "`lotmark key reader` makes one");
}

OpeningKeys keys_of(const SealingRules* rules) {
  return rules != nullptr ? OpeningKeys{rules->own} : OpeningKeys{};
}

bool is_to_be_sealed(const Segment& s) {
  if (s.audience == Audience::kPublic) return false;
  const bool tree = (s.name == kEventsName && s.media == kEventsMedia) ||
                    (s.name == kAccessName && s.media == kAccessMedia);
  return !tree && !(s.name.empty() && s.media == kDecoyMedia);
}

Result<SealedSegments> seal_segments(const Digest& chain, const Opening& opening,
                                     const std::vector<Segment>& segments,
                                     const SealingRules* rules, std::uint64_t now_ms,
                                     const sealed::ReaderKey* author) {
  SealedSegments out;
  out.authors.resize(author != nullptr ? segments.size() : 0);
  for (std::uint64_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    if (rules == nullptr || !is_to_be_sealed(s)) {
      out.entries.push_back(encode(s));
      continue;
    }
    auto sealing = sealed::seal_segment(chain, s);
    if (!sealing && sealing.code() == Errc::kSegmentSize)
      return fail(Errc::kSegmentSize, "segment " + s.name +
                                          " is too large with its seal: at most " +
                                          std::to_string(sealed::kPlainContentMax) + " bytes");
    if (!sealing) return sealing.error();
    LM_TRY(wrap_for_all(sealing->key, i, s, opening, *rules, now_ms, out.keys));
    if (author != nullptr) {
      LM_ASSIGN(out.authors[i], sealed::wrap(sealing->key, *author));
    }
    out.entries.push_back(std::move(sealing->entry));
  }
  return out;
}

}  // namespace lotmark::chain
