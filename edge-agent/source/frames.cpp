#include "edge-agent/source/frames.h"

#include <algorithm>

#include "core/base/log.h"
#include "edge-agent/clock/agent_clock.h"

namespace lotmark::agent {

namespace {
constexpr int kReopenMinMs = 200;
constexpr int kReopenMaxMs = 30000;
// A line that takes so long for a frame does not read: it gets none for a while, since all sources wait meanwhile.
constexpr std::chrono::milliseconds kSlow{50};
constexpr std::chrono::seconds kBusyFor{1};
}  // namespace

Result<std::optional<Position>> FramesSource::run(Sink& sink) {
  for (int pause = kReopenMinMs;; pause = std::min(2 * pause, kReopenMaxMs)) {
    if (!run_once(sink)) return std::optional<Position>();
    log::warn("source.ended", {{"source", options_.name}, {"pause_ms", pause}});
    if (!stop_.pause_ms(pause)) return std::optional<Position>();
  }
}

bool FramesSource::run_once(Sink& sink) {
  auto line = options_.command.empty() ? Line::open(options_.path) : Line::spawn(options_.command);
  if (!line) {
    log::warn("source.open_failed", {{"source", options_.name}, {"error", line.error().message()}});
    return true;
  }
  {
    std::lock_guard lock(mutex_);
    line_ = &*line;
  }
  struct Close {
    FramesSource& source;
    ~Close() {
      std::lock_guard lock(source.mutex_);
      source.line_ = nullptr;
    }
  } close{*this};
  tell_time();  // a device that was up before says no hello
  lm_frame_decoder decoder;
  lm_frame_decoder_init(&decoder);
  std::uint8_t buffer[1024];
  for (;;) {
    auto got = line->read(buffer, sizeof buffer, stop_);
    if (!got) return got.code() != Errc::kUnavailable;
    if (*got == 0) return true;
    const std::uint8_t* data = buffer;
    std::size_t size = *got;
    while (size != 0) {
      lm_frame frame;
      const auto result = lm_frame_feed_chunk(&decoder, &data, &size, &frame);
      if (result == kLmFrameReady && !take(sink, frame)) return false;
      if (result > kLmFrameReady) {
        ++counts_.bad;
        log::debug("frame.damaged", {{"source", options_.name}, {"why", static_cast<int>(result)}});
      }
    }
  }
}

bool FramesSource::take(Sink& sink, const lm_frame& frame) {
  const ByteView body(frame.body, frame.body_size);
  switch (frame.type) {
    case kLmFrameStart: return sink.put(DeviceObject{ObjectKind::kStart, to_bytes(body)});
    case kLmFrameBundle: return sink.put(DeviceObject{ObjectKind::kBundle, to_bytes(body)});
    case kLmFrameState: return sink.put(DeviceObject{ObjectKind::kState, to_bytes(body)});
    case kLmFrameHello: greet(as_text(body)); return true;
    case kLmFrameError:
      if (!body.empty()) {
        log::warn("device.error", {{"source", options_.name}, {"text", as_text(body)}});
      }
      return true;
    default: return true;
  }
}

namespace {

void put_number(Bytes& body, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8)
    body.push_back(static_cast<std::uint8_t>(number >> shift));
}

}  // namespace

// For devices without a clock. One that is unset itself has nothing to tell.
void FramesSource::tell_time() {
  const Time now = clock_.now();
  if (state_of(clock_) == ClockState::kUnset) return;
  Bytes body;
  put_number(body, static_cast<std::uint64_t>(to_ms(now)));
  send(kLmFrameTime, body);
}

// A device that says it is not enrolled is told the chain; each is told the time and the newest checkpoint.
void FramesSource::greet(std::string_view hello) {
  log::info("device.hello", {{"source", options_.name}, {"text", hello}});
  if (hello.find(" enrolled=no") != std::string_view::npos) send(kLmFrameEnrol, chain_.view());
  tell_time();
  Bytes anchor;
  {
    std::lock_guard lock(mutex_);
    anchor = anchor_;
  }
  if (!anchor.empty()) send(kLmFrameAnchor, anchor);
}

void FramesSource::anchor(std::uint64_t size, const Digest& root) {
  Bytes body;
  put_number(body, size);
  body.insert(body.end(), root.bytes.begin(), root.bytes.end());
  {
    std::lock_guard lock(mutex_);
    anchor_ = body;
  }
  tell_time();  // often enough that a device's clock does not run far
  send(kLmFrameAnchor, body);
}

void FramesSource::send(lm_frame_type type, ByteView body) {
  std::uint8_t frame[LM_FRAME_BYTES_MAX];
  const auto size = lm_frame_encode(static_cast<std::uint8_t>(type), body.data(), body.size(),
                                    frame, sizeof frame);
  std::lock_guard lock(mutex_);
  const auto begun = std::chrono::steady_clock::now();
  if (size == 0 || line_ == nullptr || begun < busy_until_) return;  // the device asks again
  if (auto sent = line_->write({frame, size}); !sent) {
    log::debug("frame.unsent", {{"source", options_.name}, {"error", sent.error().message()}});
  }
  const auto now = std::chrono::steady_clock::now();
  if (now - begun >= kSlow) busy_until_ = now + kBusyFor;
}

std::vector<std::string> channels_of(const FramesOptions& /*options*/) { return {}; }

std::unique_ptr<Source> make_source(const FramesOptions& options, const SourcePlace& place) {
  return std::make_unique<FramesSource>(options, place.chain, place.clock);
}

}  // namespace lotmark::agent
