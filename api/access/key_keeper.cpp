#include "api/access/key_keeper.h"

#include "core/base/log.h"

namespace lotmark::api::access {

namespace {

constexpr std::chrono::seconds kKeyLook{1};

std::string place_of(const KeySource& s) { return s.url.empty() ? s.file.string() : s.url; }

}  // namespace

Result<std::unique_ptr<KeyKeeper>> KeyKeeper::open(std::vector<KeySource> sources,
                                                   TokenJudge& tokens, Fetch fetch) {
  std::unique_ptr<KeyKeeper> out(new KeyKeeper(tokens, std::move(fetch)));
  for (auto& source : sources) {
    State& s = out->states_.emplace_back();
    s.source = std::move(source);
    if (!s.source.url.empty()) continue;
    if (const Status read = out->read_file(s); !read)
      return fail(Errc::kConfig, place_of(s.source) + ": " + read.error().message());
  }
  return out;
}

KeyKeeper::~KeyKeeper() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

Status KeyKeeper::take(const State& s, const Bytes& bytes) {
  LM_ASSIGN(auto keys, KeySet::read(bytes));
  for (const auto& why : keys.skipped())
    log::debug("access.key_skipped", {{"issuer", s.source.rules.issuer}, {"why", why}});
  log::info("access.keys", {{"issuer", s.source.rules.issuer}, {"keys", keys.keys().size()}});
  return tokens_.set_keys(s.source.rules.issuer, std::move(keys));
}

// Its time is read before its bytes: what is written meanwhile is read once more.
Status KeyKeeper::read_file(State& s) {
  std::error_code ec;
  const auto changed = std::filesystem::last_write_time(s.source.file, ec);
  if (ec) return fail(Errc::kIo, "cannot be looked at: " + ec.message());
  s.changed = changed;
  return ask(s);
}

Status KeyKeeper::ask(State& s) {
  LM_ASSIGN(const auto bytes, fetch_(s.source));
  return take(s, bytes);
}

// Of many failures in a row the first is said, and the end.
void KeyKeeper::say(State& s, const Status& done) {
  s.holds = static_cast<bool>(done);
  if (!done && !s.failing) {
    log::warn("access.keys_failed", {{"issuer", s.source.rules.issuer},
                                     {"from", place_of(s.source)},
                                     {"error", done.error().message()}});
  }
  s.failing = !done;
}

void KeyKeeper::look(Instant now) {
  bool wanted = false;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
  }
  bool postponed = false;
  for (State& s : states_) {
    if (s.source.url.empty()) {
      std::error_code ec;
      const auto changed = std::filesystem::last_write_time(s.source.file, ec);
      if (ec || changed != s.changed) say(s, read_file(s));
      continue;
    }
    const bool lately = s.asked && now - *s.asked < kLeast;
    const bool due = !s.asked || !s.holds || wanted || now - *s.asked >= kEvery;
    postponed = postponed || (wanted && lately);
    if (!due || lately) continue;
    s.asked = now;
    say(s, ask(s));
  }
  if (!wanted || postponed) return;
  const std::lock_guard lock(mutex_);
  wanted_ = false;
}

void KeyKeeper::ask_soon() {
  const std::lock_guard lock(mutex_);
  wanted_ = true;
}

void KeyKeeper::run() {
  look(std::chrono::steady_clock::now());
  thread_ = std::thread([this] { loop(); });
}

void KeyKeeper::loop() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, kKeyLook, [this] { return stop_; })) {
    lock.unlock();
    look(std::chrono::steady_clock::now());
    lock.lock();
  }
}

}  // namespace lotmark::api::access
