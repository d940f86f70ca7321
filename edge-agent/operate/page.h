// GET /metrics and GET /healthz over HTTP/1.0 on the loopback interface: one connection at a time, each for two seconds and
// one request at most, so that whoever asks costs the agent nothing more.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "core/base/result.h"
#include "edge-agent/operate/figures.h"

namespace lotmark::agent {

class MetricsPage {
 public:
  // Listens on 127.0.0.1 at once; port 0: any. `board` outlives the page. network if the port is taken.
  static Result<std::unique_ptr<MetricsPage>> open(std::uint16_t port, const FigureBoard& board);
  ~MetricsPage();
  std::uint16_t port() const { return port_; }

 private:
  MetricsPage(int fd, std::uint16_t port, const FigureBoard& board);
  void serve();
  void answer(int client) const;

  const int fd_;
  const std::uint16_t port_;
  const FigureBoard& board_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace lotmark::agent
