#include "edge-agent/source/llrp/answers.h"

#include "core/gs1/epc.h"
#include "edge-agent/source/llrp/parameter.h"

namespace lotmark::agent::llrp {

namespace {

using enum ParameterType;

Error damaged(const char* what) {
  return fail(Errc::kFieldRange, std::string("LLRP: damaged ") + what);
}

bool read_event_parameter(const Parameter& p, ReaderEvent& out) {
  Reader in(p.value);
  switch (p.type) {
    case kUtcTimestamp: out.time = Stamp{true, in.u64()}; break;
    case kUptime: out.time = Stamp{false, in.u64()}; break;
    case kConnectionAttempt: out.connection_attempt = in.u16(); break;
    case kConnectionClose: out.closing = true; break;
    case kReportBufferOverflow: out.buffer_overflow = true; break;
    case kReportBufferLevelWarning: out.buffer_filled = in.u8(); break;
    case kReaderException: out.exception = in.text(); break;
    case kAntennaEvent: {
      AntennaChange change;
      change.connected = in.u8() != 0;
      change.antenna = in.u16();
      out.antenna = change;
      break;
    }
    default: break;
  }
  return in.ok();
}

// Section 16.2.7.3.1: a count of bits, then they.
bool read_epc_data(Reader& in, TagReport& out) {
  out.epc_bits = in.u16();
  out.epc = to_bytes(in.bytes((out.epc_bits + 7) / 8));
  return in.ok();
}

bool read_tag_parameter(const Parameter& p, TagReport& out) {
  Reader in(p.value);
  switch (p.type) {
    case kEpc96:
      out.epc = to_bytes(p.value);
      out.epc_bits = p.value.size() * 8;
      break;
    case kEpcData: return read_epc_data(in, out);
    case kAntennaId: out.antenna = in.u16(); break;
    case kPeakRssi: out.rssi_dbm = static_cast<std::int8_t>(in.u8()); break;
    case kFirstSeenUtc: out.first_seen = Stamp{true, in.u64()}; break;
    case kFirstSeenUptime: out.first_seen = Stamp{false, in.u64()}; break;
    case kLastSeenUtc: out.last_seen = Stamp{true, in.u64()}; break;
    case kLastSeenUptime: out.last_seen = Stamp{false, in.u64()}; break;
    case kC1g2Pc: out.pc = in.u16(); break;
    default: break;
  }
  return in.ok();
}

std::optional<TagReport> read_tag(ByteView value) {
  TagReport out;
  Parameters all(value);
  while (const auto p = all.next()) {
    if (!read_tag_parameter(*p, out)) return std::nullopt;
  }
  const bool possible = out.epc_bits > 0 && out.epc_bits <= gs1::kEpcBitsMax;
  return all.ok() && possible ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

Result<ReaderEvent> read_event(ByteView body) {
  const auto data = find(body, kReaderEventNotificationData);
  if (!data) return damaged("READER_EVENT_NOTIFICATION");
  ReaderEvent out;
  Parameters all(*data);
  while (const auto p = all.next()) {
    if (!read_event_parameter(*p, out)) return damaged("READER_EVENT_NOTIFICATION");
  }
  if (!all.ok()) return damaged("READER_EVENT_NOTIFICATION");
  return out;
}

Result<ReaderStatus> read_status(ByteView body) {
  const auto value = find(body, kLlrpStatus);
  if (!value) return damaged("response: no LLRPStatus");
  Reader in(*value);
  ReaderStatus out;
  out.code = in.u16();
  out.text = in.text();
  if (!in.ok()) return damaged("LLRPStatus");
  return out;
}

Result<Capabilities> read_capabilities(ByteView body) {
  Capabilities out;
  if (const auto general = find(body, kGeneralDeviceCapabilities)) {
    Reader in(*general);
    out.antennas = in.u16();
    out.utc_clock = (in.u16() & 0x4000) != 0;
    out.manufacturer = in.u32();
    out.model = in.u32();
    out.firmware = in.text();
    if (!in.ok()) return damaged("GeneralDeviceCapabilities");
  }
  if (const auto llrp = find(body, kLlrpCapabilities)) {
    Reader in(*llrp);
    out.holds_reports = (in.u8() & 0x08) != 0;
    if (!in.ok()) return damaged("LLRPCapabilities");
  }
  return out;
}

Result<std::vector<RospecHead>> read_rospecs(ByteView body) {
  std::vector<RospecHead> out;
  Parameters all(body);
  while (const auto p = all.next()) {
    if (p->type != kRospec) continue;
    Reader in(p->value);
    RospecHead head;
    head.id = in.u32();
    in.u8();  // priority
    const std::uint8_t state = in.u8();
    if (!in.ok() || state > static_cast<std::uint8_t>(RospecState::kActive))
      return damaged("ROSpec");
    head.state = static_cast<RospecState>(state);
    out.push_back(head);
  }
  if (!all.ok()) return damaged("GET_ROSPECS_RESPONSE");
  return out;
}

Result<TagReports> read_report(ByteView body) {
  TagReports out;
  Parameters all(body);
  while (const auto p = all.next()) {
    if (p->type != kTagReportData) continue;
    if (auto tag = read_tag(p->value)) out.tags.push_back(std::move(*tag));
    else ++out.bad;
  }
  if (!all.ok()) return damaged("RO_ACCESS_REPORT");
  return out;
}

}  // namespace lotmark::agent::llrp
