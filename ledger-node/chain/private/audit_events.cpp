// Captured EPCIS events: each row against the bytes it was sent as, in the order of capture, and whether it stands in a
// record or waits for one. docs/format/events.md.
#include "ledger-node/chain/private/audit_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/crypto/sha256.h"
#include "ledger-node/capture/captured_event.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kContextsKept = 256;
constexpr std::uint64_t kTermsOfOneIn =
    16;                        // of the others two terms are looked for: of all, and of the eventID
constexpr int kLoneMax = 100;  // rows that are named one by one

struct FoundEvent {
  std::int64_t n = 0;
  std::uint64_t recorded = 0;
  std::vector<AuditFault> faults;
  RawDataSeen raw_data;
};

AuditFault event_fault(std::string_view table, std::int64_t n, Errc e, std::string text) {
  return {std::string(table), static_cast<std::uint64_t>(n), {}, {}, {}, e, std::move(text), {}};
}

// Rows of `event` by themselves. One thread's.
class EventRows {
 public:
  static Result<EventRows> open(const store::Database& db) {
    LM_ASSIGN(auto context, db.prepare("SELECT json FROM event_context WHERE k = ?"));
    LM_ASSIGN(auto term, db.prepare("SELECT 1 FROM event_term WHERE h = ? AND t = ? AND n = ?"));
    LM_ASSIGN(auto value, db.prepare("SELECT 1 FROM event_value WHERE kind = ? AND value = ?"));
    return EventRows(std::move(context), std::move(term), std::move(value));
  }

  // Columns n, id, hash, sha, salt, recorded, context, body. An error is a table that cannot be read.
  Status check(const store::Query& q, FoundEvent& out) {
    const auto fault = [&](Errc e, std::string text) {
      out.faults.push_back(event_fault("event", out.n, e, std::move(text)));
    };
    const ByteView body = q.blob(7);
    if (!Salt::from(q.blob(4))) fault(Errc::kCorrupt, "its salt has another size");
    if (Digest::from(q.blob(3)) != sha256(body))
      fault(Errc::kCorrupt, "its sha is not that of its body");
    LM_ASSIGN(const auto context, context_of(q.u64(6)));
    if (!context) {
      fault(context.code(), fmt::format("its context, event_context row {}, {}", q.integer(6),
                                        context.error().text));
      return {};
    }
    const auto event = node::read_captured(std::string(as_text(body)), **context);
    if (!event) {
      fault(event.code(), "its body is no event: " + event.error().message());
      return {};
    }
    if (Digest::from(q.blob(2)) != event->hash)
      fault(Errc::kCorrupt, "its hash is not the one that its body and context give");
    const auto id = q.is_null(1) ? std::nullopt : std::optional(q.text(1));
    if (id != event->id) fault(Errc::kCorrupt, "its id is not the one in its body");
    return check_index(*event, out);
  }

 private:
  EventRows(store::Query context, store::Query term, store::Query value)
      : context_(std::move(context)), term_(std::move(term)), value_(std::move(value)) {}

  using Context = Result<const epcis::Context*>;
  // The inner error: the row is missing or holds none.
  Result<Context> context_of(std::uint64_t k) {
    if (const auto known = contexts_.find(k); known != contexts_.end())
      return Context(&known->second);
    LM_ASSIGN(const bool there, context_.bind(1, k).step());
    const std::string json = there ? context_.text(0) : std::string();
    context_.reset();
    if (!there) return Context(fail(Errc::kNotFound, "is missing"));
    auto made = epcis::Context::read(epcis::Json::parse(json, nullptr, false));
    if (!made) return Context(fail(made.code(), "cannot be read: " + made.error().message()));
    if (contexts_.size() >= kContextsKept) contexts_.clear();
    return Context(&contexts_.emplace(k, *std::move(made)).first->second);
  }

  Result<bool> has_term(epcis::Term h, std::int64_t t, std::int64_t n) {
    auto row = term_.bind(1, static_cast<std::int64_t>(h)).bind(2, t).bind(3, n).step();
    term_.reset();
    return row;
  }

