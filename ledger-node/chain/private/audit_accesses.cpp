// The access log: each row against the entry it keeps, in the order in which they were brought, and which of them stand
// in no record though later ones do. docs/format/access.md.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/crypto/sha256.h"
#include "ledger-node/capture/access_request.h"
#include "ledger-node/chain/private/access_sets.h"
#include "ledger-node/chain/private/audit_events.h"

namespace lotmark::chain {

namespace {

constexpr int kSpansNamed = 100;  // one by one

struct FoundAccess {
  std::int64_t n = 0;
  std::uint64_t logged = 0;
  std::vector<std::pair<Errc, std::string>> faults;
};

// Columns n, run, number, salt, by, sha, logged, entry.
FoundAccess check_access(const store::Query& q) {
  FoundAccess out;
  out.n = q.integer(0);
  out.logged = q.u64(6);
  const auto fault = [&](Errc e, std::string text) { out.faults.emplace_back(e, std::move(text)); };
  const ByteView bytes = q.blob(7);
  if (!Salt::from(q.blob(3))) fault(Errc::kCorrupt, "its salt has another size");
  if (!KeyId::from(q.blob(4))) fault(Errc::kCorrupt, "its by is no key's id");
  if (Digest::from(q.blob(5)) != sha256(bytes))
    fault(Errc::kCorrupt, "its sha is not that of its entry");
  const auto entry = node::decode_access(bytes);
  if (!entry) {
    fault(entry.code(), "its entry cannot be read: " + entry.error().message());
  } else if (!std::ranges::equal(q.blob(1), entry->run.view()) || q.u64(2) != entry->number) {
    fault(Errc::kCorrupt, "its run and number are not those of its entry");
  }
  return out;
}

class AccessAudit final : public LogAudit {
 public:
  explicit AccessAudit(AuditRun& run) : run_(run) { numbers_.restore(1, true); }

  struct Rows final : Stretch {
    std::vector<FoundAccess> found;
  };

  Result<std::unique_ptr<Stretch>> read(AuditReader& reader, std::int64_t from,
                                        std::int64_t to) const override {
    auto out = std::make_unique<Rows>();
    LM_ASSIGN(auto q, reader.db->prepare("SELECT n, run, number, salt, by, sha, logged, entry FROM "
                                         "access WHERE n >= ? AND n < ? ORDER BY n"));
    q.bind(1, from).bind(2, to);
    while (true) {
      LM_ASSIGN(const bool more, q.step());
      if (!more) return std::unique_ptr<Stretch>(std::move(out));
      out->found.push_back(check_access(q));
    }
  }

  void take(Stretch& stretch) override {
    for (auto& row : static_cast<Rows&>(stretch).found) take(row);
  }

  // The other direction: what a span names, or a copy is still to be sent, has its row.
  Status finish() override {
    LM_ASSIGN(auto q,
              run_.db.prepare("SELECT max((SELECT coalesce(max(last), 0) FROM access_span), "
                              "(SELECT coalesce(max(k1), 0) FROM moved WHERE tab = 15 AND "
                              "typeof(k1) = 'integer'))"));
    LM_TRY(q.step());
    const std::uint64_t next = numbers_.next();
    if (q.integer(0) >= 0 && q.u64(0) >= next)
      fault(next, Errc::kNotFound, fmt::format("is missing, and so is all up to row {}", q.u64(0)));
    return {};
  }

  std::string state() const override {
    return nlohmann::json{
        {"next", numbers_.next()}, {"whole", numbers_.whole()}, {"logged", logged_}}
        .dump();
  }

  Status restore(std::string_view state) override {
    const auto j = nlohmann::json::parse(state, nullptr, false);
    if (!j.is_object()) return fail(Errc::kCorrupt, "the state of access cannot be read");
    numbers_.restore(j.value("next", std::uint64_t{1}), j.value("whole", false));
    logged_ = j.value("logged", std::uint64_t{0});
    return {};
  }

 private:
  void fault(std::optional<std::uint64_t> n, Errc e, std::string text) {
    run_.fault({"access", n, {}, {}, {}, e, std::move(text), {}});
  }

  void take(FoundAccess& row) {
    if (row.n == 0) return fault(std::nullopt, Errc::kCorrupt, "a row is numbered 0");
    const bool placed = numbers_.take(row.n, [&](const auto& n, std::string text) {
      fault(n, Errc::kNotFound, std::move(text));
    });
    if (!placed) return;
    const auto n = static_cast<std::uint64_t>(row.n);
    for (auto& [e, text] : row.faults) fault(n, e, std::move(text));
    if (row.logged < logged_)
      fault(n, Errc::kTimeOrder, "its logged is before that of the access before");
    logged_ = std::max(logged_, row.logged);
  }

  AuditRun& run_;
  RowNumbers numbers_;
  std::uint64_t logged_ = 0;
};

}  // namespace

Result<std::unique_ptr<LogAudit>> make_access_audit(AuditRun& run) {
  return std::unique_ptr<LogAudit>(std::make_unique<AccessAudit>(run));
}

// Each begins behind the one before; rows between two of them are gone, and so named by themselves.
Status audit_access_spans(AuditRun& run) {
  LM_ASSIGN(auto q,
            run.db.prepare("SELECT first, last, EXISTS(SELECT 1 FROM period_record p WHERE "
                           "p.commitment = s.commitment) FROM access_span s ORDER BY first"));
  LM_ASSIGN(auto between, run.db.prepare("SELECT n FROM access WHERE n > ? AND n < ? LIMIT 1"));
  std::int64_t before = 0;
  for (int named = 0; named < kSpansNamed;) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) return {};
    const std::int64_t first = q.integer(0), last = q.integer(1);
    const auto fault = [&](Errc e, std::string text) {
      ++named;
      run.fault({"access_span",
                 static_cast<std::uint64_t>(std::max<std::int64_t>(first, 0)),
                 {},
                 {},
                 {},
                 e,
                 std::move(text),
                 {}});
    };
    if (q.integer(2) == 0) fault(Errc::kCorrupt, "its commitment is of no period record");
    if (first <= before || last < first) {
      fault(Errc::kCorrupt,
            fmt::format("goes from {} to {}, the one before ends at {}", first, last, before));
    } else {
      LM_ASSIGN(const bool passed, between.bind(1, before).bind(2, first).step());
      if (passed)
        fault(Errc::kCorrupt,
              fmt::format(
                  "passes over access {}, which stands in no record: the node's next one takes it",
                  between.integer(0)));
      between.reset();
    }
    before = std::max(before, last);
  }
  return {};
}

}  // namespace lotmark::chain
