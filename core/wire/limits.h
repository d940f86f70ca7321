// Every limit of docs/format/README.md in one place. What lies beyond is refused, each with its own error.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lotmark::limits {

inline constexpr std::int64_t kIntMax = (std::int64_t{1} << 53) - 1;
inline constexpr unsigned kDepth = 8;
inline constexpr std::size_t kText = 256;

inline constexpr std::size_t kObject = 64 * 1024;
inline constexpr std::size_t kBlock = 1024 * 1024;
inline constexpr std::size_t kReceipt = 256 * 1024;
inline constexpr std::size_t kItemProof = 64 * 1024;
inline constexpr std::size_t kAnchor = 1024 * 1024;
inline constexpr std::size_t kBundleWire = 1024 * 1024;
inline constexpr std::size_t kStatementObject = 128 * 1024;
inline constexpr std::size_t kFrameBody = 512;
inline constexpr std::size_t kEvidence = 16 * 1024 * 1024;
inline constexpr std::size_t kEvidenceItems = 65536;  // CBOR items outside bstrs, keys counted
inline constexpr std::size_t kEventBody = 64 * 1024;
inline constexpr std::size_t kEventNames = 64;
inline constexpr std::size_t kEventName = 512;  // bytes of a prefix, or of its namespace
inline constexpr std::size_t kEventProof = kBlock + kReceipt;
inline constexpr std::size_t kCutHead = 1024;  // snapshot head, archive header
inline constexpr std::size_t kState = 64 * 1024 * 1024;
inline constexpr std::size_t kStateItems =
    4 * 1024 * 1024;  // CBOR items outside bstrs, keys counted
inline constexpr std::uint64_t kCutBlocks = 65536;

inline constexpr std::size_t kReadings = 4096;
inline constexpr std::size_t kChannels = 32;
inline constexpr std::size_t kGaps = 64;
inline constexpr std::size_t kAlarms = 64;
inline constexpr std::size_t kSources = 64;
inline constexpr std::size_t kSegments = 256;
inline constexpr std::size_t kSegmentContent = 64 * 1024;
inline constexpr std::size_t kSealed = 128 * 1024;  // COSE_Encrypt, recipients included
inline constexpr std::size_t kSealedReaders = 256;
inline constexpr std::uint64_t kTransactions = 1024;
inline constexpr std::size_t kReviewers = 8;
inline constexpr std::size_t kMembers = 256;
inline constexpr std::size_t kPath = 64;
inline constexpr std::size_t kSamples = 32;
inline constexpr std::size_t kAckRefusals = 64;
inline constexpr std::size_t kComplaintIds = 16;
inline constexpr std::uint64_t kPoints = 1000000;
inline constexpr std::uint64_t kSerials = 10'000'000;  // of one lot
inline constexpr std::size_t kUsageSerials = 1000;
inline constexpr std::uint64_t kUsageUnits = 1000000000;

static_assert(kObject < kBlock && kReceipt < kBlock && kFrameBody < kObject);

}  // namespace lotmark::limits
