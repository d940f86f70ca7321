// A reader as LLRP wants it to be, without I/O: bytes in, bytes out. It knows what it was told and what it saw, so
// that a test can compare.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/hex.h"
#include "edge-agent/source/llrp/message.h"
#include "edge-agent/source/llrp/parameter.h"

namespace lotmark::agent::llrp::test {

struct ModelOptions {
  bool utc = true;
  bool holds_reports = true;
  std::uint16_t connection_status = 0;
};

struct ModelTag {
  std::string epc = "3066C4409047E140075BCD15";  // hex
  std::uint16_t antenna = 1;
  int rssi = -50;
  std::uint64_t micros = 0;  // by the reader's clock
};

// Bytes of a message of the reader's.
Bytes reader_message(MessageType type, std::uint32_t id, Bytes body);
Bytes report_body(const std::vector<ModelTag>& tags, bool utc = true);
Bytes event_body(std::uint64_t micros, bool utc, ParameterType event, const Bytes& value);
Bytes connection_event(std::uint64_t micros, bool utc = true, std::uint16_t status = 0);
Bytes status_body(std::uint16_t code, const std::string& text = {});

class ReaderModel {
 public:
  explicit ReaderModel(ModelOptions options = {}) : options_(options) {}

  // The client is there; what the reader says first.
  Bytes connect(std::uint64_t micros);
  // The connection is gone: from now on reports are held, if the reader can.
  void disconnect() { connected_ = false; }
  // What it answers.
  Bytes take(ByteView bytes);
  // A tag came into the field: the report, if it leaves now.
  Bytes see(const ModelTag& tag);
  Bytes keepalive() { return reader_message(MessageType::kKeepalive, ++id_, {}); }

  std::vector<MessageType> asked;                  // in order, since the start
  std::map<std::uint32_t, int> rospecs;            // id to state: 0 disabled, 1 inactive, 2 active
  std::map<MessageType, std::uint16_t> refuse;     // requests that get this status
  std::uint32_t keepalive_ms = 0;                  // as it was told
  Bytes last_rospec;                               // body of the last ADD_ROSPEC
  std::vector<std::uint32_t> keepalives_answered;  // ids

 private:
  Bytes answer(const Message& m);
  void obey(const Message& m);
  Bytes body_of_answer(const Message& m);
  bool running() const;

  ModelOptions options_;
  MessageCutter cutter_;
  bool connected_ = false;
  bool hold_ = false;     // was told to
  bool holding_ = false;  // until ENABLE_EVENTS_AND_REPORTS
  std::vector<ModelTag> held_;
  std::uint32_t id_ = 1000;
};

}  // namespace lotmark::agent::llrp::test
