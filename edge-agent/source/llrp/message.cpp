#include "edge-agent/source/llrp/message.h"

#include "edge-agent/source/llrp/parameter.h"

namespace lotmark::agent::llrp {

namespace {
constexpr unsigned kVersion = 1;     // LLRP 1.0.1
constexpr unsigned kVersionMax = 2;  // LLRP 1.1
}  // namespace

Bytes encode(const Message& message) {
  LM_ASSERT(message.body.size() <= kMessageBytesMax - kHeaderBytes);
  Writer out;
  out.u16(static_cast<std::uint16_t>(kVersion << 10 | static_cast<unsigned>(message.type)));
  out.u32(static_cast<std::uint32_t>(kHeaderBytes + message.body.size()));
  out.u32(message.id);
  out.bytes(message.body);
  return std::move(out).take();
}

void MessageCutter::feed(ByteView bytes) {
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(at_));
  at_ = 0;
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Message>> MessageCutter::next() {
  if (held() < kHeaderBytes) return std::optional<Message>();
  const ByteView rest = ByteView(held_).subspan(at_);
  Reader header(rest.first(kHeaderBytes));
  const unsigned first = header.u16();
  const std::size_t size = header.u32();
  const std::uint32_t id = header.u32();
  const unsigned version = first >> 10 & 7;
  if (version < kVersion || version > kVersionMax) {
    return fail(Errc::kFieldRange, "LLRP version " + std::to_string(version));
  }
  if (size < kHeaderBytes || size > kMessageBytesMax) {
    return fail(Errc::kFieldRange, "an LLRP message of " + std::to_string(size) + " bytes");
  }
  if (rest.size() < size) return std::optional<Message>();
  at_ += size;
  return std::optional(Message{static_cast<MessageType>(first & 0x3ff), id,
                               to_bytes(rest.subspan(kHeaderBytes, size - kHeaderBytes))});
}

}  // namespace lotmark::agent::llrp
