#include "ledger-node/watch/capacity.h"

#include <fmt/format.h>

#include "core/base/log.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

namespace {

constexpr Millis kMeasure{5000};
constexpr std::size_t kLotsAtOnce = 500;
constexpr std::size_t kReports = 256;
constexpr std::uint64_t kDay = 86400;
constexpr std::string_view kPath = "/peer/v1/rates";

std::uint64_t ms_of(Time t) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, to_ms(t)));
}

// docs/operate/peer.md: ["releases" or "openings", organisation, lots, limit, period in s].
Bytes encode(const Capacity::Report& r) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(5);
    w.text(r.what);
    w.text(r.organisation);
    w.uint(r.lots);
    w.uint(r.limit);
    w.uint(r.period_s);
  });
}

Result<Capacity::Report> decode_report(ByteView bytes) {
  if (bytes.size() > 1024) return Errc::kTooLarge;
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, 16));
  const CborValue list = doc.root();
  if (list.type() != CborType::kArray || list.count() != 5) return Errc::kFieldType;
  Capacity::Report r;
  CborValue v = list.first();
  for (std::string* text : {&r.what, &r.organisation}) {
    if (v.type() != CborType::kText || v.text().empty() || v.text().size() > 64)
      return Errc::kFieldType;
    *text = std::string(v.text());
    v = v.next();
  }
  for (std::uint64_t* number : {&r.lots, &r.limit, &r.period_s}) {
    if (v.type() != CborType::kInt || v.integer() < 0) return Errc::kFieldType;
    *number = static_cast<std::uint64_t>(v.integer());
    if (number != &r.period_s) v = v.next();
  }
  if (r.what != "releases" && r.what != "openings") return Errc::kEnumUnknown;
  return r;
}

}  // namespace

std::vector<Outgoing> Capacity::tick(Time now) {
  std::vector<Outgoing> out;
  if (watched_.empty() || now < due_) return out;
  due_ = now + kMeasure;
  if (Status read = read_chain(now); !read) {
    log::error("capacity.unreadable", {{"error", read.error().message()}});
    return out;
  }
  for (auto& w : watched_) look(w, now, out);
  return out;
}

// Lots since the longest period ago; after that those that came.
Status Capacity::read_chain(Time now) {
  if (!seen_) {
    std::uint64_t longest = kDay;
    for (const auto& w : watched_) longest = std::max(longest, w.limit.period_s);
    const std::uint64_t ms = ms_of(now);
    LM_ASSIGN(const auto first, chain_.first_after(ms - std::min(ms, longest * 1000)));
    seen_ = !first ? chain_.size() - 1 : *first > 0 ? *first - 1 : 0;
  }
  if (*seen_ >= chain_.size()) seen_ = chain_.size() - 1;  // blocks were taken back
  LM_ASSIGN(const auto lots, chain_.lots(*seen_, kLotsAtOnce));
  for (const auto& lot : lots) {
    seen_ = lot.block;
    for (auto& w : watched_) {
      if (w.limit.organisation != lot.enterprise) continue;
      w.released.push_back(lot.time);
      if (w.released.size() > w.limit.lots + 1) w.released.pop_front();
    }
  }
  return {};
}

// At most one above the limit is counted. The newest come first: no more rows are read than that.
Result<std::uint64_t> Capacity::openings(const Watched& w, std::uint64_t since) const {
  std::uint64_t n = 0;
  if (private_db_ == nullptr) return n;
  for (const auto& m : chain_.statements().newest().members) {
    if (m.organisation != w.limit.organisation || !m.has(Role::kKeeping)) continue;
    LM_ASSIGN(auto q, private_db_->prepare("SELECT at FROM received WHERE signer = ? AND type = "
                                           "'opening' ORDER BY idx DESC LIMIT ?"));
    q.bind(1, m.kid).bind(2, w.limit.lots + 1);
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row || q.u64(0) < since) break;
      ++n;
    }
  }
  return n;
}

