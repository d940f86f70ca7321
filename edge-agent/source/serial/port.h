// A serial port and the lines that come from it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "edge-agent/source/child.h"

namespace lotmark::agent {

struct SerialPortOptions {
  std::string path;
  int baud = 9600;  // one of the usual speeds from 300 to 921600
  int data_bits = 8;
  std::string parity = "none";  // none, even, odd
  int stop_bits = 1;
};
bool valid_baud(int baud);

// Cuts what comes into lines: any control character but a tab ends one, whatever a device takes for an end (CR, LF, STX,
// ETX), and empty ones are none. What a port gives for a byte with wrong parity, NUL, spoils the line it is in. Of a line above
// 512 bytes nothing is kept. No I/O.
class SerialLines {
 public:
  struct Line {
    std::string text;
    bool spoiled = false;  // damaged or too long: then without its text
  };
  // `whole`: what comes begins with a line; else the first end is waited for, since the line before it is cut off.
  void begin(bool whole);
  void feed(std::string_view bytes) { held_ += bytes; }
  std::optional<Line> next();

 private:
  std::string held_;
  std::string line_;
  bool spoiled_ = false;
  bool cut_off_ = true;
};

class SerialPort {
 public:
  using Tick = std::chrono::steady_clock::time_point;
  SerialPort() = default;
  ~SerialPort() { close(); }
  SerialPort(const SerialPort&) = delete;
  SerialPort& operator=(const SerialPort&) = delete;

  // As asked for, or an error: a port that does not take a setting would give wrong bytes.
  Status open(const SerialPortOptions& options);
  void close();
  bool is_open() const { return fd_ >= 0; }

  // A line, or nothing at `until`; kUnavailable if stopped, io if the port is gone.
  Result<std::optional<SerialLines::Line>> line(Tick until, const StopEvent& stop);
  // Writes a command after everything that came before it, late answers too, has been thrown away; what comes then begins
  // with a line. An error if the device does not stop talking.
  Status ask(std::string_view command, const StopEvent& stop);

 private:
  // How many bytes; none at `until`.
  Result<std::size_t> read(Tick until, const StopEvent& stop, char* out, std::size_t size);

  int fd_ = -1;
  bool fresh_ = false;  // nothing was read since it was opened
  SerialLines lines_;
};

}  // namespace lotmark::agent
