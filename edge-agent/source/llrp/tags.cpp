#include "edge-agent/source/llrp/tags.h"

#include <algorithm>
#include <set>

namespace lotmark::agent::llrp {

namespace {

constexpr std::size_t kSightingsMax =
    16384;  // the one seen longest ago gives way: told again if it is seen
constexpr std::int64_t kLateMs = 1000;
constexpr std::uint16_t kNotEpc = 0x0100;  // Gen2, protocol control bit 17h

}  // namespace

std::string text_of(const TagReport& report, gs1::EpcForm form) {
  const gs1::EpcMemory memory{report.epc, report.epc_bits};
  if (report.pc && (*report.pc & kNotEpc) != 0) {
    return gs1::raw_epc(memory, static_cast<std::uint8_t>(*report.pc & 0xff));
  }
  return gs1::epc_text(memory, form);
}

bool Tags::knows(std::uint16_t antenna) const {
  return options_.antennas.empty() || options_.antennas.contains(antenna);
}

const std::string& Tags::channel_of(std::uint16_t antenna) const {
  const auto at = options_.antennas.find(antenna);
  return at != options_.antennas.end() ? at->second : options_.channel;
}

std::vector<std::string> Tags::channels() const {
  std::set<std::string> all;
  for (const auto& [antenna, channel] : options_.antennas) all.insert(channel);
  if (all.empty()) all.insert(options_.channel);
  return {all.begin(), all.end()};
}

std::optional<Reading> Tags::take(const TagReport& report, std::int64_t t) {
  if (options_.min_rssi_dbm && report.rssi_dbm && *report.rssi_dbm < *options_.min_rssi_dbm) {
    return std::nullopt;
  }
  const std::string& channel = channel_of(report.antenna.value_or(0));
  auto& newest = newest_[channel];
  if (t < newest && t >= newest - kLateMs) t = newest;
  newest = std::max(newest, t);
  if (!is_news(channel + '\0' + std::to_string(report.epc_bits) + std::string(as_text(report.epc)),
               t)) {
    return std::nullopt;
  }
  return Reading{channel, "", 0, t, text_of(report, options_.form), {}};
}

bool Tags::is_news(std::string key, std::int64_t t) {
  if (options_.quiet.count() == 0) return true;
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) {
    if (sightings_.size() >= kSightingsMax) {
      by_key_.erase(sightings_.back().key);
      sightings_.pop_back();
    }
    sightings_.push_front({std::move(key), t, t});
    by_key_.emplace(sightings_.front().key, sightings_.begin());
    return true;
  }
  Sighting& s = *at->second;
  sightings_.splice(sightings_.begin(), sightings_, at->second);
  const bool was_gone = t - s.seen >= options_.quiet.count();
  const bool again = options_.repeat.count() > 0 && t - s.told >= options_.repeat.count();
  s.seen = std::max(s.seen, t);
  if (was_gone || again) s.told = t;
  return was_gone || again;
}

}  // namespace lotmark::agent::llrp
