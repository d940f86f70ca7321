#include "ledger-node/capture/event_store.h"

#include <algorithm>
#include <thread>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/random.h"
#include "core/epcis/hash/event_hash.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::node {

namespace {

using State = CaptureOutcome::State;
using Kind = CaptureRequest::Kind;

// Of a job: who sent thousands of faults is not told of each. It is read whole wherever the job is.
constexpr std::size_t kErrorsMax = 128 * 1024;

// Of an item without an ID nothing is known but what is wrong with it.
epcis::Json problem_of(const CaptureOutcome::Item& item) {
  if (item.id.empty()) {
    return {{"type", "epcisException:ValidationException"},
            {"title", "An event cannot be kept as it is"},
            {"status", 400},
            {"detail", item.why}};
  }
  return {{"type", "epcisException:ResourceAlreadyExistsException"},
          {"title", "An event of that eventID was captured before"},
          {"status", 409},
          {"detail", item.id + ": " + item.why}};
}

// A JSON list of these; of too many the first, and how many more there were.
std::string errors_text(epcis::Json errors) {
  const auto dump = [](const epcis::Json& j) {
    return j.dump(-1, ' ', false, epcis::Json::error_handler_t::replace);
  };
  std::string all = dump(errors);
  if (all.size() <= kErrorsMax) return all;
  epcis::Json kept = epcis::Json::array();
  std::size_t bytes = 1024;  // for what is said of the rest
  for (auto& e : errors) {
    bytes += dump(e).size() + 1;
    if (bytes > kErrorsMax) break;
    kept.push_back(std::move(e));
  }
  kept.push_back({{"type", "epcisException:ValidationException"},
                  {"title", "More is wrong than is kept of a job"},
                  {"status", 400},
                  {"detail", std::to_string(errors.size() - kept.size()) + " more"}});
  return dump(kept);
}

// An event's errorDeclaration; null without one.
epcis::Json declaration_in(const std::string& body) {
  const auto json = epcis::Json::parse(body, nullptr, false);
  return json.is_object() ? json.value("errorDeclaration", epcis::Json()) : epcis::Json();
}

// Of one eventID: each is looked at when another comes.
constexpr std::size_t kOfOneId = 64;
// Of one capture: each is a place on the disk. One that is whole or nothing is one transaction, for which others wait.
constexpr std::size_t kTermsMax = 500'000;
constexpr std::size_t kTermsWholeMax = 250'000;
// Of one part, of one transaction that is: others wait for the database meanwhile, some with the node's lock.
constexpr std::size_t kPartTerms = 10'000;
constexpr std::size_t kPartBytes = 2 * 1024 * 1024;
// Between two parts, and behind a capture that had more than one: longer than those who wait for the database sleep between two looks (core/store).
constexpr std::chrono::milliseconds kBetweenParts{12};

std::string new_job_id() {
  const auto id = to_hex(random_fixed<Salt>());
  return id.substr(0, 8) + "-" + id.substr(8, 4) + "-" + id.substr(12, 4) + "-" + id.substr(16, 4) +
         "-" + id.substr(20);
}

}  // namespace

// The events of a request, read: each, or what is wrong with it.
struct EventStore::Group {
  const CaptureRequest& request;
  std::vector<Result<CapturedEvent>> events;

  static Result<Group> read(CaptureRequest& request) {
    std::vector<epcis::Context> contexts;
    for (const auto& json : request.contexts) {
      LM_ASSIGN(auto c, epcis::Context::read(epcis::Json::parse(json, nullptr, false)));
      contexts.push_back(std::move(c));
    }
    Group group{request, {}};
    std::size_t terms = 0;
    for (auto& e : request.events) {
      group.events.push_back(read_captured(std::move(e.body), contexts[e.context]));
      if (const auto& made = group.events.back()) terms += made->terms.size();
      if (terms > kTermsMax)
        return fail(Errc::kTooLarge,
                    "the events name more than 500,000 things: send them in smaller documents");
      if (terms > kTermsWholeMax && request.kind == Kind::kRollback)
        return fail(Errc::kTooLarge,
                    "the events name more than 250,000 things: send them in smaller documents, or "
                    "with the behaviour proceed, of which what is good is kept");
    }
    return group;
  }

