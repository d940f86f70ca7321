// What a reader says: its events, its answers to requests, what it can do, and the tags it saw.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "edge-agent/source/llrp/message.h"

namespace lotmark::agent::llrp {

// Sections 16.2.2.1 and 16.2.2.2: microseconds since 1970, UTC, or since the reader started.
struct Stamp {
  bool utc = false;
  std::uint64_t micros = 0;
  bool operator==(const Stamp&) const = default;
};

// Section 16.2.8.1. Codes other than 0 are refusals (14.2.1).
struct ReaderStatus {
  std::uint16_t code = 0;
  std::string text;
};

// Section 16.2.7.6.10. 0: it is ours. 1, 2: a connection stands that the reader, or another client, began. 4: somebody else
// tried to connect, and was turned away.
inline constexpr std::uint16_t kConnected = 0;
inline constexpr std::uint16_t kReadersOwnStands = 1;
inline constexpr std::uint16_t kClientsStands = 2;
inline constexpr std::uint16_t kAnotherTried = 4;

struct AntennaChange {
  std::uint16_t antenna = 0;
  bool connected = false;
};

// Section 16.2.7.6, of the events those that say something about what can be missing.
struct ReaderEvent {
  std::optional<Stamp> time;
  std::optional<std::uint16_t> connection_attempt;
  bool closing = false;
  bool buffer_overflow = false;               // reports were lost
  std::optional<std::uint8_t> buffer_filled;  // percent
  std::optional<std::string> exception;
  std::optional<AntennaChange> antenna;
};

// Sections 16.2.3.1 and 16.2.3.2.
struct Capabilities {
  std::uint16_t antennas = 0;
  bool utc_clock = false;
  std::uint32_t manufacturer = 0;  // IANA private enterprise number
  std::uint32_t model = 0;
  std::string firmware;
  bool holds_reports = false;  // keeps them while nobody is connected
};

// Section 16.2.4.1, "CurrentState".
enum class RospecState : std::uint8_t { kDisabled, kInactive, kActive };
struct RospecHead {
  std::uint32_t id = 0;
  RospecState state = RospecState::kDisabled;
};

// Section 16.2.7.3. What is left out is as in the report before (13.2.3).
struct TagReport {
  Bytes epc;
  std::size_t epc_bits = 0;
  std::optional<std::uint16_t> antenna;
  std::optional<std::int8_t> rssi_dbm;
  std::optional<Stamp> first_seen;
  std::optional<Stamp> last_seen;
  std::optional<std::uint16_t> pc;  // the tag's protocol control word
  bool operator==(const TagReport&) const = default;
};
struct TagReports {
  std::vector<TagReport> tags;
  std::size_t bad = 0;  // without an EPC, or damaged within
};

// Each takes the body of a message of its type; field-range if it is cut short or a parameter in it is.
Result<ReaderEvent> read_event(ByteView body);          // 16.1.33
Result<ReaderStatus> read_status(ByteView body);        // any response, and ERROR_MESSAGE (16.1.35)
Result<Capabilities> read_capabilities(ByteView body);  // 16.1.2
Result<std::vector<RospecHead>> read_rospecs(ByteView body);  // 16.1.16
Result<TagReports> read_report(ByteView body);                // 16.1.30

}  // namespace lotmark::agent::llrp
