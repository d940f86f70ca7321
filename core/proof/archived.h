// The offline check of an archived proof (docs/format/archived.md): that a lot was on the chain and its record cut
// after its legal retention. It uses nothing but its inputs, no clock and no network.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/proof/verdict.h"
#include "core/wire/cut.h"

namespace lotmark::proof {

// In the order in which they run.
enum class ArchivedCheck : std::uint8_t {
  kAnchor,
  kFile,
  kStatements,
  kBlock,
  kFlags,
  kSnapshot,
  kTombstone,
  kAsked,
  kVotes,
  kQuorum
};
inline constexpr std::size_t kArchivedCheckCount = 10;
std::string_view name(ArchivedCheck c);

struct ArchivedResult {
  VerdictKind verdict = VerdictKind::kUnknown;  // archived, not-final, unknown or tampered
  // A node that knows of a recall makes it recalled.
  std::array<CheckResult, kArchivedCheckCount> checks;
  // Set as far as the checks went; shown only when the verdict is archived or not-final.
  Asked asked;
  std::optional<Tombstone> tombstone;
  std::uint64_t cut_block = 0;
  std::uint64_t cut_time = 0;  // ms UTC
  std::optional<CutBody> cut;
  std::optional<Finality> finality;

  const CheckResult& check(ArchivedCheck n) const { return checks[static_cast<std::size_t>(n)]; }
};

// A tombstone names no lot: without GTIN and lot the verdict is unknown.
ArchivedResult verify_archived(ByteView file, ByteView anchor, const Asked& asked);
// Whether the bytes say of themselves that they are an archived proof, of whatever version.
bool is_archived(ByteView file);

// What a tombstone names a lot by: H(cbor([gtin, lot])).
Digest tombstone_key(const Gtin& gtin, const LotNumber& lot);
// What a flag's promise is about: H(cbor([first, last, archive, snapshot])).
Digest flag_object(const CutClaim& claim);
// Each flag of a cut block: opened, of this cut, ascending by kid, by a supervising member of `judge`, its
// signature; then as many as the quorum. Errors as of the check `flags`.
Status check_flags(const CutBody& cut, const Digest& chain, const Membership& judge);

// The JSON object of docs/format/archived.md.
nlohmann::json to_json(const ArchivedResult& result);
// What it does not prove: codes in their order; the words by archived_not_proved_words.
std::vector<std::string_view> not_proved(const ArchivedResult& result);
std::string_view archived_not_proved_words(std::string_view code);

}  // namespace lotmark::proof
