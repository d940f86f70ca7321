// From reports of tags to readings of channels: which antenna is which channel, which reads are too faint, and that a
// tag which stays in the field is not told again and again.
#pragma once

#include <list>
#include <map>
#include <unordered_map>

#include "core/gs1/epc.h"
#include "edge-agent/source/llrp/answers.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent::llrp {

struct TagOptions {
  std::string channel;                                 // of all antennas, if the next names none
  std::map<std::uint16_t, std::string> antennas = {};  // antenna to channel
  std::optional<int> min_rssi_dbm = std::nullopt;      // fainter reads are passed over
  Millis quiet{5000};  // a tag that was not seen for so long is told again; 0: each read is told
  Millis repeat{0};    // one that stays is told again so often; 0: not
  gs1::EpcForm form = gs1::EpcForm::kUrn;
};

class Tags {
 public:
  explicit Tags(TagOptions options) : options_(std::move(options)) {}

  // Whether reports of this antenna have a channel.
  bool knows(std::uint16_t antenna) const;
  // Of an antenna that is known. Nothing if it is too faint, or was told before. One that comes late by at most a second, after a younger one of
  // its channel, has that one's time: a channel's times do not fall.
  std::optional<Reading> take(const TagReport& report, std::int64_t t);

  const std::string& channel_of(std::uint16_t antenna) const;  // which is known
  // All there are, each once.
  std::vector<std::string> channels() const;

 private:
  struct Sighting {
    std::string key;
    std::int64_t seen;
    std::int64_t told;
  };
  bool is_news(std::string key, std::int64_t t);

  const TagOptions options_;
  std::map<std::string, std::int64_t> newest_;  // by channel
  std::list<Sighting> sightings_;               // seen last in front; bounded
  std::unordered_map<std::string_view, std::list<Sighting>::iterator> by_key_;
};

// The text of what is on the tag, raw if its protocol control word says that it is no EPC.
std::string text_of(const TagReport& report, gs1::EpcForm form);

}  // namespace lotmark::agent::llrp
