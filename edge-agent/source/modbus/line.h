// One Modbus line, TCP or RTU, and the requests that go down it one after the other. The only place that knows libmodbus.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "edge-agent/source/modbus/field.h"
#include "edge-agent/source/poll/probe.h"

struct _modbus;  // of libmodbus

namespace lotmark::agent {

struct ModbusLineOptions {
  std::string address;  // host of a TCP server or gateway, or
  int port = 502;
  std::string serial;  // a terminal, for RTU: always 8 data bits
  int baud = 9600;
  std::string parity = "even";  // none, even, odd
  int stop_bits = 1;
  Millis response_timeout{500};  // for the whole answer, and for the connection
  Millis pause{0};               // between requests; RTU keeps its 3.5 characters anyway
};

// Registers, or bits as 0 and 1.
using ModbusAnswer = std::vector<std::uint16_t>;

class ModbusLine {
 public:
  explicit ModbusLine(ModbusLineOptions options);
  ~ModbusLine();
  ModbusLine(const ModbusLine&) = delete;
  ModbusLine& operator=(const ModbusLine&) = delete;

  // not-found: the slave has no such function, address or value (it lives). Any other error: it does not answer, or not
  // properly. The line is opened when it is needed, and anew after it failed.
  Result<ModbusAnswer> read(int slave, const ModbusRequest& request, const PollContext& context);
  void close();

 private:
  struct Context;
  using Tick = std::chrono::steady_clock::time_point;
  Status open(const StopEvent& stop);
  Status connect(_modbus* modbus);
  Status wait_for(int slave, const StopEvent& stop);
  Result<ModbusAnswer> ask(int slave, const ModbusRequest& request);
  Error failed(int slave, int error);
  std::string name() const;
  bool rtu() const { return !options_.serial.empty(); }

  const ModbusLineOptions options_;
  const Millis pause_;
  std::unique_ptr<Context> context_;
  Tick free_at_{};       // when the next request may go
  int unanswered_ = -1;  // the slave that was asked last, if it was silent
  std::map<int, Tick>
      late_until_;  // of slaves that were silent: what they may still say is of an older request
};

}  // namespace lotmark::agent
