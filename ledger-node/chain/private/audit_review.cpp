// A reviewer's side: each review against what the received log holds, its own signatures and the chain.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

struct ReviewAudit {
  AuditRun& run;
  Digest start;
  std::string lot;
  std::string state;
  std::optional<KeyId> enterprise;
  std::optional<Signed<Application>> application;
  std::optional<std::uint64_t> block;  // that decided on it
  bool decides = true;                 // named first in the opening; another keeps its report only

  void fault(Errc e, std::string text) {
    run.fault({"review", {}, {}, lot, block, e, std::move(text), {}});
  }
  void fault_tx(std::uint64_t n, Errc e, std::string text) {
    run.fault({"tx", n, {}, lot, block, e, std::move(text), {}});
  }
  bool own(const KeyId& kid, const Signature& s, const Digest& id) const {
    const PublicKey* key = run.key_of(kid);
    return run.own(kid) && key != nullptr && verify_once(*key, id, s);
  }

  void check_opening(const store::Query& q);
  Status check_application(const store::Query& q);
  Status check_transactions();
  void check_report(const store::Query& q);
  void check_decided(ByteView object, const std::optional<Digest>& report);
  Status check_second();
};

void ReviewAudit::check_opening(const store::Query& q) {
  auto o = open<Opening>(q.blob(3), run.id());
  if (!o) return fault(o.code(), "its opening does not hold");
  decides = run.own(o->body.reviewers.front());
  if (!run.received(o->id)) fault(Errc::kNotFound, "its opening is not in the received log");
  const bool same_lot =
      !o->body.lot || o->body.lot->text == lot;  // an application may name it first
  if (o->body.start != start || o->body.gtin.text != q.text(1) || !same_lot || o->kid != enterprise)
    fault(Errc::kCorrupt, "start, gtin, lot or enterprise differs from its opening");
}

Status ReviewAudit::check_application(const store::Query& q) {
  if (q.is_null(5)) {
    if (state != "open") fault(Errc::kNotFound, "its application is missing");
    return {};
  }
  auto a = open<Application>(q.blob(5), run.id());
  if (!a) return fault(a.code(), "its application does not hold"), Status();
  if (!run.received(a->id)) fault(Errc::kNotFound, "its application is not in the received log");
  if (Digest::from(q.blob(6)) != a->id || a->body.start != start || a->body.lot.text != lot ||
      a->kid != enterprise) {
    fault(Errc::kCorrupt, "start, lot, enterprise or id differs from its application");
  }
  block = run.book.decided(a->id);
  if (block) {
    const bool refused = run.book.refusal(a->id).has_value();
    const bool kept = !decides && state == "reviewed";
    if (state != (refused ? "refused" : "released") && !kept)
      fault(Errc::kCorrupt,
            fmt::format("is {}, the chain {} it", state, refused ? "refused" : "released"));
  }
  application = *std::move(a);
  return {};
}

// In order of prev, as received; those of a lot this reviewer released give the application's root.
Status ReviewAudit::check_transactions() {
  LM_ASSIGN(auto q, run.db.prepare("SELECT n, id, object FROM tx WHERE start = ? ORDER BY n"));
  q.bind(1, start);
  merkle::CompactRange tree;
  Digest prev = start;
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) break;
    const std::uint64_t n = q.u64(0);
    auto t = open<Transaction>(q.blob(2), run.id());
    if (!t) {
      fault_tx(n, t.code(), "does not hold: " + t.error().message());
      continue;
    }
    if (Digest::from(q.blob(1)) != t->id || t->kid != enterprise)
      fault_tx(n, Errc::kCorrupt, "its id or signer is not its object's");
    if (!run.received(t->id)) fault_tx(n, Errc::kNotFound, "is not in the received log");
    if (n != tree.size() || t->body.prev != prev)
      fault_tx(n, Errc::kCorrupt, "does not follow the transaction before");
    prev = t->id;
    tree.append(merkle::leaf_hash(t->id.view()));
    ++run.report.transactions;
  }
  if (state == "released" && application &&
      (application->body.tx_count != tree.size() || application->body.tx_root != tree.root())) {
    fault(Errc::kTreePath, "its transactions do not give the application's root");
  }
  return {};
}

