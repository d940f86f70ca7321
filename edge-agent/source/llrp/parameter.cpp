#include "edge-agent/source/llrp/parameter.h"

#include <array>

#include "core/base/assert.h"

namespace lotmark::agent::llrp {

namespace {

constexpr std::uint8_t kTvBit = 0x80;
constexpr std::size_t kTlvHeader = 4;

// Bytes behind the type byte of each TV, types 1 to 20 (sections 16.2.7.3 and 16.3.1.5; 19 and 20 by LLRP 1.1).
constexpr std::array<std::uint8_t, 21> kTvBytes = {0, 2, 8,  8, 8, 8, 1, 2, 2, 4, 2,
                                                   2, 2, 12, 2, 2, 4, 2, 4, 2, 2};

}  // namespace

std::uint64_t Reader::number(std::size_t bytes) {
  std::uint64_t v = 0;
  for (const std::uint8_t b : this->bytes(bytes)) v = v << 8 | b;
  return v;
}

ByteView Reader::bytes(std::size_t count) {
  if (count > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const ByteView out = rest_.first(count);
  rest_ = rest_.subspan(count);
  return out;
}

std::string Reader::text() { return std::string(as_text(bytes(u16()))); }

std::optional<Parameter> Parameters::next() {
  if (rest_.empty() || !ok_) return std::nullopt;
  Reader in(rest_);
  Parameter p;
  if ((rest_[0] & kTvBit) != 0) {
    const std::size_t type = in.u8() & 0x7fu;
    p.type = static_cast<ParameterType>(type);
    ok_ = type != 0 && type < kTvBytes.size();
    if (ok_) p.value = in.bytes(kTvBytes[type]);
  } else {
    p.type = static_cast<ParameterType>(in.u16() & 0x3ff);
    const std::size_t size = in.u16();
    ok_ = size >= kTlvHeader;
    if (ok_) p.value = in.bytes(size - kTlvHeader);
  }
  ok_ = ok_ && in.ok();
  if (!ok_) return std::nullopt;
  rest_ = in.rest();
  return p;
}

std::optional<ByteView> find(ByteView parameters, ParameterType type) {
  Parameters all(parameters);
  while (const auto p = all.next()) {
    if (p->type == type) return p->value;
  }
  return std::nullopt;
}

Writer& Writer::number(std::uint64_t v, std::size_t bytes) {
  for (; bytes > 0; --bytes) {
    out_.push_back(static_cast<std::uint8_t>(v >> (8 * (bytes - 1))));
  }
  return *this;
}

Writer& Writer::bytes(ByteView v) {
  out_.insert(out_.end(), v.begin(), v.end());
  return *this;
}

void Writer::close(std::size_t begin) {
  const std::size_t size = out_.size() - begin;
  LM_ASSERT(size <= 0xffff);
  out_[begin + 2] = static_cast<std::uint8_t>(size >> 8);
  out_[begin + 3] = static_cast<std::uint8_t>(size);
}

}  // namespace lotmark::agent::llrp
