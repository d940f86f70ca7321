// Frames on a serial line: byte by byte and in chunks give the same, and what comes out is encoded again to
// bytes that decode to it (docs/format/frames.md).
#include "core/embedded/frame.h"

#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

struct Event {
  lm_frame_result result;
  std::uint8_t type = 0;
  Bytes body;
  bool operator==(const Event&) const = default;
};

Event event_of(lm_frame_result result, const lm_frame& frame) {
  if (result != kLmFrameReady) return {result, 0, {}};
  LM_ASSERT(frame.body_size <= LM_FRAME_BODY_BYTES_MAX);
  return {result, frame.type, Bytes(frame.body, frame.body + frame.body_size)};
}

std::vector<Event> by_bytes(ByteView in) {
  lm_frame_decoder d;
  lm_frame_decoder_init(&d);
  std::vector<Event> out;
  for (const std::uint8_t b : in) {
    lm_frame frame{};
    const auto r = lm_frame_feed(&d, b, &frame);
    if (r != kLmFrameMore) out.push_back(event_of(r, frame));
  }
  return out;
}

std::vector<Event> by_chunks(ByteView in) {
  lm_frame_decoder d;
  lm_frame_decoder_init(&d);
  std::vector<Event> out;
  const std::uint8_t* data = in.data();
  std::size_t size = in.size();
  while (size > 0) {
    const std::size_t before = size;
    lm_frame frame{};
    const auto r = lm_frame_feed_chunk(&d, &data, &size, &frame);
    LM_ASSERT(size < before);
    if (r != kLmFrameMore) out.push_back(event_of(r, frame));
  }
  return out;
}

Bytes encoded(std::uint8_t type, ByteView body) {
  Bytes line(LM_FRAME_BYTES_MAX);
  const auto size = lm_frame_encode(type, body.data(), body.size(), line.data(), line.size());
  LM_ASSERT((size == 0) == (body.size() > LM_FRAME_BODY_BYTES_MAX));
  line.resize(size);
  return line;
}

void fuzz_frame(ByteView in) {
  const auto events = by_bytes(in);
  LM_ASSERT(events == by_chunks(in));
  for (const auto& e : events) {
    if (e.result != kLmFrameReady) continue;
    const Bytes line = encoded(e.type, e.body);
    LM_ASSERT(by_bytes(line) == std::vector<Event>{e});
    // COBS has one form: the line that was read holds the very bytes that are written.
    LM_ASSERT(std::search(in.begin(), in.end(), line.begin(), line.end()) != in.end());
  }
  const Bytes line = encoded(in.empty() ? 0 : in[0], in);
  if (!line.empty()) LM_ASSERT(by_bytes(line).size() == 1);
}

}  // namespace
LM_FUZZ_TARGET(frame, fuzz_frame);
}  // namespace lotmark