  std::vector<Part> parts() const {
    std::vector<Part> out;
    std::size_t terms = 0, bytes = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const std::size_t more_terms = events[i] ? events[i]->terms.size() : 0;
      const std::size_t more_bytes = events[i] ? events[i]->body.size() : 0;
      if (out.empty() || terms + more_terms > kPartTerms || bytes + more_bytes > kPartBytes) {
        out.push_back({i, i});
        terms = bytes = 0;
      }
      out.back().to = i + 1;
      terms += more_terms;
      bytes += more_bytes;
    }
    return out;
  }
};

Result<std::unique_ptr<EventStore>> EventStore::open(const std::filesystem::path& private_db) {
  LM_ASSIGN(auto db, chain::open_private(private_db));
  // Terms go to places far from one another: with SQLite's own 2 MB each would be read again.
  LM_TRY(db.exec("PRAGMA cache_size = -65536"));
  std::unique_ptr<EventStore> s(new EventStore(std::move(db)));
  LM_TRY(s->load());
  return s;
}

// Of rows that are gone, numbers are not given again where anything names them.
Status EventStore::load() {
  LM_ASSIGN(auto q, db_.prepare("SELECT n, recorded FROM event ORDER BY n DESC LIMIT 1"));
  LM_ASSIGN(const bool row, q.step());
  if (row) {
    events_ = last_ = q.u64(0);
    time_ = q.u64(1);
  }
  LM_ASSIGN(auto named, db_.prepare("SELECT max((SELECT coalesce(max(last), 0) FROM event_span), "
                                    "(SELECT coalesce(max(k1), 0) FROM moved WHERE tab = 10))"));
  LM_TRY(named.step());
  last_ = std::max(last_, named.u64(0));
  return {};
}

Result<std::uint64_t> EventStore::context_row(const std::string& json) {
  LM_ASSIGN(auto find, db_.prepare("SELECT k FROM event_context WHERE json = ?"));
  LM_ASSIGN(const bool there, find.bind(1, std::string_view(json)).step());
  if (there) return find.u64(0);
  LM_ASSIGN(auto put,
            db_.prepare("INSERT INTO event_context(k, json) VALUES(max((SELECT "
                        "coalesce(max(k), 0) FROM event_context), (SELECT coalesce(max(k1), "
                        "0) FROM moved WHERE tab = 9)) + 1, ?)"));
  LM_TRY(put.bind(1, std::string_view(json)).run());
  return static_cast<std::uint64_t>(db_.last_rowid());
}

Result<CaptureOutcome::Item> EventStore::judge(const CapturedEvent& event) {
  CaptureOutcome::Item item{State::kStored, event.id_text(), {}};
  LM_ASSIGN(auto q, db_.prepare("SELECT n FROM event_term WHERE h = ? ORDER BY n"));
  q.bind(1, static_cast<std::int64_t>(id_term(item.id)));
  std::size_t of_that_id = 0;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) {
      if (of_that_id < kOfOneId) return item;
      item.state = State::kRefused;
      item.why = "64 events have that eventID";
      return item;
    }
    LM_ASSIGN(auto held, read_event(db_, q.u64(0)));
    if (!held) return fail(Errc::kCorrupt, "event " + std::to_string(q.u64(0)) + " is missing");
    if (held->id_text() != item.id) continue;
    ++of_that_id;
    // An event and what declares an error of it have one hash.
    const bool same = held->hash == event.hash;
    if (same && declaration_in(held->body) == declaration_in(event.body)) {
      item.state = State::kHeld;
      item.why.clear();
      return item;
    }
    if (event.declares_error || same) continue;
    item.state = State::kRefused;
    item.why = "another event has that eventID";
  }
}

