// Messages of the Low Level Reader Protocol (LLRP) 1.0.1, as they travel over TCP; those of 1.1 have the same form. The
// numbers of sections here and in this folder are those of EPCglobal's LLRP 1.0.1. No I/O.
#pragma once

#include <optional>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::agent::llrp {

// Section 16.1: what this client sends or understands. Others are passed over.
enum class MessageType : std::uint16_t {
  kGetReaderCapabilities = 1,
  kSetReaderConfig = 3,
  kCloseConnectionResponse = 4,
  kGetReaderCapabilitiesResponse = 11,
  kSetReaderConfigResponse = 13,
  kCloseConnection = 14,
  kAddRospec = 20,
  kDeleteRospec = 21,
  kStartRospec = 22,
  kStopRospec = 23,
  kEnableRospec = 24,
  kGetRospecs = 26,
  kAddRospecResponse = 30,
  kDeleteRospecResponse = 31,
  kStartRospecResponse = 32,
  kStopRospecResponse = 33,
  kEnableRospecResponse = 34,
  kGetRospecsResponse = 36,
  kGetReport = 60,
  kRoAccessReport = 61,
  kKeepalive = 62,
  kReaderEventNotification = 63,
  kEnableEventsAndReports = 64,
  kKeepaliveAck = 72,
  kErrorMessage = 100,
  kCustom = 1023,
};

inline constexpr std::size_t kHeaderBytes = 10;
inline constexpr std::size_t kMessageBytesMax = 1 << 20;  // header included

struct Message {
  MessageType type = MessageType::kCustom;
  std::uint32_t id = 0;
  Bytes body;
  bool operator==(const Message&) const = default;
};

// Section 16.1, "LLRP Messages": version 1, type, length of all, id, body. Of at most kMessageBytesMax.
Bytes encode(const Message& message);

// Cuts what a connection brings into messages. It holds one message at most, and no more than was fed.
class MessageCutter {
 public:
  void feed(ByteView bytes);
  // Nothing: more bytes are needed. field-range: a version other than 1 and 2, or a length below the header's or
  // above the limit; then the place of the next message is not known, and the connection is of no more use.
  Result<std::optional<Message>> next();
  // Bytes of a message that is not whole.
  std::size_t held() const { return held_.size() - at_; }

 private:
  Bytes held_;
  std::size_t at_ = 0;
};

}  // namespace lotmark::agent::llrp
