#include "ledger-node/evidence/exchange.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/limits.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kAnswerMax = 1024 * 1024;
constexpr std::size_t kAnswerFiles = EvidenceStore::kFiles;
constexpr Millis kPause{60000};
constexpr unsigned kInARow = 16;

nlohmann::json to_json(const KeptEvidence& e) {
  nlohmann::json j = {{"n", e.n},
                      {"kind", std::string(name(e.kind))},
                      {"culprit", to_hex(e.culprit)},
                      {"organisation", e.organisation},
                      {"role", e.role},
                      {"file", e.file},
                      {"bytes", e.bytes},
                      {"found_ms", e.found},
                      {"found", to_iso(from_ms(static_cast<std::int64_t>(e.found)))}};
  j["from"] = e.from ? nlohmann::json(to_hex(*e.from)) : nlohmann::json();
  return j;
}

}  // namespace

// Who asks beyond the next file has counted another database's.
std::optional<Reply> EvidenceExchange::peer(const Route& route, const Call& call,
                                            const Member& /*from*/, Time /*now*/) {
  if (call.method != "GET" || route.parts[2] != "evidence") return std::nullopt;
  if (is(Role::kKeeping))
    return reply_error(fail(Errc::kDenied, "an enterprise's operators give out what it keeps"));
  const std::uint64_t from = std::max<std::uint64_t>(route.number("from").value_or(1), 1);
  if (from > store_.size() + 1)
    return reply_error(fail(Errc::kNotFound, std::to_string(store_.size()) + " files are kept"));
  auto files = store_.files(from, kAnswerMax);
  return files ? reply_cbor(encode_list(*files)) : reply_error(files.error());
}

std::optional<Reply> EvidenceExchange::control(const Route& route, const Call& call,
                                               const chain::Enrolled& /*from*/, Time /*now*/) {
  const auto& p = route.parts;
  if (call.method != "GET" || p.size() < 3 || p[2] != "evidence") return std::nullopt;
  if (p.size() == 3) return list_json();
  std::uint64_t n = 0;
  for (const char c : p[3]) {
    if (c < '0' || c > '9' || n > EvidenceStore::kFiles)
      return reply_error(fail(Errc::kNotFound, "no evidence file " + p[3]));
    n = 10 * n + static_cast<std::uint64_t>(c - '0');
  }
  auto file = p.size() == 4 ? store_.file(n) : Result<Bytes>(Errc::kNotFound);
  return file ? reply_cbor(*std::move(file)) : reply_error(file.error());
}

Reply EvidenceExchange::list_json() const {
  const auto list = store_.list();
  if (!list) return reply_error(list.error());
  nlohmann::json all = nlohmann::json::array();
  for (const auto& e : *list) all.push_back(to_json(e));
  return reply_json(all.dump());
}

bool EvidenceExchange::is(Role role) const {
  const Member* m = chain_.member(self_);
  return m != nullptr && m->has(role);
}

// What reviewers find reaches the others by way of the supervisory nodes.
std::vector<Outgoing> EvidenceExchange::tick(Time now) {
  now_ = now;
  const bool supervises = is(Role::kSupervising);
  std::vector<Outgoing> out;
  for (const auto& m : chain_.statements().newest().members) {
    const bool asked = m.has(Role::kSupervising) || (supervises && m.has(Role::kReviewing));
    if (!asked || m.kid == self_) continue;
    Line& line = lines_[m.kid];
    if (line.busy || now < line.due) continue;
    line.busy = true;
    line.due = now + kPause;
    out.push_back({m.kid,
                   "GET",
                   "/peer/v1/evidence?from=" + std::to_string(line.next),
                   {},
                   [this, kid = m.kid](const Reply& reply) { answered(kid, reply); }});
  }
  return out;
}

// What proves nothing is passed over: the member that served it has a name, and the log says it.
void EvidenceExchange::answered(const KeyId& from, const Reply& reply) {
  Line& line = lines_[from];
  line.busy = false;
  if (reply.error && reply.error->code == Errc::kNotFound) line.next = 1;
  auto list = reply.ok() ? decode_list(reply.body, kAnswerFiles)
                         : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list || list->empty()) {
    line.asked = 0;
    return;
  }
  bool good = true;
  for (const auto& file : *list) {
    const auto kept = store_.keep(file, from, now_);
    if (!kept && is_own_fault(kept.code())) return;  // again in a minute
    ++line.next;
    if (kept) continue;
    good = false;
    ++refused_;
    if (std::exchange(line.refused, true)) continue;
    log::warn("evidence.refused", {{"from", to_hex(from)}, {"error", kept.error().message()}});
  }
  if (good) line.refused = false;
  if (good && ++line.asked < kInARow) line.due = now_;  // there may be more
  else line.asked = 0;
}

std::vector<std::pair<std::string, double>> EvidenceExchange::metrics() const {
  return {{"lotmark_evidence_refused_total", static_cast<double>(refused_)}};
}

}  // namespace lotmark::node
