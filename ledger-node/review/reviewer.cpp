#include "ledger-node/review/reviewer.h"

#include <fstream>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/public/enrolled_channels.h"
#include "ledger-node/chain/public/programme_at.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/review/decision.h"
#include "ledger-node/review/kept_details.h"
#include "ledger-node/review/review_json.h"
#include "ledger-node/review/reviewer_state.h"
#include "ledger-node/taint/public_taint.h"

namespace lotmark::node {

namespace {

constexpr std::chrono::minutes kTellAgain{10};

std::uint64_t ms_of(Time t) { return static_cast<std::uint64_t>(to_ms(t)); }

Result<std::map<Digest, LineFile>> read_lines(const std::vector<std::filesystem::path>& files) {
  std::map<Digest, LineFile> out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    Bytes bytes(limits::kObject + 1);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (in.bad() || !in.eof()) {
      return fail(Errc::kConfig, "cannot read the line file " + file.string());
    }
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    auto line = read_line_file(bytes);
    if (!line) {
      return fail(Errc::kConfig, "line file " + file.string() + ": " + line.error().message());
    }
    out.emplace(sha256(bytes), *std::move(line));
  }
  return out;
}

}  // namespace

Reviewer::Reviewer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Reviewer::~Reviewer() = default;

Result<std::unique_ptr<Reviewer>> Reviewer::open(const store::Database& private_db,
                                                 const Signer& signer, chain::PublicChain& chain,
                                                 chain::ReceivedLog& received,
                                                 const ReviewerConfig& config) {
  LM_ASSIGN(auto lines, read_lines(config.lines));
  auto state =
      std::make_unique<State>(private_db, signer, chain, received, config, std::move(lines));
  LM_ASSIGN(auto unfinished, state->store.unfinished());
  for (const auto& start : unfinished) LM_TRY(state->begin(start));
  return std::unique_ptr<Reviewer>(new Reviewer(std::move(state)));
}

// ---- peers ---------------------------------------------------------------------------------------

Reply Reviewer::State::answer(Result<Bytes> arrival, const Member& from) {
  if (arrival) return reply_cbor(*std::move(arrival));
  ++refused_calls;
  log::warn("review.refused", {{"from", from.organisation}, {"error", arrival.error().message()}});
  return reply_error(arrival.error());
}

// For an enterprise that lost rows: the transactions of one of its batches that arrived here.
Result<std::vector<Bytes>> Reviewer::State::transactions(const Route& route,
                                                         const Member& from) const {
  const auto start = fixed_from_hex<Digest>(route.text("start").value_or(""));
  if (!start) return fail(Errc::kNotFound, "a batch is named by its start signal's id");
  LM_ASSIGN(auto row, store.find(*start));
  std::vector<Bytes> ids;
  if (!row) return ids;
  if (row->enterprise != from.kid) return fail(Errc::kDenied, "the batch is another member's");
  LM_ASSIGN(auto kept, store.transactions(*start));
  for (const auto& t : kept) ids.push_back(to_bytes(t.id.view()));
  return ids;
}

std::optional<Reply> Reviewer::peer(const Route& route, const Call& call, const Member& from,
                                    Time now) {
  if (call.method == "GET" && route.parts.size() == 3 && route.parts[2] == "transactions") {
    const auto ids = state_->transactions(route, from);
    return ids ? reply_cbor(encode_list(*ids)) : reply_error(ids.error());
  }
  if (call.method != "POST" || route.parts.size() != 3 || route.parts[0] != "peer") {
    return std::nullopt;
  }
  auto& s = *state_;
  const std::string& what = route.parts[2];
  if (what == "openings") return s.answer(s.submissions.take_opening(call.body, from, now), from);
  if (what == "transactions") {
    return s.answer(s.submissions.take_transaction(call.body, from, now), from);
  }
  if (what != "applications") return std::nullopt;
  Digest applied;
  auto arrival = s.submissions.take_application(call.body, from, now, applied);
  if (arrival) {
    if (auto begun = s.begin(applied); !begun) arrival = begun.error();
  }
  return s.answer(std::move(arrival), from);
}

// ---- what is due ---------------------------------------------------------------------------------

// `applied`, `asked` in ms UTC: what waits for the enterprise counts from the one, what waits for a block from the other.
std::shared_ptr<review::Fetch> Reviewer::State::fetch(const ReviewRow& row, std::uint64_t applied,
                                                      std::uint64_t asked) const {
  review::FetchSettings settings;
  settings.enterprise = row.enterprise;
  settings.start = row.start;
  settings.intake_until = asked + config.intake_wait_s * 1000;
  settings.give_up_at = applied + config.fetch_wait_s * 1000;
  settings.chain = chain.chain_id();
  settings.opening_key = config.opening_key;
  return std::make_shared<review::Fetch>(settings);
}

