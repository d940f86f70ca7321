#include "edge-agent/source/serial/serial.h"

#include <algorithm>

namespace lotmark::agent {

namespace {

// Unasked, a turn waits so long for a line; then others have theirs, and it has the next at once.
constexpr Millis kListen{1000};
constexpr Millis kAtOnce{1};  // a line of ten bytes takes as long at 115,200 baud

class SerialProbe final : public Probe {
 public:
  explicit SerialProbe(SerialOptions options) : options_(std::move(options)) {
    const auto add = [&](const std::vector<std::string>& texts, std::vector<LinePattern>& out) {
      for (const auto& text : texts) {
        auto pattern = LinePattern::read(text, options_.decimal_comma);
        LM_ASSERT(pattern);  // the configuration was checked
        out.push_back(std::move(*pattern));
      }
    };
    add(options_.patterns, patterns_);
    add(options_.ignore, ignored_);
  }

  Status open() override { return port_.open(options_.port); }
  void close() override { port_.close(); }

  Status read(const PollContext& context, std::vector<Sample>& out) override {
    if (options_.send.empty()) return listen(context, out);
    LM_TRY(port_.ask(options_.send, context.stop));
    const auto until = std::chrono::steady_clock::now() + options_.response_timeout;
    bool answered = false;
    for (;;) {
      LM_ASSIGN(const auto line, port_.line(until, context.stop));
      if (!line)
        return answered ? Status() : fail(Errc::kIo, "no answer, or none that matches a pattern");
      const bool known = take(*line, context, out);
      answered = answered || known;
      const auto lost = [](const Sample& s) { return std::holds_alternative<GapReason>(s.value); };
      if (known && std::ranges::none_of(out, lost)) return {};
    }
  }

 private:
  // One line, or none within the time: then nothing is said of any channel.
  Status listen(const PollContext& context, std::vector<Sample>& out) {
    const auto begin = std::chrono::steady_clock::now();
    if (!spoke_at_) spoke_at_ = begin;
    LM_ASSIGN(const auto line, port_.line(begin + kListen, context.stop));
    const auto now = std::chrono::steady_clock::now();
    if (line) {
      spoke_at_ = now;
      for (auto& s : out) s.value = Quiet{};
      if (!take(*line, context, out)) {
        for (auto& s : out) s = {GapReason::kNotANumber, context.clock.now()};
      }
    } else if (options_.silent_after.count() > 0 && now - *spoke_at_ >= options_.silent_after) {
      return fail(Errc::kIo, "it says nothing");
    } else {
      for (auto& s : out) s.value = Quiet{};
    }
    return {};
  }

  // False if the line is of no pattern.
  bool take(const SerialLines::Line& line, const PollContext& context, std::vector<Sample>& out) {
    if (line.spoiled) return false;
    for (const auto& pattern : patterns_) {
      const auto numbers = pattern.match(line.text);
      if (!numbers) continue;
      for (const auto& n : *numbers) {
        const auto at = std::ranges::find(options_.channels, n.name, &PolledChannel::channel);
        out[static_cast<std::size_t>(at - options_.channels.begin())] = {n.value,
                                                                         context.clock.now()};
      }
      return true;
    }
    const bool ignored = std::ranges::any_of(
        ignored_, [&](const LinePattern& p) { return p.match(line.text).has_value(); });
    if (!ignored) return false;
    for (auto& s : out) {
      if (std::holds_alternative<GapReason>(s.value)) s.value = Quiet{};
    }
    return true;
  }

  const SerialOptions options_;
  std::vector<LinePattern> patterns_;
  std::vector<LinePattern> ignored_;
  SerialPort port_;
  std::optional<std::chrono::steady_clock::time_point> spoke_at_;
};

}  // namespace

std::vector<std::string> channels_of(const SerialOptions& options) {
  std::vector<std::string> out;
  for (const auto& c : options.channels) out.push_back(c.channel);
  return out;
}

std::unique_ptr<Source> make_source(const SerialOptions& options, const SourcePlace& place) {
  PollTiming timing = options.timing;
  if (options.send.empty()) timing.interval = kAtOnce;
  std::vector<PolledDevice> devices;
  devices.push_back({options.port.path, options.channels, std::make_shared<SerialProbe>(options)});
  return std::make_unique<Sampler>(options.name, timing, std::move(devices), place.clock);
}

}  // namespace lotmark::agent