Status EventStore::insert(const CapturedEvent& event, std::uint64_t context) {
  const std::uint64_t n = last_ + 1;
  LM_ASSIGN(auto q, db_.prepare("INSERT INTO event(n, id, hash, sha, salt, recorded, context, "
                                "body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"));
  q.bind(1, n).bind(3, event.hash).bind(4, event.sha).bind(5, random_fixed<Salt>());
  if (event.id) q.bind(2, std::string_view(*event.id));
  else q.bind(2, nullptr);
  q.bind(6, time_).bind(7, context).bind(8, as_bytes(event.body));
  LM_TRY(q.run());
  // Of its ID others of the document are judged; all else is written with theirs.
  LM_ASSIGN(auto id, db_.prepare("INSERT OR IGNORE INTO event_term(h, t, n) VALUES(?, ?, ?)"));
  const auto term = static_cast<std::int64_t>(id_term(event.id_text()));
  LM_TRY(id.bind(1, term).bind(2, event.time).bind(3, n).run());
  index_.add(n, event);
  LM_ASSIGN(const auto lot, open_lot_of(db_, event.lots));
  LM_ASSIGN(auto wait, db_.prepare("INSERT INTO event_pending(n, start) VALUES(?, ?)"));
  LM_TRY(wait.bind(1, n).bind(2, lot).run());
  last_ = n;
  return {};
}

// Puts the job's row, or what is known by now in the place of it. It began and ended with its first and last event.
Status EventStore::write_job(const CaptureRequest& request, const CaptureOutcome& outcome,
                             std::uint64_t first, std::string_view errors) {
  LM_ASSIGN(auto q,
            db_.prepare(
                "INSERT INTO capture_job(id, created, finished, proceed, success, "
                "errors, first, last, owner, k) VALUES(?1, coalesce((SELECT recorded FROM event "
                "WHERE n = ?7), ?2), coalesce((SELECT recorded FROM event WHERE n = ?8), ?3), ?4, "
                "?5, ?6, ?7, ?8, ?9, max((SELECT coalesce(max(k), 0) FROM capture_job), (SELECT "
                "coalesce(max(k1), 0) FROM moved WHERE tab = 14)) + 1) ON CONFLICT(id) DO UPDATE "
                "SET created = excluded.created, finished = excluded.finished, success = "
                "excluded.success, errors = excluded.errors, first = excluded.first, last "
                "= excluded.last"));
  q.bind(1, std::string_view(outcome.job)).bind(2, time_).bind(3, time_);
  q.bind(4, request.kind == Kind::kProceed ? 1 : 0).bind(5, outcome.success ? 1 : 0);
  q.bind(6, errors);
  if (last_ >= first) q.bind(7, first).bind(8, last_);
  else q.bind(7, nullptr).bind(8, nullptr);
  return q.bind(9, std::string_view(request.owner)).run();
}

Status EventStore::put_job(const CaptureRequest& request, CaptureOutcome& outcome,
                           std::uint64_t first) {
  auto errors = epcis::Json::parse(request.faults, nullptr, false);
  if (!errors.is_array()) errors = epcis::Json::array();
  for (const auto& item : outcome.items) {
    if (item.state == State::kRefused) errors.push_back(problem_of(item));
  }
  outcome.success = errors.empty();
  if (outcome.job.empty()) outcome.job = new_job_id();
  return write_job(request, outcome, first, errors_text(std::move(errors)));
}

Status EventStore::take(const Group& group, const Part& part, CaptureOutcome& outcome) {
  std::vector<std::optional<std::uint64_t>> rows(group.request.contexts.size());
  index_.clear();
  for (std::size_t i = part.from; i < part.to; ++i) {
    const auto& event = group.events[i];
    CaptureOutcome::Item item{State::kRefused, {}, event ? std::string() : event.error().message()};
    if (event) {
      LM_ASSIGN(item, judge(*event));
    }
    if (item.state == State::kStored) {
      const std::size_t context = group.request.events[i].context;
      if (!rows[context]) {
        LM_ASSIGN(rows[context], context_row(group.request.contexts[context]));
      }
      LM_TRY(insert(*event, *rows[context]));
    }
    outcome.items.push_back(std::move(item));
  }
  return index_.write(db_);
}

// One refusal takes the events of a rollback back, not the word that is kept of the job.
Status EventStore::take_or_none(const Group& group, CaptureOutcome& outcome) {
  const std::uint64_t before = last_;
  LM_TRY(db_.exec("SAVEPOINT events"));
  LM_TRY(take(group, {0, group.events.size()}, outcome));
  const bool refused = std::ranges::any_of(
      outcome.items, [](const auto& item) { return item.state == State::kRefused; });
  if (refused && group.request.kind != Kind::kProceed) {
    LM_TRY(db_.exec("ROLLBACK TO events"));
    last_ = before;
  }
  return db_.exec("RELEASE events");
}

