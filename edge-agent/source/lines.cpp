#include "edge-agent/source/lines.h"

namespace lotmark::agent {

void LineCutter::feed(std::string_view bytes) {
  held_.erase(0, at_);
  at_ = 0;
  held_ += bytes;
}

std::optional<TextLine> LineCutter::next() {
  const auto end = held_.find('\n', at_);
  if (end != std::string::npos) return cut(end - at_, 1);
  const std::size_t rest = held_.size() - at_;
  if (next_ != begin_ || rest > kLineBytesMax) {
    next_ += rest;
    at_ = held_.size();
  }
  return std::nullopt;
}

std::optional<TextLine> LineCutter::last() {
  if (next_ == begin_ && at_ == held_.size()) return std::nullopt;
  return cut(held_.size() - at_, 0);
}

TextLine LineCutter::cut(std::size_t size, std::size_t end) {
  TextLine line{begin_, next_ != begin_ || size > kLineBytesMax, {}};
  if (!line.too_long) line.text = std::string_view(held_).substr(at_, size);
  at_ += size + end;
  begin_ = next_ += size + end;
  return line;
}

}  // namespace lotmark::agent
