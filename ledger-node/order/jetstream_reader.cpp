#include "ledger-node/order/jetstream_reader.h"

namespace lotmark::node::js {

void Reader::begin(std::uint64_t first, std::uint64_t last) {
  next_ = first;
  last_ = last;
  window_.clear();
}

std::vector<std::uint64_t> Reader::to_fetch(std::uint64_t room) {
  std::vector<std::uint64_t> out;
  const std::uint64_t most = std::min(kWindow, room);
  for (std::uint64_t seq = next_; seq <= last_ && seq - next_ < most; ++seq) {
    if (window_.try_emplace(seq).second) out.push_back(seq);
  }
  return out;
}

void Reader::not_fetched(std::uint64_t seq) {
  const auto at = window_.find(seq);
  if (at != window_.end() && !at->second) window_.erase(at);
}

void Reader::came(std::uint64_t seq, Bytes block) {
  grew_to(seq);
  if (seq < next_ || seq - next_ >= kWindow) return;
  auto& place = window_[seq];
  if (!place) place = std::move(block);
}

std::vector<EntrySeen> Reader::take(std::uint64_t room) {
  std::vector<EntrySeen> out;
  while (out.size() < room && !window_.empty()) {
    const auto at = window_.begin();
    if (at->first != next_ || !at->second) break;
    out.push_back({next_++, *std::move(at->second)});
    window_.erase(at);
  }
  return out;
}

}  // namespace lotmark::node::js