  Status check_index(const node::CapturedEvent& event, FoundEvent& out) {
    std::vector<epcis::Term> terms = {node::kAllTerm, node::id_term(event.id_text())};
    const bool whole = static_cast<std::uint64_t>(out.n) % kTermsOfOneIn == 0;
    if (whole) terms = event.terms;
    for (const auto h : terms) {
      LM_ASSIGN(const bool there, has_term(h, event.time, out.n));
      if (there) continue;
      out.faults.push_back(event_fault("event_term", out.n, Errc::kNotFound,
                                       "queries do not find this event by all that it says"));
      break;
    }
    if (!whole) return {};
    for (const auto& [kind, value] : event.values) {
      LM_ASSIGN(const bool there,
                value_.bind(1, static_cast<int>(kind)).bind(2, std::string_view(value)).step());
      value_.reset();
      if (there) continue;
      out.faults.push_back(event_fault("event_value", out.n, Errc::kNotFound,
                                       "a value of this event is not listed"));
      break;
    }
    return {};
  }

  std::map<std::uint64_t, epcis::Context> contexts_;
  store::Query context_, term_, value_;
};

// Which events of a stretch stand in records, and which wait.
class EventStanding {
 public:
  Status read(const store::Database& db, std::int64_t from, std::int64_t to) {
    LM_ASSIGN(auto spans, db.prepare("SELECT first, last FROM event_span WHERE first < ?2 AND "
                                     "first >= coalesce((SELECT max(first) FROM event_span WHERE "
                                     "first <= ?1), ?1) ORDER BY first"));
    spans.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool row, spans.step());
      if (!row) break;
      spans_.emplace_back(spans.integer(0), spans.integer(1));
    }
    LM_ASSIGN(auto pending, db.prepare("SELECT n FROM event_pending WHERE n >= ? AND n < ?"));
    pending.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool row, pending.step());
      if (!row) return {};
      pending_.insert(pending.integer(0));
    }
  }

  // Events are asked for in order, each once.
  void check(FoundEvent& event) {
    const std::int64_t n = event.n;
    while (at_ < spans_.size() && spans_[at_].second < n) ++at_;
    const bool recorded = at_ < spans_.size() && spans_[at_].first <= n;
    const bool waits = pending_.erase(n) != 0;
    if (recorded && waits)
      event.faults.push_back(
          event_fault("event_pending", n, Errc::kCorrupt, "waits for a record, and stands in one"));
    if (!recorded && !waits)
      event.faults.push_back(event_fault("event", n, Errc::kNotFound,
                                         "stands in no record, and does not wait for one"));
  }
  // Rows of events that are not there.
  const std::set<std::int64_t>& left() const { return pending_; }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> spans_;
  std::set<std::int64_t> pending_;
  std::size_t at_ = 0;
};

// What damage of one row makes of many events: so many are named, the rest are counted, so that they leave room for
// other faults.
class AlikeFaults {
 public:
  explicit AlikeFaults(AuditRun& run) : run_(run) {}

  void add(AuditFault f) {
    auto& seen = seen_[f.table + f.text.substr(0, kSameText)];
    if (++seen.count <= kNamed) return run_.fault(std::move(f));
    if (seen.count == kNamed + 1) seen.next = std::move(f);
  }
  void finish() {
    for (auto& [key, seen] : seen_) {
      if (seen.count <= kNamed) continue;
      if (seen.count > kNamed + 1)
        seen.next.text += fmt::format(", and {} more like it", seen.count - kNamed - 1);
      run_.fault(seen.next);
    }
  }

  nlohmann::json state() const {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& [key, s] : seen_)
      out.push_back({key, s.count, s.next.table, s.next.row.value_or(0), s.next.text,
                     static_cast<int>(s.next.error)});
    return out;
  }
  void restore(const nlohmann::json& state) {
    for (const auto& s : state) {
      if (!s.is_array() || s.size() != 6) continue;
      Seen seen{s[1].get<std::uint64_t>(), {}};
      seen.next = event_fault(s[2].get<std::string>(), s[3].get<std::int64_t>(),
                              static_cast<Errc>(s[5].get<int>()), s[4].get<std::string>());
      seen_[s[0].get<std::string>()] = std::move(seen);
    }
  }

 private:
  static constexpr std::uint64_t kNamed = 50;
  static constexpr std::size_t kSameText = 32;
  struct Seen {
    std::uint64_t count = 0;
    AuditFault next;  // the first that is not named by itself
  };
  AuditRun& run_;
  std::map<std::string, Seen> seen_;
};

AuditFault lone_pending(std::int64_t n) {
  return event_fault("event_pending", n, Errc::kCorrupt, "there is no such event");
}

class EventAudit final : public LogAudit {
 public:
  explicit EventAudit(AuditRun& run) : run_(run), faults_(run) { numbers_.restore(1, true); }

