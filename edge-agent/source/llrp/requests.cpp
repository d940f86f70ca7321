#include "edge-agent/source/llrp/requests.h"

#include <array>

#include "core/crypto/sha256.h"
#include "edge-agent/source/llrp/parameter.h"

namespace lotmark::agent::llrp {

namespace {

using enum ParameterType;

constexpr unsigned kAllCapabilities = 0;
constexpr unsigned kPeriodic = 1;     // keepalives
constexpr unsigned kOn = 0x80;        // a flag in the first bit
constexpr unsigned kStartAtOnce = 1;  // when enabled
constexpr unsigned kNoStop = 0;
constexpr unsigned kGen2 = 1;           // EPCGlobal Class 1 Gen 2
constexpr unsigned kInventorySpec = 1;  // id of the one there is
constexpr unsigned kEveryTags = 1;      // a report after N tags, or at the ROSpec's end
constexpr unsigned kEveryTagsOrEnd = 2;
// antenna, peak RSSI, first and last seen (16.2.7.1.1)
constexpr unsigned kContent = 0x1000 | 0x0400 | 0x0200 | 0x0100;
constexpr unsigned kPcBits = 0x40;

// Section 16.2.7.5.1: buffer fill warning, reader exception, antenna.
constexpr std::array<unsigned, 3> kEvents = {3, 4, 8};

// Sections 16.2.4.2.2 and 16.3.1.2.1.
void put_inventory(Writer& out, const RospecOptions& options) {
  out.u16(kInventorySpec).u8(kGen2);
  if (!options.session) return;
  out.tlv(kAntennaConfiguration, [&](Writer& antenna) {
    antenna.u16(0);  // all
    antenna.tlv(kC1g2InventoryCommand, [&](Writer& command) {
      command.u8(0);  // not aware of the tags' inventory state
      command.tlv(kC1g2SingulationControl, [&](Writer& control) {
        control.u8(static_cast<unsigned>(*options.session) << 6);
        control.u16(options.population).u32(0);
      });
    });
  });
}

// Section 16.2.4.2.
void put_ai_spec(Writer& out, const RospecOptions& options) {
  const std::vector<std::uint16_t> all{0};
  const auto& antennas = options.antennas.empty() ? all : options.antennas;
  out.u16(static_cast<unsigned>(antennas.size()));
  for (const auto antenna : antennas) out.u16(antenna);
  out.tlv(kAiSpecStopTrigger, [](Writer& stop) { stop.u8(kNoStop).u32(0); });
  out.tlv(kInventoryParameterSpec, [&](Writer& spec) { put_inventory(spec, options); });
}

// Section 16.2.7.1.
void put_report_spec(Writer& out) {
  out.u8(kEveryTagsOrEnd).u16(kEveryTags);
  out.tlv(kTagReportContentSelector, [](Writer& content) {
    content.u16(kContent);
    content.tlv(kC1g2EpcMemorySelector, [](Writer& memory) { memory.u8(kPcBits); });
  });
}

Bytes rospec(std::uint32_t id, const RospecOptions& options) {
  Writer out;
  out.tlv(kRospec, [&](Writer& spec) {
    spec.u32(id).u8(0).u8(0);  // priority, disabled
    spec.tlv(kRoBoundarySpec, [](Writer& boundary) {
      boundary.tlv(kRospecStartTrigger, [](Writer& start) { start.u8(kStartAtOnce); });
      boundary.tlv(kRospecStopTrigger, [](Writer& stop) { stop.u8(kNoStop).u32(0); });
    });
    spec.tlv(kAiSpec, [&](Writer& ai) { put_ai_spec(ai, options); });
    spec.tlv(kRoReportSpec, put_report_spec);
  });
  return std::move(out).take();
}

}  // namespace

Bytes get_reader_capabilities() { return std::move(Writer().u8(kAllCapabilities)).take(); }

Bytes set_reader_config(std::uint32_t keepalive_ms, bool hold_reports) {
  Writer out;
  out.u8(0);  // no reset to factory settings
  out.tlv(kReaderEventNotificationSpec, [](Writer& spec) {
    for (const unsigned event : kEvents) {
      spec.tlv(kEventNotificationState, [&](Writer& state) { state.u16(event).u8(kOn); });
    }
  });
  out.tlv(kKeepaliveSpec, [&](Writer& spec) { spec.u8(kPeriodic).u32(keepalive_ms); });
  if (hold_reports) out.tlv(kEventsAndReports, [](Writer& spec) { spec.u8(kOn); });
  return std::move(out).take();
}

std::uint32_t rospec_id(const RospecOptions& options) {
  const Digest digest = sha256(rospec(0, options));
  return Reader(digest.view()).u32() >> 1 | 1;  // never 0, which means all
}

Bytes add_rospec(const RospecOptions& options) { return rospec(rospec_id(options), options); }

Bytes rospec_reference(std::uint32_t id) { return std::move(Writer().u32(id)).take(); }

}  // namespace lotmark::agent::llrp
