// Signed objects from a device on a serial line, or from a child program that speaks as one
// (docs/format/frames.md). They are carried on as they came; answers go down the same line.
#pragma once

#include <mutex>

#include "core/embedded/frame.h"
#include "edge-agent/source/child.h"
#include "edge-agent/source/source.h"

namespace lotmark::agent {

struct FramesOptions {
  std::string name;
  std::vector<std::string> command;  // a child program, or
  std::filesystem::path path;        // a terminal or unix socket
  std::string device;                // the device's own name in topics
};

class FramesSource final : public Source {
 public:
  // `chain` is told to a device that is not yet enrolled; the time by `clock` to each, which outlives the source.
  FramesSource(FramesOptions options, const Digest& chain, const Clock& clock)
      : options_(std::move(options)), chain_(chain), clock_(clock) {}

  bool recorded() const override { return false; }
  Result<std::optional<Position>> run(Sink& sink) override;
  void stop() override { stop_.set(); }
  void answer(ByteView object) override { send(kLmFrameAck, object); }
  void anchor(std::uint64_t size, const Digest& root) override;

 private:
  bool run_once(Sink& sink);  // false if stopped
  bool take(Sink& sink, const lm_frame& frame);
  void greet(std::string_view hello);
  void tell_time();
  void send(lm_frame_type type, ByteView body);

  const FramesOptions options_;
  const Digest chain_;
  const Clock& clock_;
  StopEvent stop_;
  std::mutex mutex_;      // what follows
  Line* line_ = nullptr;  // while one is open
  Bytes anchor_;          // body of the newest anchor frame
  std::chrono::steady_clock::time_point busy_until_{};
};

// None: the device signs for itself.
std::vector<std::string> channels_of(const FramesOptions& options);
std::unique_ptr<Source> make_source(const FramesOptions& options, const SourcePlace& place);

}  // namespace lotmark::agent
