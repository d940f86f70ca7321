#include "edge-agent/source/llrp/llrp.h"

#include <algorithm>

#include "core/base/log.h"
#include "core/base/random.h"

namespace lotmark::agent {

namespace {

using std::chrono::steady_clock;

constexpr Millis kPauseMin{500};
constexpr Millis kPauseMax{30000};
constexpr Millis kLasted{
    30000};  // a connection that stood so long begins again with the shortest pause
constexpr Millis kGapEvery{
    5000};  // an open gap is declared again so often: a bundle covers one window
constexpr Millis kLeaveWithin{1000};
constexpr int kLinesAMinute = 20;

// Between three quarters and five quarters: readers that went together are not asked together.
Millis jittered(Millis pause) {
  std::uint8_t random = 0;
  fill_random(&random, 1);
  return pause * 3 / 4 + pause * random / 510;
}

const char* name_of(llrp::TimeFrom from) {
  switch (from) {
    case llrp::TimeFrom::kReader: return "reader-utc";
    case llrp::TimeFrom::kOffset: return "reader-offset";
    default: return "arrival";
  }
}

}  // namespace

LlrpSource::LlrpSource(LlrpOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      tags_(options_.tags),
      reader_clock_(options_.clock_bound) {}

llrp::Moment LlrpSource::now() const { return {steady_clock::now(), clock_.now()}; }

bool LlrpSource::may_log() {
  const auto t = steady_clock::now();
  if (t - minute_ >= std::chrono::minutes(1)) {
    minute_ = t;
    lines_ = 0;
  }
  return ++lines_ <= kLinesAMinute;
}

Result<std::optional<Position>> LlrpSource::run(Sink& sink) {
  Millis pause_time = kPauseMin;
  heard_ = clock_.now();
  for (;;) {
    const auto begin = steady_clock::now();
    const auto ended = serve(sink);
    if (ended) return std::optional<Position>();
    if (was_ready_ && steady_clock::now() - begin > kLasted) pause_time = kPauseMin;
    const Millis wait = jittered(pause_time);
    log::warn("reader.lost", {{"source", options_.name},
                              {"error", ended.error().message()},
                              {"pause_ms", wait.count()}});
    // What was before the first silence is known, and declared once.
    const bool going = lost_ || declare(sink, tags_.channels(), std::min(heard_, clock_.now()));
    if (!going || !pause(sink, wait)) return std::optional<Position>();
    pause_time = std::min(2 * pause_time, kPauseMax);
  }
}

// An open gap is told again and again: of the time away, what lies in a bundle's window stands in that bundle.
bool LlrpSource::pause(Sink& sink, Millis time) {
  lost_ = true;
  for (;;) {
    if (!declare(sink, tags_.channels(), clock_.now())) return false;
    const Millis part = std::min(time, kGapEvery);
    if (!stop_.pause_ms(static_cast<int>(part.count()))) return false;
    time -= part;
    if (time.count() <= 0) return true;
  }
}

Status LlrpSource::serve(Sink& sink) {
  was_ready_ = false;
  gone_.clear();
  auto connection = llrp::Connection::open(options_.host, options_.port, stop_);
  if (!connection) return stop_.pause_ms(0) ? Status(connection.error()) : Status();
  llrp::Session session(options_.session, steady_clock::now());
  auto ended = serve(sink, *connection, session);
  if (ended) take_leave(sink, *connection, session);
  return ended;
}

// A value: the agent stops. What came is looked at before silence is: the agent may have been slow, not the reader.
Status LlrpSource::serve(Sink& sink, llrp::Connection& connection, llrp::Session& session) {
  auto gap_told = steady_clock::now();
  for (;;) {
    LM_TRY(connection.write(session.take_output()));
    const auto left = std::chrono::ceil<Millis>(session.deadline() - steady_clock::now());
    auto bytes = connection.read(std::clamp(left, Millis(0), kGapEvery), &stop_);
    if (!bytes) {
      if (bytes.code() == Errc::kUnavailable) return {};
      return bytes.error();
    }
    const auto t = steady_clock::now();
    if (!bytes->empty()) heard_ = clock_.now();
    Status fine = bytes->empty() ? session.tick(t) : session.feed(*bytes, t);
    for (const auto& news : session.take_news()) {
      if (!take(sink, news)) return {};
    }
    if (!fine) return fine;
    if (t - gap_told >= kGapEvery) {
      gap_told = t;
      if (!declare_gone(sink)) return {};
    }
  }
}

// The reader is told, so that it takes the next client at once; a reader that does not answer is left.
void LlrpSource::take_leave(Sink& sink, llrp::Connection& connection, llrp::Session& session) {
  const auto until = steady_clock::now() + kLeaveWithin;
  session.close(steady_clock::now());
  while (!session.closed()) {
    const auto left = std::chrono::ceil<Millis>(until - steady_clock::now());
    if (left.count() <= 0 || !connection.write(session.take_output())) return;
    const auto bytes = connection.read(left, nullptr);
    if (!bytes) return;
    const Status fine = session.feed(*bytes, steady_clock::now());
    for (const auto& news : session.take_news()) (void)take(sink, news);
    if (!fine) return;
  }
}

bool LlrpSource::take(Sink& sink, const llrp::News& news) {
  if (const auto* accepted = std::get_if<llrp::Accepted>(&news)) {
    reader_clock_.begin(accepted->time, now());
    told_from_.reset();
  } else if (const auto* ready = std::get_if<llrp::Ready>(&news)) {
    return take_ready(sink, *ready);
  } else if (const auto* seen = std::get_if<llrp::Seen>(&news)) {
    return take_tags(sink, *seen);
  } else if (const auto* change = std::get_if<llrp::AntennaChange>(&news)) {
    return take_antenna(sink, *change);
  } else if (const auto* remark = std::get_if<llrp::Remark>(&news)) {
    if (may_log()) log::warn("reader.says", {{"source", options_.name}, {"text", remark->text}});
  } else {
    if (may_log()) log::warn("reader.overflow", {{"source", options_.name}});
    return declare(sink, tags_.channels(), clock_.now());
  }
  return true;
}

bool LlrpSource::take_ready(Sink& sink, const llrp::Ready& ready) {
  was_ready_ = true;
  log::info("reader.ready", {{"source", options_.name},
                             {"manufacturer", ready.reader.manufacturer},
                             {"model", ready.reader.model},
                             {"firmware", ready.reader.firmware},
                             {"antennas", ready.reader.antennas},
                             {"resumed", ready.resumed}});
  for (const auto& [antenna, channel] : options_.tags.antennas) used_.insert(antenna);
  if (!std::exchange(lost_, false)) return true;
  return declare(sink, tags_.channels(), clock_.now());
}

bool LlrpSource::take_tags(Sink& sink, const llrp::Seen& seen) {
  const auto moment = now();
  std::vector<Reading> readings;
  std::size_t bad = seen.reports.bad;
  for (const auto& tag : seen.reports.tags) {
    if (!tags_.knows(tag.antenna.value_or(0))) {  // no channel: passed over as what is damaged
      ++bad;
      continue;
    }
    auto stamp = tag.last_seen ? tag.last_seen : tag.first_seen;
    if (stamp && tag.first_seen && tag.first_seen->utc == stamp->utc &&
        tag.first_seen->micros > stamp->micros) {
      stamp = tag.first_seen;
    }
    const std::int64_t t = reader_clock_.time_of(stamp, moment);
    if (tag.antenna) used_.insert(*tag.antenna);
    if (auto r = tags_.take(tag, t)) readings.push_back(std::move(*r));
    if (told_from_ == reader_clock_.from() || !may_log()) continue;
    told_from_ = reader_clock_.from();
    log::info("reader.times", {{"source", options_.name},
                               {"from", name_of(*told_from_)},
                               {"ahead_ms", reader_clock_.ahead().count()}});
  }
  counts_.records += seen.reports.tags.size() + seen.reports.bad - bad;
  std::ranges::stable_sort(readings, {}, &Reading::t);
  if (!readings.empty() && !sink.put(std::move(readings))) return false;
  if (bad == 0) return true;
  const bool first = counts_.bad == 0;  // the count says how many
  counts_.bad += bad;
  if (first) {
    log::warn("source.bad_record",
              {{"source", options_.name},
               {"error", "a tag report damaged, or of an antenna not asked for"}});
  }
  return declare(sink, tags_.channels(), moment.wall, GapReason::kNotANumber);
}

// An antenna port that nothing was ever plugged into is no loss.
bool LlrpSource::take_antenna(Sink& sink, const llrp::AntennaChange& change) {
  if (!tags_.knows(change.antenna)) return true;
  if (change.connected) {
    used_.insert(change.antenna);
    if (gone_.erase(change.antenna) == 0) return true;
  } else if (!used_.contains(change.antenna) || !gone_.insert(change.antenna).second) {
    return true;
  }
  if (may_log()) {
    log::warn(
        "reader.antenna",
        {{"source", options_.name}, {"antenna", change.antenna}, {"connected", change.connected}});
  }
  return declare(sink, {tags_.channel_of(change.antenna)}, clock_.now());
}

bool LlrpSource::declare_gone(Sink& sink) {
  std::set<std::string> channels;
  for (const auto antenna : gone_) channels.insert(tags_.channel_of(antenna));
  return declare(sink, {channels.begin(), channels.end()}, clock_.now());
}

bool LlrpSource::declare(Sink& sink, const std::vector<std::string>& channels, Time t,
                         GapReason reason) {
  std::vector<Reading> gaps;
  gaps.reserve(channels.size());
  for (const auto& channel : channels) {
    gaps.push_back(
        {channel, "", 0, std::max<std::int64_t>(0, to_ms(t)), reason, {}, ChannelKind::kEpc});
  }
  return gaps.empty() || sink.put(std::move(gaps));
}

std::vector<std::string> channels_of(const LlrpOptions& options) {
  return llrp::Tags(options.tags).channels();
}

std::unique_ptr<Source> make_source(const LlrpOptions& options, const SourcePlace& place) {
  return std::make_unique<LlrpSource>(options, place.clock);
}

}  // namespace lotmark::agent
