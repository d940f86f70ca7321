#include "edge-agent/source/fridge_log/fridge_log.h"

#include <poll.h>

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "edge-agent/source/fridge_log/signature.h"
#include "edge-agent/source/setback.h"

namespace lotmark::agent {

namespace {

constexpr int kLookMs = 1000;
constexpr int kLookAgainMs = 10000;  // where nothing waits: folders of other machines give no word
constexpr Millis kPatience{60000};   // with a file that is not whole
constexpr std::int64_t kAheadMinutesMax = 26 * 60;   // of any zone and a day
constexpr std::int64_t kClockSetMs = 1735689600000;  // 2025-01-01: an earlier clock is none

// A disk that is full, a stick that is not there, a name that is taken. What was kept and is damaged stays so.
bool may_pass(Errc code) {
  return code == Errc::kIo || code == Errc::kDiskFull || code == Errc::kConflict;
}

}  // namespace

Result<std::optional<Position>> FridgeLogSource::run(Sink& sink) {
  Setback setback(options_.name);
  drop_.emplace(options_.folder);
  while (!stop_.is_set()) {
    const auto goes_on = turn(sink);
    if (goes_on) {
      if (!*goes_on) break;
      setback.over();
      wait();
    } else if (may_pass(goes_on.code())) {
      book_.reset();  // what is there then is looked at anew
      (void)stop_.pause_ms(static_cast<int>(setback.failed(goes_on.error()).count()));
    } else {
      return goes_on.error();
    }
  }
  return std::optional<Position>();
}

Result<bool> FridgeLogSource::turn(Sink& sink) {
  if (book_ && !book_->is_there()) book_.reset();
  if (!book_) LM_TRY(open_book());
  LM_ASSIGN(const bool goes_on, tell(sink));
  if (!goes_on) return false;
  return look_in(sink);
}

// Without the last file that was read, days that it told would be told again: its folder lies on what is not mounted.
Status FridgeLogSource::open_book() {
  LM_ASSIGN(auto book, fridge::Logbook::open(options_.kept, options_.rejected, at_.offset));
  const auto last = book.before(at_.offset);
  if (!last && at_.offset > 1)
    return fail(Errc::kIo, options_.kept + " does not hold the last file that was read");
  if (last) {
    LM_ASSIGN(const auto bytes, book.read(*last));
    LM_ASSIGN(const auto log, fridge::read_log(as_text(bytes)));
    told_ = log.created;
  }
  book_ = std::move(book);
  watch_.emplace(options_.folder);
  return {};
}

void FridgeLogSource::wait() const {
  pollfd p[2] = {{stop_.fd(), POLLIN, 0}, {watch_->fd(), POLLIN, 0}};
  (void)::poll(p, 2, drop_->waiting() ? kLookMs : kLookAgainMs);
  if (watch_->fd() >= 0) watch_->drain();
}

Result<bool> FridgeLogSource::look_in(Sink& sink) {
  LM_ASSIGN(const auto files, drop_->settled(std::chrono::steady_clock::now()));
  for (const auto& file : files) {
    LM_ASSIGN(const Fate fate, take(sink, file));
    if (fate == Fate::kStopped) return false;
    if (fate == Fate::kLater) continue;
    drop_->done(file);
    if (fate != Fate::kLeft) leave_no(file);
  }
  return true;
}

// Its bytes are kept elsewhere. A stick that cannot be written to keeps it: it is known again by its bytes.
void FridgeLogSource::leave_no(const fridge::DropFolder::File& file) const {
  const Status gone = drop_->remove(file);
  if (gone || gone.code() == Errc::kConflict) return;  // the new file is looked at in its turn
  log::warn(
      "fridge_log.left",
      {{"source", options_.name}, {"file", file.path.string()}, {"error", gone.error().message()}});
}

Result<FridgeLogSource::Fate> FridgeLogSource::take(Sink& sink,
                                                    const fridge::DropFolder::File& file) {
  const auto bytes = fridge::read_file(file.path, options_.max_bytes);
  if (!bytes && bytes.code() == Errc::kTooLarge)
    return reject(sink, file, nullptr, "above max_bytes");
  if (!bytes) return leave_unread(file, bytes.error());
  const Digest digest = sha256(*bytes);
  if (book_->has(digest)) {
    log::info("fridge_log.again", {{"source", options_.name}, {"file", file.path.string()}});
    return Fate::kAgain;
  }
  const std::string_view text = as_text(*bytes);
  if (fridge::incomplete(text) && file.quiet < kPatience) return Fate::kLater;
  const auto log = fridge::read_log(text);
  if (!log) return reject(sink, file, &*bytes, log.error().text);
  if (const Status fine = check(*log, text); !fine)
    return reject(sink, file, &*bytes, fine.error().text);
  if (is_ahead(*log)) return leave_ahead(file, *log);
  LM_ASSIGN(const auto number, book_->keep(digest, *bytes));
  log::info("fridge_log.read", {{"source", options_.name},
                                {"file", file.path.string()},
                                {"sha256", to_hex(digest)},
                                {"days", log->days.size()},
                                {"number", number}});
  at_ = {number, 0};
  LM_ASSIGN(const bool goes_on, tell(sink));
  return goes_on ? Fate::kKept : Fate::kStopped;
}

Status FridgeLogSource::check(const fridge::Log& log, std::string_view text) const {
  LM_TRY(fridge::verify(log, text));
  if (log.serial != options_.serial)
    return fail(Errc::kConfig, "of logger " + log.serial + ", not " + options_.serial);
  const bool known = options_.keys.empty() ||
                     std::ranges::find(options_.keys, log.public_key) != options_.keys.end();
  if (!known) return fail(Errc::kKeyUnknown, "signed by a key that is not in keys");
  if (told_ && log.created <= *told_)
    return fail(Errc::kTimeOrder, "not made after the last file that was read");
  const std::int64_t now = to_ms(clock_.now());
  const bool far = fridge::utc_ms(log.created - kAheadMinutesMax, options_.days) > now;
  if (far && now >= kClockSetMs) return fail(Errc::kTimeOrder, "made more than a day ahead of now");
  return {};
}

// Of a clock that goes fast, or of a zone to the east of utc_offset: it is taken once its time has come.
bool FridgeLogSource::is_ahead(const fridge::Log& log) const {
  const std::int64_t now = to_ms(clock_.now());
  return now >= kClockSetMs && fridge::utc_ms(log.created, options_.days) > now;
}

// Whoever copied it with a mode of its own is told; a mode that is mended changes nothing else of the file.
FridgeLogSource::Fate FridgeLogSource::leave_unread(const fridge::DropFolder::File& file,
                                                    const Error& error) {
  std::error_code ignored;
  if (std::filesystem::exists(file.path, ignored) && drop_->is_news(file, "unreadable")) {
    log::warn(
        "fridge_log.unreadable",
        {{"source", options_.name}, {"file", file.path.string()}, {"error", error.message()}});
  }
  return Fate::kLater;
}

FridgeLogSource::Fate FridgeLogSource::leave_ahead(const fridge::DropFolder::File& file,
                                                   const fridge::Log& log) {
  if (drop_->is_news(file, "ahead")) {
    log::warn("fridge_log.ahead",
              {{"source", options_.name},
               {"file", file.path.string()},
               {"made", to_iso(from_ms(fridge::utc_ms(log.created, options_.days)))}});
  }
  return Fate::kLater;
}

Result<bool> FridgeLogSource::tell(Sink& sink) {
  for (const auto number : book_->from(at_.offset)) {
    LM_ASSIGN(const auto bytes, book_->read(number));
    LM_ASSIGN(const auto log, fridge::read_log(as_text(bytes)));
    auto readings = fridge::readings_of(log, sha256(bytes), options_.days, told_);
    for (std::size_t i = 0; i < readings.size(); ++i) readings[i].at = {number, i};
    const std::size_t done =
        number == at_.offset ? std::min<std::size_t>(at_.index, readings.size()) : 0;
    readings.erase(readings.begin(), readings.begin() + static_cast<std::ptrdiff_t>(done));
    counts_.records += log.days.size();
    if (!readings.empty() && !sink.put(std::move(readings))) return false;
    if (!sink.pause({number + 1, 0})) return false;
    told_ = log.created;
    at_ = {number + 1, 0};
  }
  return true;
}

// The refusal is declared on the files' channel. A file that cannot be set aside stays where it is.
FridgeLogSource::Fate FridgeLogSource::reject(Sink& sink, const fridge::DropFolder::File& file,
                                              const Bytes* bytes, const std::string& reason) {
  ++counts_.bad;
  log::warn("fridge_log.rejected",
            {{"source", options_.name}, {"file", file.path.string()}, {"reason", reason}});
  const Status kept = bytes != nullptr
                          ? book_->reject(file.path.filename().string(), *bytes, reason)
                          : book_->reject_large(file.path, reason);
  if (!kept) {
    log::error("fridge_log.left", {{"source", options_.name},
                                   {"file", file.path.string()},
                                   {"error", kept.error().message()}});
  }
  const Position next{book_->next(), 0};
  const std::int64_t t = std::max<std::int64_t>(0, to_ms(clock_.now()));
  Reading gap{options_.days.channels.file, "", 0, t, GapReason::kNotANumber, next};
  gap.gap_kind = ChannelKind::kEpc;
  if (!sink.put({std::move(gap)}) || !sink.pause(next)) return Fate::kStopped;
  return kept ? Fate::kRejected : Fate::kLeft;
}

std::vector<std::string> channels_of(const FridgeLogOptions& options) {
  const auto& c = options.days.channels;
  std::vector<std::string> out;
  for (const auto* name : {&c.min, &c.max, &c.average, &c.below, &c.above, &c.file}) {
    if (!name->empty()) out.push_back(*name);
  }
  return out;
}

std::unique_ptr<Source> make_source(const FridgeLogOptions& options, const SourcePlace& place) {
  return std::make_unique<FridgeLogSource>(options, place);
}

}  // namespace lotmark::agent