Result<std::uint64_t> EventStore::moved_top() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT coalesce(max(n), 0) FROM moved"));
  LM_TRY(q.step());
  return q.u64(0);
}

Status EventStore::store_whole(const Group& group, CaptureOutcome& outcome) {
  const CaptureRequest& request = group.request;
  const std::uint64_t before = last_;
  const bool none = request.kind == Kind::kRollback &&
                    !epcis::Json::parse(request.faults, nullptr, false).empty();
  const Status done = db_.transaction([&]() -> Status {
    if (!none) LM_TRY(take_or_none(group, outcome));
    if (request.kind != Kind::kSingle) LM_TRY(put_job(request, outcome, before + 1));
    LM_ASSIGN(outcome.moved, moved_top());
    return {};
  });
  if (!done) last_ = before;
  return done;
}

Status EventStore::store_part(const Group& group, const Part& part, bool ends, std::uint64_t first,
                              CaptureOutcome& outcome) {
  const std::uint64_t before = last_;
  const std::size_t items = outcome.items.size();
  const Status done = db_.transaction([&]() -> Status {
    LM_TRY(take(group, part, outcome));
    if (ends) {
      LM_TRY(put_job(group.request, outcome, first));
    } else {
      LM_TRY(write_job(group.request, outcome, first, kUnendedErrors));
    }
    LM_ASSIGN(outcome.moved, moved_top());
    return {};
  });
  if (done) return {};
  last_ = before;
  outcome.items.resize(items);
  return done;
}

Status EventStore::store_parts(const Group& group, const std::vector<Part>& parts,
                               const Clock& clock, CaptureOutcome& outcome) {
  const std::uint64_t first = last_ + 1;
  outcome.job = new_job_id();
  outcome.success = false;
  for (const auto& part : parts) {
    const bool ends = &part == &parts.back();
    time_ = std::max(unix_ms(clock.now()), time_);
    const Status done = store_part(group, part, ends, first, outcome);
    if (!done) {
      const std::string kept = std::to_string(outcome.items.size()) + " of " +
                               std::to_string(group.events.size()) + " events were gone through, ";
      return part.from == 0
                 ? done
                 : Status(fail(done.code(), kept + "and what was good of them is kept: " +
                                                done.error().message()));
    }
    if (!ends) std::this_thread::sleep_for(kBetweenParts);
  }
  return {};
}

Result<CaptureOutcome> EventStore::capture(CaptureRequest request, const Clock& clock) {
  LM_ASSIGN(const auto group, Group::read(request));
  const auto parts = group.parts();
  const std::lock_guard guard(lock_);
  std::this_thread::sleep_until(others_until_);  // who waited for a long one comes first
  CaptureOutcome outcome;
  const std::uint64_t before = last_, time_before = time_;
  time_ = std::max(unix_ms(clock.now()), time_);
  const bool in_parts = request.kind == Kind::kProceed && parts.size() > 1;
  const Status done =
      in_parts ? store_parts(group, parts, clock, outcome) : store_whole(group, outcome);
  if (parts.size() > 1) others_until_ = std::chrono::steady_clock::now() + kBetweenParts;
  if (!done && last_ == before) time_ = time_before;
  events_ = last_;
  stored_ += last_ - before;
  if (!done) return done.error();
  for (const auto& item : outcome.items) {
    held_ += item.state == State::kHeld ? 1 : 0;
    refused_ += item.state == State::kRefused ? 1 : 0;
  }
  log::debug("capture.taken", {{"job", outcome.job}, {"events", last_ - before}});
  return outcome;
}

std::vector<std::pair<std::string, double>> EventStore::metrics() const {
  return {{"lotmark_events", static_cast<double>(events_)},
          {"lotmark_events_captured_total{state=\"stored\"}", static_cast<double>(stored_)},
          {"lotmark_events_captured_total{state=\"held\"}", static_cast<double>(held_)},
          {"lotmark_events_captured_total{state=\"refused\"}", static_cast<double>(refused_)}};
}

}  // namespace lotmark::node
