// A child program with its standard input and output in pipes, or a line that is opened instead. Its standard
// error is ours. The child ends with the agent.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::agent {

// A descriptor that stop() makes readable: ends a wait from any thread.
class StopEvent {
 public:
  StopEvent();
  ~StopEvent();
  StopEvent(const StopEvent&) = delete;
  StopEvent& operator=(const StopEvent&) = delete;
  void set();
  int fd() const { return fd_; }
  // False if it was set meanwhile; a signal does not end it.
  bool pause_ms(int ms) const;
  bool is_set() const { return !pause_ms(0); }

 private:
  int fd_ = -1;
};

class Line {
 public:
  static Result<Line> spawn(const std::vector<std::string>& command);
  // A unix socket, a terminal (set raw) or a FIFO.
  static Result<Line> open(const std::filesystem::path& path);
  Line(Line&& o) noexcept;
  Line& operator=(Line&&) = delete;
  ~Line();  // SIGTERM, and SIGKILL after a second

  // Bytes, none at the end of the input, or unavailable if stopped. Waits.
  Result<std::size_t> read(std::uint8_t* out, std::size_t size, const StopEvent& stop);
  // Is there something to read, or the end, within the time?
  bool has_more(Millis within) const;
  // Gives up after a tenth of a second: who does not read is not waited for.
  Status write(ByteView bytes);

 private:
  Line(int in, int out, pid_t child) : in_(in), out_(out), child_(child) {}
  int in_;
  int out_;
  pid_t child_;
};

}  // namespace lotmark::agent
