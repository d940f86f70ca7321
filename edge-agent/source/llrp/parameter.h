// Numbers and parameters within LLRP messages (section 16.2), read within their bounds and written.
#pragma once

#include <optional>
#include <string>

#include "core/base/bytes.h"

namespace lotmark::agent::llrp {

// Section 16.2 and 16.3: the parameters that are read or written here. Others are passed over.
enum class ParameterType : std::uint16_t {
  // TV: type in one byte, length fixed by the type
  kAntennaId = 1,
  kFirstSeenUtc = 2,
  kFirstSeenUptime = 3,
  kLastSeenUtc = 4,
  kLastSeenUptime = 5,
  kPeakRssi = 6,
  kRospecId = 9,
  kC1g2Pc = 12,
  kEpc96 = 13,
  // TLV: type and length in two bytes each
  kUtcTimestamp = 128,
  kUptime = 129,
  kGeneralDeviceCapabilities = 137,
  kLlrpCapabilities = 142,
  kRospec = 177,
  kRoBoundarySpec = 178,
  kRospecStartTrigger = 179,
  kRospecStopTrigger = 182,
  kAiSpec = 183,
  kAiSpecStopTrigger = 184,
  kInventoryParameterSpec = 186,
  kKeepaliveSpec = 220,
  kAntennaConfiguration = 222,
  kEventsAndReports = 226,
  kRoReportSpec = 237,
  kTagReportContentSelector = 238,
  kTagReportData = 240,
  kEpcData = 241,
  kReaderEventNotificationSpec = 244,
  kEventNotificationState = 245,
  kReaderEventNotificationData = 246,
  kRospecEvent = 249,
  kReportBufferLevelWarning = 250,
  kReportBufferOverflow = 251,
  kReaderException = 252,
  kAntennaEvent = 255,
  kConnectionAttempt = 256,
  kConnectionClose = 257,
  kLlrpStatus = 287,
  kC1g2InventoryCommand = 330,
  kC1g2SingulationControl = 336,
  kC1g2EpcMemorySelector = 348,
  kCustom = 1023,
};

// Big-endian fields, front to back. A read beyond the end gives zero and marks the whole as bad.
class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}
  bool ok() const { return ok_; }
  ByteView rest() const { return rest_; }
  std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::uint64_t u64() { return number(8); }
  ByteView bytes(std::size_t count);
  // utf8v: a count of bytes, then they.
  std::string text();

 private:
  std::uint64_t number(std::size_t bytes);
  ByteView rest_;
  bool ok_ = true;
};

struct Parameter {
  ParameterType type = ParameterType::kCustom;
  ByteView value;  // without the header
};

// The parameters that stand one after the other in `bytes`: the rest of a message or of another parameter. Those of
// unknown type are given as well; their meaning is not needed to step over them, except a TV of unknown type, whose
// length nobody knows: it ends the list as bad.
class Parameters {
 public:
  explicit Parameters(ByteView bytes) : rest_(bytes) {}
  std::optional<Parameter> next();
  bool ok() const { return ok_; }

 private:
  ByteView rest_;
  bool ok_ = true;
};

// The first parameter of that type; nothing if none, or if the list before it is bad.
std::optional<ByteView> find(ByteView parameters, ParameterType type);

// Writes fields and TLV parameters, which nest.
class Writer {
 public:
  Writer& u8(unsigned v) { return number(v, 1); }
  Writer& u16(unsigned v) { return number(v, 2); }
  Writer& u32(std::uint32_t v) { return number(v, 4); }
  Writer& u64(std::uint64_t v) { return number(v, 8); }
  Writer& bytes(ByteView v);
  // A TLV around what `fill` writes: at most 65,535 bytes in all.
  template <class Fill>
  Writer& tlv(ParameterType type, const Fill& fill) {
    const std::size_t begin = out_.size();
    u16(static_cast<unsigned>(type)).u16(0);
    fill(*this);
    close(begin);
    return *this;
  }
  // A TV: the caller writes as many bytes as the type has.
  Writer& tv(ParameterType type) { return u8(0x80u | static_cast<unsigned>(type)); }
  Bytes take() && { return std::move(out_); }

 private:
  Writer& number(std::uint64_t v, std::size_t bytes);
  void close(std::size_t begin);
  Bytes out_;
};

}  // namespace lotmark::agent::llrp
