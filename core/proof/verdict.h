// The offline check of a receipt: one algorithm for command line, API and page (docs/format/verdict.md).
// It uses nothing but its inputs, and never says "genuine".
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/proof/statements.h"

namespace lotmark::proof {

struct Asked {
  std::optional<std::string> gtin;  // 14 digits
  std::optional<std::string> lot;
};

struct VerifyOptions {
  // `lotmark verify` alone: show segments that are not public instead of refusing the receipt.
  bool show_non_public = false;
};

// The fourteen checks, in their order.
enum class CheckName : std::uint8_t {
  kAnchor,
  kReceipt,
  kStatements,
  kBlock,
  kRelease,
  kApplication,
  kAsked,
  kVotes,
  kQuorum,
  kDisclosure,
  kClaims,
  kSamples,
  kLimits,
  kExpires
};
inline constexpr std::size_t kCheckCount = 14;
std::string_view name(CheckName c);

struct CheckResult {
  std::optional<bool> ok;  // nothing: not run
  Errc error = Errc::kOk;  // kOk beside a failed limits or expires
  std::string why;
};

struct ClaimResult {
  std::uint64_t segment = 0;
  Claim claim;
  std::uint64_t samples = 0;
  bool within_limits = false;
};

struct ShownSegment {
  std::uint64_t index = 0;
  Segment segment;
};

struct Finality {
  std::uint64_t votes = 0;
  std::uint64_t quorum = 0;
  std::uint64_t members = 0;
};

// Of so many votes that verified, under the statement that judges them.
Finality finality_of(std::uint64_t votes, const Membership& judge);

struct VerdictResult {
  VerdictKind verdict = VerdictKind::kUnknown;
  std::array<CheckResult, kCheckCount> checks;
  // Set as far as the checks went; shown only when the verdict is neither unknown nor tampered.
  std::optional<Application> application;
  std::uint64_t block_number = 0;
  std::uint64_t block_time = 0;  // ms UTC
  Digest block_id;
  std::string release_number;
  std::optional<Finality> finality;
  std::vector<ClaimResult> claims;
  std::vector<ShownSegment> others;  // disclosed segments that are no claims
  bool disclosed = false;
  bool non_public_shown = false;

  const CheckResult& check(CheckName n) const { return checks[static_cast<std::size_t>(n)]; }
};

VerdictResult verify_receipt(ByteView receipt, ByteView anchor, const Asked& asked, Time now,
                             const VerifyOptions& options = {});
// By statements that the caller holds, and so has verified already, in place of an anchor and the receipt's own: these two
// checks are not run.
VerdictResult verify_receipt_by(const Statements& held, ByteView receipt, Time now);

// The JSON object of docs/format/verdict.md.
nlohmann::json to_json(const VerdictResult& result);
// What the verdict does not prove: codes in their order, and the words for one.
std::vector<std::string_view> not_proved(const VerdictResult& result);
std::string_view not_proved_words(std::string_view code);
// The sentence a consumer reads.
std::string_view plain_words(VerdictKind verdict);

}  // namespace lotmark::proof
