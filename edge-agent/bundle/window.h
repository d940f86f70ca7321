// What one lane saw in one window of time, until it is sealed. No I/O.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/wire/bundle_wire.h"
#include "edge-agent/source/reading.h"

namespace lotmark::agent {

class Window {
 public:
  // Covers [number * length_ms, (number + 1) * length_ms).
  Window(std::uint64_t number, std::uint64_t length_ms, Position first)
      : number_(number), length_ms_(length_ms), first_(first) {}

  std::uint64_t number() const { return number_; }
  std::uint64_t begin() const { return number_ * length_ms_; }
  std::uint64_t last_ms() const { return begin() + length_ms_ - 1; }
  // Where the input of this window begins: everything before is in sealed bundles.
  Position first() const { return first_; }
  std::uint64_t readings() const { return readings_; }

  // False if the reading would break a limit of the format; then seal this one and begin another.
  bool fits(const Reading& r) const;
  // Time within the window, fits() true; times of a channel never fall. A gap without a reading of the
  // channel since the last one of the same reason is joined to it.
  void add(const Reading& r);
  // Declares that readings of `r`'s channel between the two times were dropped.
  void add_gap(const Reading& r, GapReason reason, std::uint64_t from, std::uint64_t to);

  // False if an alarm, with its channel's place, would break a limit of the format.
  bool fits_alarm(const std::optional<Reading>& reading) const;
  // `reading` is the channel's last one: it names the channel, and its value is kept where it is a quantity. Without
  // it the alarm is of the whole device.
  void add_alarm(const std::string& rule, std::uint64_t t, const std::optional<Reading>& reading);

  // Takes the place of a window whose readings are let go of, here where nothing was added yet: each of its channels has a
  // gap at `t`, and its alarms stand as they stood.
  void instead_of(const Window& other, GapReason reason, std::uint64_t t);

  // Time of the channel's last reading, if it has one here.
  std::optional<std::uint64_t> last_of(std::string_view channel) const;
  // Times of the last reading of each channel, by name.
  void each_last(const std::function<void(const std::string&, std::uint64_t)>& fn) const;

  // Fills channels, gaps, alarms, from and to of `bundle` and the readings of `wire`; its salt and made are there
  // already.
  Status close(Bundle& bundle, BundleWire& wire) const;

 private:
  struct Lane {
    Channel head;
    ChannelReadings readings;
    std::optional<std::size_t> gap;  // the last of this channel, while no reading followed it
  };
  std::size_t place_of(const Reading& r);

  std::uint64_t number_;
  std::uint64_t length_ms_;
  Position first_;
  std::vector<Lane> channels_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::vector<DeclaredGap> gaps_;
  std::vector<Alarm> alarms_;
  std::uint64_t readings_ = 0;
  std::size_t text_bytes_ = 0;
};

}  // namespace lotmark::agent