// Takes up a lot where its row says it stands; does nothing if it is being worked on.
Status Reviewer::State::begin(const Digest& start) {
  if (work.contains(start)) return {};
  LM_ASSIGN(auto row, store.find(start));
  if (!row) return fail(Errc::kCorrupt, "no such review");
  if (row->state == review::kApplied) {
    work[start].enterprise = row->enterprise;
    work[start].fetch = fetch(*row, row->at, row->at);
  } else if (!row->decided.empty()) {
    LM_ASSIGN(auto object,
              read_sign1(row->decided, {row->state == review::kReleased ? "release" : "refusal",
                                        &chain.chain_id()}));
    work[start].delivery = std::make_shared<review::Delivery>(
        row->decided, object.id(), *row->application_id, chain.chain_id(), row->promise);
  }
  return {};
}

std::vector<Outgoing> Reviewer::tick(Time now) {
  std::vector<Outgoing> out;
  std::vector<Digest> starts;
  for (const auto& [start, work] : state_->work) {
    if (work.not_before <= now) starts.push_back(start);
  }
  for (const auto& start : starts) state_->go_on(start, now, out);
  state_->tick_second(now, out);
  return out;
}

// An enterprise has some of the words: it may have others each time.
void Reviewer::State::tell_why(const Digest& start, Time now) {
  Work& item = work[start];
  const std::string why(item.fetch->why());
  if (why.empty() || why == item.told || now < item.tell_from) return;
  item.told = why;
  item.tell_from = now + kTellAgain;
  log::warn("review.waits", {{"error", why}, {"start", short_hex(start)}});
}

// One step of one lot. What fails on our side (a database, a missing line file) is tried again from its start.
void Reviewer::State::go_on(const Digest& start, Time now, std::vector<Outgoing>& out) {
  const Work item = work[start];
  std::vector<Outgoing> calls;
  Status done;
  if (item.fetch) {
    const auto head = chain.logged_head(item.enterprise, LogKind::kIntake);
    calls = item.fetch->tick(head ? Checkpoint{head->size, head->root} : Checkpoint{}, now);
    if (item.fetch->done()) done = finish_fetch(start, item.fetch->take(), now);
  } else if (item.delivery) {
    const bool taken = item.delivery->taken();
    calls = item.delivery->tick(chain, config.primary(), now);
    if (!taken && item.delivery->taken())
      done = store.set_promised(start, item.delivery->promise());
    if (done && item.delivery->done()) done = finish_delivery(start);
  }
  std::move(calls.begin(), calls.end(), std::back_inserter(out));
  if (item.fetch && !item.fetch->done()) tell_why(start, now);
  if (done) return;
  log::error("review.stuck", {{"start", short_hex(start)}, {"error", done.error().message()}});
  work.erase(start);
  if (begin(start)) work[start].not_before = now + std::chrono::minutes(1);
}

Status Reviewer::State::finish_delivery(const Digest& start) {
  LM_TRY(store.set_final(start));
  work.erase(start);
  return {};
}

// Of the enterprise's devices and operators.
static Result<std::map<KeyId, review::SuspectedKey>> suspected_keys(const chain::PublicChain& chain,
                                                                    const Member& enterprise) {
  std::map<KeyId, review::SuspectedKey> out;
  LM_ASSIGN(const auto revoked, chain::all_revoked(chain));
  for (const auto& r : revoked) {
    const chain::Enrolled* e = chain.enrolled(r.kid);
    if (e == nullptr || e->organisation != enterprise.organisation) continue;
    LM_ASSIGN(const auto s, taint::suspect(chain, r.kid, r.from));
    LM_ASSIGN(const std::uint64_t logged,
              taint::logged_before(chain, enterprise.kid, LogKind::kIntake, r.from));
    out[r.kid] = {r.from, s.time, logged};
  }
  return out;
}