void ReviewAudit::check_report(const store::Query& q) {
  if (q.is_null(8)) {
    if (state == "released" || state == "refused") fault(Errc::kNotFound, "its report is missing");
    return;
  }
  auto r = open<Report>(q.blob(8), run.id());
  if (!r) return fault(r.code(), "its report does not hold");
  if (!own(r->kid, r->signature, r->id))
    fault(Errc::kCoseSignature, "its report is not signed by this node");
  if (Digest::from(q.blob(9)) != r->id || !application || r->body.application != application->id)
    fault(Errc::kCorrupt, "its report is of another application or has another id");
  const auto details = nlohmann::json::parse(q.text(11), nullptr, false);
  const auto shown = details.is_object() ? details.value("findings", nlohmann::json::array())
                                         : nlohmann::json::array();
  bool same = shown.is_array() && shown.size() == r->body.findings.size();
  for (std::size_t i = 0; same && i < shown.size(); ++i) {
    const auto text = shown[i].is_object() ? shown[i].find("text") : shown[i].end();
    same = text != shown[i].end() && *text == r->body.findings[i].text;
  }
  if (!same) fault(Errc::kCorrupt, "the findings shown are not those of its report");
  if (q.is_null(10) && !decides) return;
  if (q.is_null(10)) return fault(Errc::kNotFound, "its release or refusal is missing");
  check_decided(q.blob(10), r->id);
}

void ReviewAudit::check_decided(ByteView object, const std::optional<Digest>& report) {
  if (state == "refused") {
    auto d = open<Refusal>(object, run.id());
    if (!d || !own(d->kid, d->signature, d->id) || d->body.report != report || !application ||
        d->body.application != application->id) {
      fault(d ? Errc::kCorrupt : d.code(),
            "its refusal is not this node's of this application and report");
    }
    return;
  }
  auto d = open<Release>(object, run.id());
  if (!d || !own(d->kid, d->signature, d->id) || d->body.report != report || !application ||
      d->body.application.bytes != application->bytes) {
    fault(d ? Errc::kCorrupt : d.code(),
          "its release is not this node's of this application and report");
  }
}

// The report of a second review stands on the same application and names the first.
Status ReviewAudit::check_second() {
  LM_ASSIGN(auto q,
            run.db.prepare("SELECT block, first, report, report_id FROM second WHERE start = ?"));
  LM_ASSIGN(bool row, q.bind(1, start).step());
  if (!row || q.is_null(2)) return {};
  const auto second_fault = [&](Errc e, std::string text) {
    run.fault({"second", q.u64(0), {}, lot, block, e, std::move(text), {}});
  };
  auto r = open<Report>(q.blob(2), run.id());
  if (!r) return second_fault(r.code(), "its report does not hold"), Status();
  const auto first = Digest::from(q.blob(1));
  if (!own(r->kid, r->signature, r->id))
    second_fault(Errc::kCoseSignature, "its report is not signed by this node");
  if (Digest::from(q.blob(3)) != r->id || !application || r->body.application != application->id ||
      block != q.u64(0) || r->body.reports != std::vector<Digest>{first.value_or(Digest{})}) {
    second_fault(Errc::kCorrupt, "its report is of another lot or names another first report");
  }
  return {};
}

}  // namespace

Status audit_review(AuditRun& run, const Digest& start, bool& settled) {
  LM_ASSIGN(
      auto q,
      run.db.prepare("SELECT start, gtin, lot, opening, enterprise, application, application_id, "
                     "state, report, report_id, decided, details FROM review WHERE start = ?"));
  LM_ASSIGN(bool row, q.bind(1, start).step());
  if (!row) return fail(Errc::kCorrupt, "a review went away while it was read");
  ReviewAudit review{run, start, q.text(2), q.text(7), KeyId::from(q.blob(4)), {}, {}, true};
  review.check_opening(q);
  LM_TRY(review.check_application(q));
  LM_TRY(review.check_transactions());
  review.check_report(q);
  LM_TRY(review.check_second());
  ++run.report.reviews;
  settled = review.block.has_value();
  return {};
}

}  // namespace lotmark::chain