void Capacity::look(Watched& w, Time now, std::vector<Outgoing>& out) {
  const std::uint64_t period_ms = w.limit.period_s * 1000;
  const std::uint64_t since = ms_of(now) - std::min(ms_of(now), period_ms);
  const auto released = static_cast<std::uint64_t>(
      std::count_if(w.released.begin(), w.released.end(), [&](auto t) { return t >= since; }));
  const auto opened = openings(w, since);
  const std::uint64_t openings = opened ? *opened : 0;
  w.rate = std::max(released, openings);
  w.abnormal = w.rate > w.limit.lots;
  const bool due = !w.told || now - *w.told >= std::chrono::seconds(w.limit.period_s);
  if (!w.abnormal || !due) return;
  w.told = now;
  const Report report{"",
                      released > w.limit.lots ? "releases" : "openings",
                      w.limit.organisation,
                      w.rate,
                      w.limit.lots,
                      w.limit.period_s,
                      ms_of(now)};
  log::error("capacity.exceeded", {{"limit", report.limit},
                                   {"lots", report.lots},
                                   {"organisation", report.organisation},
                                   {"period_s", report.period_s},
                                   {"what", report.what}});
  keep(report);
  tell(report, out);
}

// To everybody but the enterprise itself: all supervisory nodes and the other peers.
void Capacity::tell(const Report& report, std::vector<Outgoing>& out) {
  for (const auto& m : chain_.statements().newest().members) {
    if (m.kid == self_ || m.organisation == report.organisation) continue;
    out.push_back({m.kid, "POST", std::string(kPath), encode(report), [](const Reply&) {}});
  }
}

void Capacity::keep(Report report) {
  for (auto& r : reports_) {
    if (r.from == report.from && r.organisation == report.organisation && r.what == report.what) {
      r = std::move(report);
      return;
    }
  }
  if (reports_.size() >= kReports) {
    ++turned_away_;
    return;
  }
  reports_.push_back(std::move(report));
}

std::optional<Reply> Capacity::peer(const Route& route, const Call& call, const Member& from,
                                    Time now) {
  if (call.method != "POST" || route.parts.size() != 3 || route.parts[2] != "rates")
    return std::nullopt;
  auto reply = take(call, from, now);
  return reply ? *std::move(reply) : reply_error(reply.error());
}

Result<Reply> Capacity::take(const Call& call, const Member& from, Time now) {
  LM_ASSIGN(auto report, decode_report(call.body));
  const auto& members = chain_.statements().newest().members;
  const bool known = std::any_of(members.begin(), members.end(), [&](const Member& m) {
    return m.organisation == report.organisation && m.has(Role::kKeeping);
  });
  if (!known) return fail(Errc::kNotFound, "no keeping member of that organisation");
  report.from = from.organisation;
  report.at = ms_of(now);
  ++told_by_peers_[report.organisation];
  log::error("capacity.reported", {{"from", report.from},
                                   {"limit", report.limit},
                                   {"lots", report.lots},
                                   {"organisation", report.organisation},
                                   {"period_s", report.period_s},
                                   {"what", report.what}});
  keep(std::move(report));
  return reply_cbor(encode_list({}));
}

std::vector<std::pair<std::string, double>> Capacity::metrics() const {
  std::vector<std::pair<std::string, double>> out;
  for (const auto& w : watched_) {
    const auto labels = fmt::format("{{organisation=\"{}\"}}", w.limit.organisation);
    out.emplace_back("lotmark_capacity_lots" + labels, static_cast<double>(w.rate));
    out.emplace_back("lotmark_capacity_limit" + labels, static_cast<double>(w.limit.lots));
  }
  for (const auto& [organisation, n] : told_by_peers_) {
    out.emplace_back(
        fmt::format("lotmark_capacity_reported_total{{organisation=\"{}\"}}", organisation),
        static_cast<double>(n));
  }
  return out;
}

}  // namespace lotmark::node
