// A reader on a loopback port: what the model says, over TCP, with keepalives and a clock of its own. It can fall
// silent, hang up in the middle of a report, and go away.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

#include "tests/unit/edge_agent/llrp/reader_model.h"

namespace lotmark::agent::llrp::test {

// What went over the wire, in order.
struct Chunk {
  bool from_reader = false;
  Bytes bytes;
};

class TcpReader {
 public:
  // `clock_offset_us`: how far its clock is ahead of ours.
  explicit TcpReader(ModelOptions options = {}, std::int64_t clock_offset_us = 0);
  ~TcpReader();
  TcpReader(const TcpReader&) = delete;
  TcpReader& operator=(const TcpReader&) = delete;

  std::uint16_t port() const { return port_; }
  // The reader's clock now.
  std::uint64_t micros() const;
  // A tag in the field now; its time by the reader's clock.
  std::uint64_t see(const std::string& epc, std::uint16_t antenna = 1, int rssi = -50);
  // An event of that type.
  void tell(ParameterType event, const Bytes& value);
  void send(const Bytes& bytes);
  // The next report is cut after so many bytes, and the connection closed.
  void cut_next_report(std::size_t bytes) { cut_ = bytes; }
  // No answers and no keepalives; the connection stands.
  void mute(bool yes) { mute_ = yes; }
  // Closes the connection, or all: the port answers no more, as if the reader had no power; and it forgets its
  // ROSpecs. Then again on the same port.
  void hang_up();
  void power(bool on);

  int connections() const { return connections_; }
  int keepalives() const { return keepalives_; }
  template <class Fn>
  auto with_model(Fn&& fn) {
    std::lock_guard lock(mutex_);
    return fn(model_);
  }
  std::vector<Chunk> traffic() {
    std::lock_guard lock(mutex_);
    return traffic_;
  }

 private:
  void run();
  void listen();
  void accept();
  void read();
  void drop();
  void put(const Bytes& bytes);  // all under mutex_

  const std::int64_t offset_;
  const std::uint16_t port_;
  std::mutex mutex_;
  ReaderModel model_;
  std::vector<Chunk> traffic_;
  int listener_ = -1;
  int client_ = -1;
  std::chrono::steady_clock::time_point next_keepalive_;
  std::atomic<std::size_t> cut_{0};
  std::atomic<bool> mute_{false};
  std::atomic<int> connections_{0};
  std::atomic<int> keepalives_{0};
  std::atomic<bool> over_{false};
  std::thread thread_;
};

}  // namespace lotmark::agent::llrp::test
