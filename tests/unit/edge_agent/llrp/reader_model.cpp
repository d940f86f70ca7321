#include "tests/unit/edge_agent/llrp/reader_model.h"

#include "edge-agent/source/llrp/answers.h"

namespace lotmark::agent::llrp::test {

namespace {

using enum ParameterType;

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

void put_tag(Writer& out, const ModelTag& tag, bool utc) {
  const Bytes epc = from_hex(tag.epc).value();
  if (epc.size() == 12) {
    out.tv(kEpc96).bytes(epc);
  } else {
    out.tlv(kEpcData, [&](Writer& w) { w.u16(static_cast<unsigned>(epc.size() * 8)).bytes(epc); });
  }
  out.tv(kAntennaId).u16(tag.antenna);
  out.tv(kPeakRssi).u8(static_cast<std::uint8_t>(tag.rssi));
  out.tv(utc ? kFirstSeenUtc : kFirstSeenUptime).u64(tag.micros);
  out.tv(utc ? kLastSeenUtc : kLastSeenUptime).u64(tag.micros);
  out.tv(kC1g2Pc).u16(static_cast<unsigned>(epc.size() / 2) << 11);
}

std::uint32_t id_in(const Message& m) { return Reader(m.body).u32(); }

}  // namespace

Bytes reader_message(MessageType type, std::uint32_t id, Bytes body) {
  return encode({type, id, std::move(body)});
}

Bytes report_body(const std::vector<ModelTag>& tags, bool utc) {
  Writer out;
  for (const auto& tag : tags) {
    out.tlv(kTagReportData, [&](Writer& w) { put_tag(w, tag, utc); });
  }
  return std::move(out).take();
}

Bytes event_body(std::uint64_t micros, bool utc, ParameterType event, const Bytes& value) {
  Writer out;
  out.tlv(kReaderEventNotificationData, [&](Writer& data) {
    data.tlv(utc ? kUtcTimestamp : kUptime, [&](Writer& w) { w.u64(micros); });
    data.tlv(event, [&](Writer& w) { w.bytes(value); });
  });
  return std::move(out).take();
}

Bytes connection_event(std::uint64_t micros, bool utc, std::uint16_t status) {
  const Bytes value{static_cast<std::uint8_t>(status >> 8), static_cast<std::uint8_t>(status)};
  return reader_message(MessageType::kReaderEventNotification, 0,
                        event_body(micros, utc, kConnectionAttempt, value));
}

Bytes status_body(std::uint16_t code, const std::string& text) {
  Writer out;
  out.tlv(kLlrpStatus, [&](Writer& w) {
    w.u16(code).u16(static_cast<unsigned>(text.size())).bytes(as_bytes(text));
  });
  return std::move(out).take();
}

Bytes ReaderModel::connect(std::uint64_t micros) {
  cutter_ = MessageCutter();
  connected_ = options_.connection_status == 0;
  holding_ = hold_;
  return connection_event(micros, options_.utc, options_.connection_status);
}

bool ReaderModel::running() const {
  for (const auto& [id, state] : rospecs) {
    if (state == 2) return true;
  }
  return false;
}

Bytes ReaderModel::see(const ModelTag& tag) {
  if (!running()) return {};
  if (connected_ && !holding_) {
    return reader_message(MessageType::kRoAccessReport, ++id_, report_body({tag}, options_.utc));
  }
  if (hold_) held_.push_back(tag);
  return {};
}

Bytes ReaderModel::take(ByteView bytes) {
  Bytes out;
  cutter_.feed(bytes);
  for (auto m = cutter_.next(); m && *m; m = cutter_.next()) append(out, answer(**m));
  return out;
}

Bytes ReaderModel::answer(const Message& m) {
  asked.push_back(m.type);
  switch (m.type) {
    case MessageType::kKeepaliveAck: keepalives_answered.push_back(m.id); return {};
    case MessageType::kGetReport: return {};
    case MessageType::kEnableEventsAndReports: {
      holding_ = false;
      Bytes out;
      for (const auto& tag : held_) append(out, see(tag));
      held_.clear();
      return out;
    }
    default: break;
  }
  const auto refused = refuse.find(m.type);
  const auto type = m.type == MessageType::kCloseConnection
                        ? MessageType::kCloseConnectionResponse
                        : static_cast<MessageType>(static_cast<unsigned>(m.type) + 10);
  if (refused != refuse.end()) {
    return reader_message(type, m.id, status_body(refused->second, "not this reader"));
  }
  obey(m);
  return reader_message(type, m.id, body_of_answer(m));
}

void ReaderModel::obey(const Message& m) {
  switch (m.type) {
    case MessageType::kSetReaderConfig: {
      const ByteView parameters = ByteView(m.body).subspan(1);
      if (const auto spec = find(parameters, kKeepaliveSpec)) {
        keepalive_ms = Reader(spec->subspan(1)).u32();
      }
      hold_ = find(parameters, kEventsAndReports).has_value();
      break;
    }
    case MessageType::kAddRospec:
      last_rospec = m.body;
      rospecs[read_rospecs(m.body)->at(0).id] = 0;
      break;
    case MessageType::kDeleteRospec:
      if (id_in(m) == 0) rospecs.clear();
      else rospecs.erase(id_in(m));
      break;
    case MessageType::kEnableRospec:
    case MessageType::kStartRospec: rospecs[id_in(m)] = 2; break;
    case MessageType::kStopRospec: rospecs[id_in(m)] = 1; break;
    default: break;
  }
}

Bytes ReaderModel::body_of_answer(const Message& m) {
  Bytes body = status_body(0);
  Writer out;
  if (m.type == MessageType::kGetReaderCapabilities) {
    out.tlv(kGeneralDeviceCapabilities, [](Writer& w) {
      w.u16(4).u16(0x4000).u32(25882).u32(2001002).u16(3).bytes(as_bytes("5.1"));
    });
    out.tlv(kLlrpCapabilities, [&](Writer& w) {
      w.u8(options_.holds_reports ? 0x08 : 0).u8(1).u16(0).u32(1).u32(32).u32(1).u32(1000).u32(8);
    });
  } else if (m.type == MessageType::kGetRospecs) {
    for (const auto& rospec : rospecs) {
      out.tlv(kRospec, [&rospec](Writer& w) {
        w.u32(rospec.first).u8(0).u8(static_cast<unsigned>(rospec.second));
      });
    }
  }
  append(body, std::move(out).take());
  return body;
}

}  // namespace lotmark::agent::llrp::test