Result<review::ReviewInput> Reviewer::State::input_of(const ReviewRow& row,
                                                      review::Fetched fetched) const {
  review::ReviewInput in;
  in.chain = chain.chain_id();
  in.enrolled = &chain.all_enrolled();
  const Member* enterprise = chain.member(row.enterprise);
  if (enterprise == nullptr) {
    return fail(Errc::kApplicationSigner, "the enterprise is no member any more");
  }
  in.enterprise = *enterprise;
  LM_ASSIGN(in.suspected, suspected_keys(chain, *enterprise));
  LM_ASSIGN(in.opening, lotmark::open<Opening>(row.opening, in.chain));
  LM_ASSIGN(auto start, received.find(row.start));
  if (start && start->type == "start") {
    in.start = start->object;
    in.start_at = start->at;
  }
  const auto line = lines.find(in.opening.body.line);
  if (line == lines.end()) {
    return fail(Errc::kConfig, "the lot's line file is no longer configured");
  }
  in.line = line->second;
  LM_ASSIGN(auto opened, received.find(in.opening.id));
  const Programme* programme =
      chain::programme_at(chain, in.opening.body.programme, opened ? opened->at : row.at);
  if (programme == nullptr) return fail(Errc::kProgrammeUnknown, "the lot's programme is gone");
  in.lateness = programme->lateness;
  in.calibration = config.calibration;
  for (const auto& step : in.line.steps) {
    for (const auto& kid : step.devices) {
      const chain::Enrolled* device = chain.enrolled(kid);
      if (device == nullptr || in.enrolled_channels.contains(kid)) continue;
      LM_ASSIGN(in.enrolled_channels[kid], chain::enrolled_channels(chain, *device));
    }
  }
  for (const auto& l : programme->limits) in.published.insert(l.channel);
  LM_ASSIGN(auto transactions, store.transactions(row.start));
  for (const auto& t : transactions) in.transactions.push_back({t.id, t.arrived.value_or(0)});
  in.rows = std::move(fetched.rows);
  in.unreadable = std::move(fetched.unreadable);
  in.bundles = std::move(fetched.bundles);
  if (config.opening_key) in.opening_keys = {config.opening_key};
  return in;
}

Status Reviewer::State::finish_fetch(const Digest& start, review::Fetched fetched, Time now) {
  work.erase(start);
  LM_ASSIGN(auto row, store.find(start));
  if (!row) return fail(Errc::kCorrupt, "no such review");
  if (fetched.rows) LM_TRY(store.set_rows(start, fetched.rows_bytes));
  LM_ASSIGN(auto input, input_of(*row, std::move(fetched)));
  const auto found = review::compute_findings(input);
  LM_TRY(conclude(*row, found, now));
  log::info("review.computed", {{"gtin", row->gtin},
                                {"lot", row->lot},
                                {"findings", found.findings.size()},
                                {"state", row->state}});
  return begin(start);
}

// A finding that refuses decides by itself; otherwise a person does. Who does not decide keeps the report.
Status Reviewer::State::conclude(ReviewRow& row, const review::ReviewFindings& found, Time now) {
  LM_ASSIGN(auto opening, lotmark::open<Opening>(row.opening, chain.chain_id()));
  std::vector<Finding> findings;
  for (const auto& f : found.findings) findings.push_back(f.finding);
  LM_ASSIGN(row.details, review::keep_details(review::details_json(found), {row.start, false},
                                              chain.chain_id(), config.opening_key.get()));
  row.state = review::kReviewed;
  row.at = ms_of(now);
  const bool refuse = found.refuse();
  if (!decides(opening.body)) {
    const auto decision = refuse ? Decision::kRefuse : Decision::kRelease;
    LM_TRY(review::seal_report(row, std::move(findings), decision, signer, chain.chain_id()));
  } else if (refuse) {
    LM_TRY(review::seal_refusal(row, std::move(findings), signer, chain.chain_id()));
  }
  return store.set_outcome(row);
}

std::vector<std::pair<std::string, double>> Reviewer::metrics() const {
  std::vector<std::pair<std::string, double>> out;
  const auto counts = state_->store.counts();
  if (counts) {
    for (const auto& [state, n] : *counts) {
      out.emplace_back("lotmark_reviews{state=\"" + state + "\"}", static_cast<double>(n));
    }
  }
  for (const auto& [metric, n] : state_->submissions.counts())
    out.emplace_back(metric, static_cast<double>(n));
  const auto second = state_->second.counts();
  if (second) {
    for (const auto& [state, n] : *second) {
      out.emplace_back("lotmark_second_reviews{state=\"" + state + "\"}", static_cast<double>(n));
    }
  }
  out.emplace_back("lotmark_review_refused_calls_total",
                   static_cast<double>(state_->refused_calls));
  return out;
}

}  // namespace lotmark::node
