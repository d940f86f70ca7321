// A board in memory: a page that can lose power mid-write, a line one can read, a clock one turns
// by hand.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/embedded/frame.h"
#include "firmware/app/nv.h"

namespace lotmark::test {

using Bytes = std::vector<std::uint8_t>;

struct Frame {
  int type;
  Bytes body;
  std::string text() const { return {body.begin(), body.end()}; }
  bool operator==(const Frame&) const = default;
};

// Decodes a stream of frames; a damaged one is of type -1.
class FrameReader {
 public:
  FrameReader() { lm_frame_decoder_init(&decoder_); }

  std::vector<Frame> read(const Bytes& bytes) {
    std::vector<Frame> out;
    const std::uint8_t* data = bytes.data();
    std::size_t size = bytes.size();
    while (size != 0) {
      lm_frame f{};
      const lm_frame_result result = lm_frame_feed_chunk(&decoder_, &data, &size, &f);
      if (result == kLmFrameReady) out.push_back({f.type, Bytes(f.body, f.body + f.body_size)});
      if (result > kLmFrameReady) out.push_back({-1, {}});
    }
    return out;
  }

 private:
  lm_frame_decoder decoder_{};
};

inline Bytes encode_frame(std::uint8_t type, const Bytes& body) {
  Bytes out(LM_FRAME_BYTES_MAX);
  out.resize(lm_frame_encode(type, body.data(), body.size(), out.data(), out.size()));
  return out;
}

class FakeBoard {
 public:
  FakeBoard() {
    hal = {this, uart_read, uart_write, nv_read, nv_write, random, nullptr, ticks_ms, button};
  }
  FakeBoard(const FakeBoard&) = delete;
  FakeBoard& operator=(const FakeBoard&) = delete;

  // Frames sent since the last call.
  std::vector<Frame> sent() { return reader_.read(std::exchange(out_, {})); }
  void receive(const Bytes& bytes) { in_.insert(in_.end(), bytes.begin(), bytes.end()); }

  lm_hal hal{};
  std::array<std::uint8_t, LM_NV_PAGE_BYTES> page{};
  std::uint32_t now_ms = 0;
  bool pressed = false;
  bool random_fails = false;
  bool nv_fails = false;
  bool line_fails = false;
  int nv_writes = 0;
  // The write after which the power goes: that many bytes reach the page, then every call fails.
  std::optional<std::size_t> cut_after;
  std::size_t whole_writes = 0;  // before that one

  // The power goes at byte `byte` of the write after `write` whole ones.
  void cut_at(std::size_t write, std::size_t byte) {
    whole_writes = write;
    cut_after = byte;
  }
  void power_on() {
    cut_after.reset();
    nv_fails = false;
  }

 private:
  static FakeBoard& self(void* ctx) { return *static_cast<FakeBoard*>(ctx); }

  static std::size_t uart_read(void* ctx, std::uint8_t* data, std::size_t cap) {
    auto& in = self(ctx).in_;
    const std::size_t size = std::min(cap, in.size());
    std::copy_n(in.begin(), size, data);
    in.erase(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(size));
    return size;
  }
  static int uart_write(void* ctx, const std::uint8_t* data, std::size_t size) {
    if (self(ctx).line_fails) return 1;
    self(ctx).out_.insert(self(ctx).out_.end(), data, data + size);
    return 0;
  }
  static int nv_read(void* ctx, std::size_t offset, std::uint8_t* data, std::size_t size) {
    auto& b = self(ctx);
    if (b.nv_fails || offset + size > b.page.size()) return 1;
    std::copy_n(b.page.begin() + static_cast<std::ptrdiff_t>(offset), size, data);
    return 0;
  }
  static int nv_write(void* ctx, std::size_t offset, const std::uint8_t* data, std::size_t size) {
    auto& b = self(ctx);
    b.nv_writes++;
    if (b.nv_fails || offset + size > b.page.size()) return 1;
    const bool cut = b.cut_after && b.whole_writes == 0;
    if (b.whole_writes > 0) b.whole_writes--;
    const std::size_t reached = cut ? std::min(size, *b.cut_after) : size;
    std::copy_n(data, reached, b.page.begin() + static_cast<std::ptrdiff_t>(offset));
    if (cut) b.nv_fails = true;
    return cut ? 1 : 0;
  }
  static int random(void* ctx, std::uint8_t* data, std::size_t size) {
    if (self(ctx).random_fails) return 1;
    for (std::size_t i = 0; i < size; i++) data[i] = static_cast<std::uint8_t>(self(ctx).seed_++);
    return 0;
  }
  static std::uint32_t ticks_ms(void* ctx) { return self(ctx).now_ms; }
  static bool button(void* ctx) { return self(ctx).pressed; }

  std::deque<std::uint8_t> in_;
  Bytes out_;
  FrameReader reader_;
  std::uint32_t seed_ = 1;
};

// A page as the factory writes it, with a fixed key.
inline std::array<std::uint8_t, LM_NV_PAGE_BYTES> factory_page(const std::string& machine,
                                                               const std::uint8_t* chain) {
  lm_nv_identity identity{};
  for (std::size_t i = 0; i < LM_KEY_BYTES; i++) identity.key[i] = static_cast<std::uint8_t>(i + 1);
  std::fill_n(identity.secret, LM_SECRET_BYTES, std::uint8_t{0x5e});
  std::copy(machine.begin(), machine.end(), identity.machine);
  identity.machine_size = machine.size();
  std::array<std::uint8_t, LM_NV_PAGE_BYTES> page{};
  if (!lm_nv_make_page(&identity, chain, page.data())) page.fill(0xff);
  return page;
}

}  // namespace lotmark::test
