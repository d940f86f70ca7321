// Enumerations of the formats (docs/format/keys.md). Numbers are never reused or renumbered.
#pragma once

#include <cstdint>
#include <string_view>

namespace lotmark {

enum class ClockState : std::uint8_t { kSynchronised, kFreeRunning, kUnset, kRecorded };
enum class ChannelKind : std::uint8_t { kQuantity, kEpc, kImage };
enum class GapReason : std::uint8_t {
  kNotANumber,
  kSensorLost,
  kPower,
  kOutboxFull,
  kReceiverLost,
  kClockSet,
  kMaintenance,
  kKeyChange
};
enum class CommandKind : std::uint8_t { kSealNow, kResend, kCheck, kDiag, kReload };
enum class RecordKind : std::uint8_t { kStep, kDecoy, kRelease, kCorrection, kHandover, kPeriod };
enum class Audience : std::uint8_t { kPublic, kPartner, kRegulator };
enum class BlockKind : std::uint8_t {
  kLot,
  kMembership,
  kPeriod,
  kRevocation,
  kRecall,
  kCut,
  kRefusal,
  kTerm
};
enum class LogKind : std::uint8_t { kIntake, kReceived };
enum class EnrolmentKind : std::uint8_t { kDevice, kStart, kOperator };
enum class Role : std::uint8_t { kKeeping, kReviewing, kSupervising, kAgency };
enum class Decision : std::uint8_t { kRelease, kRefuse };
enum class OrderKind : std::uint8_t { kCrash, kByzantine };
enum class RevokedReason : std::uint8_t { kLost, kCompromised, kRetired };
enum class VerdictKind : std::uint8_t {
  kReleased,
  kNotFinal,
  kRefused,
  kRecalled,
  kExpired,
  kArchived,
  kSuperseded,
  kUnknown,
  kTampered
};

enum class EvidenceKind : std::uint8_t {
  kBlockFork,
  kVoteInconsistent,
  kTransactionFork,
  kBundleFork,
  kPromiseUnmet,
  kTurnFork
};

// How many values an enumeration has; they run from 0 without holes.
template <class E>
inline constexpr std::int64_t kEnumCount = 0;
template <>
inline constexpr std::int64_t kEnumCount<ClockState> = 4;
template <>
inline constexpr std::int64_t kEnumCount<ChannelKind> = 3;
template <>
inline constexpr std::int64_t kEnumCount<GapReason> = 8;
template <>
inline constexpr std::int64_t kEnumCount<CommandKind> = 5;
template <>
inline constexpr std::int64_t kEnumCount<RecordKind> = 6;
template <>
inline constexpr std::int64_t kEnumCount<Audience> = 3;
template <>
inline constexpr std::int64_t kEnumCount<BlockKind> = 8;
template <>
inline constexpr std::int64_t kEnumCount<LogKind> = 2;
template <>
inline constexpr std::int64_t kEnumCount<EnrolmentKind> = 3;
template <>
inline constexpr std::int64_t kEnumCount<Role> = 4;
template <>
inline constexpr std::int64_t kEnumCount<Decision> = 2;
template <>
inline constexpr std::int64_t kEnumCount<OrderKind> = 2;
template <>
inline constexpr std::int64_t kEnumCount<RevokedReason> = 3;
template <>
inline constexpr std::int64_t kEnumCount<VerdictKind> = 9;
template <>
inline constexpr std::int64_t kEnumCount<EvidenceKind> = 6;

// "free-running", "seal-now": the words of docs/format/keys.md.
std::string_view name(ClockState v);
std::string_view name(ChannelKind v);
std::string_view name(GapReason v);
std::string_view name(CommandKind v);
std::string_view name(RecordKind v);
std::string_view name(Audience v);
std::string_view name(BlockKind v);
std::string_view name(LogKind v);
std::string_view name(EnrolmentKind v);
std::string_view name(Role v);
std::string_view name(Decision v);
std::string_view name(OrderKind v);
std::string_view name(RevokedReason v);
std::string_view name(VerdictKind v);
std::string_view name(EvidenceKind v);

}  // namespace lotmark