  struct Rows final : Stretch {
    std::vector<FoundEvent> found;
    std::vector<AuditFault> lone;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    LM_ASSIGN(auto rows, EventRows::open(*reader.db));
    EventStanding standing;
    LM_TRY(standing.read(*reader.db, from, to));
    LM_ASSIGN(auto q, reader.db->prepare("SELECT n, id, hash, sha, salt, recorded, context, body "
                                         "FROM event WHERE n >= ? AND n < ? ORDER BY n"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool more, q.step());
      if (!more) break;
      FoundEvent found;
      found.n = q.integer(0);
      found.recorded = q.u64(5);
      if (found.n > 0) {
        LM_TRY(rows.check(q, found));
        standing.check(found);
        LM_ASSIGN(found.raw_data,
                  look_at_raw_data(reader, run_.file, static_cast<std::uint64_t>(found.n),
                                   as_text(q.blob(7))));
      }
      out->found.push_back(std::move(found));
    }
    for (const auto n : standing.left()) {
      if (n > 0) out->lone.push_back(lone_pending(n));
    }
    return std::unique_ptr<Stretch>(std::move(out));
  }

  void take(Stretch& stretch) override {
    auto& rows = static_cast<Rows&>(stretch);
    for (auto& f : rows.found) take(f);
    for (auto& f : rows.lone) faults_.add(std::move(f));
  }

  Status finish() override {
    faults_.finish();
    LM_ASSIGN(auto q, run_.db.prepare("SELECT n FROM event_pending WHERE n >= ? OR n < 1 LIMIT ?"));
    q.bind(1, numbers_.next()).bind(2, kLoneMax);
    while (true) {
      LM_ASSIGN(const bool row, q.step());
      if (!row) break;
      run_.fault(lone_pending(q.integer(0)));
    }
    LM_ASSIGN(auto lots, run_.db.prepare("SELECT n FROM event_pending WHERE start IS NOT NULL AND "
                                         "start NOT IN (SELECT start FROM batch WHERE state = "
                                         "'open') LIMIT ?"));
    lots.bind(1, kLoneMax);
    while (true) {
      LM_ASSIGN(const bool row, lots.step());
      if (!row) return {};
      run_.fault(event_fault("event_pending", lots.integer(0), Errc::kCorrupt,
                             "waits for a lot that is not open"));
    }
  }

  std::string state() const override {
    return nlohmann::json{{"next", numbers_.next()},
                          {"whole", numbers_.whole()},
                          {"recorded", recorded_},
                          {"faults", faults_.state()}}
        .dump();
  }

  Status restore(std::string_view state) override {
    const auto j = nlohmann::json::parse(state, nullptr, false);
    if (!j.is_object()) return fail(Errc::kCorrupt, "the state of event cannot be read");
    numbers_.restore(j.value("next", std::uint64_t{1}), j.value("whole", false));
    recorded_ = j.value("recorded", std::uint64_t{0});
    try {
      faults_.restore(j.value("faults", nlohmann::json::array()));
    } catch (const nlohmann::json::exception&) {
      return fail(Errc::kCorrupt, "the state of event cannot be read");
    }
    return {};
  }

 private:
  void take(FoundEvent& event) {
    if (event.n == 0) return run_.fault("event", {}, Errc::kCorrupt, "a row is numbered 0");
    const bool placed = numbers_.take(event.n, [&](const auto& n, std::string text) {
      faults_.add({"event", n, {}, {}, {}, Errc::kNotFound, std::move(text), {}});
    });
    if (!placed) return;
    ++run_.report.events;
    for (auto& f : event.faults) faults_.add(std::move(f));
    run_.report.raw_data += event.raw_data.named;
    run_.report.raw_data_missing += event.raw_data.missing;
    run_.report.raw_data_outside += event.raw_data.outside;
    for (auto& r : event.raw_data.remarks) run_.remark(std::move(r));
    if (event.recorded < recorded_)
      faults_.add(event_fault("event", event.n, Errc::kTimeOrder,
                              "its recorded is before that of the event before"));
    recorded_ = std::max(recorded_, event.recorded);
  }

  AuditRun& run_;
  AlikeFaults faults_;
  RowNumbers numbers_;
  std::uint64_t recorded_ = 0;
};

}  // namespace

Result<std::unique_ptr<LogAudit>> make_event_audit(AuditRun& run) {
  return std::unique_ptr<LogAudit>(std::make_unique<EventAudit>(run));
}

}  // namespace lotmark::chain
