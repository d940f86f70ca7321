// The control routes of an enterprise. docs/operate/peer.md.
#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/private/enterprise_json.h"

namespace lotmark::node {

using Json = nlohmann::json;

Result<Reply> Enterprise::State::open_batch(const Call& call) {
  LM_ASSIGN(auto request, read_opening_request(call.body));
  LM_ASSIGN(auto batch, rules.make(request, now));
  const Digest start = batch.start();
  Status stored = store.insert(batch);
  if (stored.code() == Errc::kConflict)
    return fail(Errc::kConflict, "lot " + batch.opening.body.lot->text + " has a batch already");
  LM_TRY(std::move(stored));
  log::info("enterprise.opened", {{"gtin", batch.opening.body.gtin.text},
                                  {"lot", batch.opening.body.lot->text},
                                  {"start", to_hex(start)}});
  LM_TRY(add_live(std::move(batch)));
  const Live& l = *live.back();
  const auto line = lines.find(l.batch.opening.body.line);
  return reply_json(batch_json({l.batch, &line->second, &l, {}, {}}, chain).dump());
}

// ?gtin= tells two lots of one number apart.
Result<Live*> Enterprise::State::find_lot(const std::string& lot, const Route& route) {
  std::string gtin;
  for (const auto& [k, v] : route.query) {
    if (k == "gtin") gtin = v;
  }
  LM_TRY(check_stopped(lot, gtin));
  Live* found = nullptr;
  for (auto& l : live) {
    const Opening& o = l->batch.opening.body;
    if (o.lot->text != lot || (!gtin.empty() && o.gtin.text != gtin)) continue;
    if (found != nullptr)
      return fail(Errc::kConflict, "two products have a lot " + lot + ": add ?gtin=");
    found = l.get();
  }
  if (found == nullptr) return fail(Errc::kNotFound, "no open batch of lot " + lot);
  return found;
}

static std::uint64_t event_count(const chain::Draft& draft) {
  std::uint64_t n = 0;
  for (const auto& span : draft.events) n += span.count();
  return n;
}

Result<Reply> Enterprise::State::prepare(const std::string& lot, const Route& route,
                                         const Call& call, const KeyId& author) {
  LM_ASSIGN(Live * l, find_lot(lot, route));
  LM_ASSIGN(auto request, read_step_request(call.body));
  const auto line = lines.find(l->batch.opening.body.line);
  if (line == lines.end()) return fail(Errc::kConfig, "the lot's line file left the configuration");
  const Programme* p = programme(*l);
  if (p == nullptr) return fail(Errc::kProgrammeUnknown, l->batch.opening.body.programme);
  LM_ASSIGN(auto earlier, steps(l->batch, true));
  for (const auto& d : earlier) {
    if (d.head.step == request.step)
      return fail(Errc::kConflict, "step " + request.step + " is recorded already");
  }
  const chain::StepContext context{
      chain,   evidence,      l->batch, line->second,         *p,
      earlier, config.births, &events,  config.sealing.get(), &segments};
  LM_ASSIGN(auto made, chain::prepare_step(context, request, author, now));
  LM_TRY(store.prepare(l->batch.start(), made.draft));
  Json j = {{"commitment", to_hex(made.draft.commitment)},
            {"payload", to_hex(encode(Record{made.draft.commitment, {}}))},
            {"step", request.step},
            {"author", to_hex(author)},
            {"claims", Json::array()},
            {"events", event_count(made.draft)},
            {"warnings", made.warnings}};
  put_time(j, "time", made.draft.head.time);
  // From these the author computes the commitment anew before signing it.
  j["start"] = to_hex(l->batch.start());
  j["entries"] = Json::array();
  for (const auto& entry : made.draft.segments) j["entries"].push_back(to_hex(entry));
  if (request.reader) {
    j["recipients"] = Json::array();
    for (const auto& r : made.recipients)
      j["recipients"].push_back(r.empty() ? Json() : Json(to_hex(r)));
  }
  for (const auto& c : made.claims) j["claims"].push_back(claim_json(c, chain));
  return reply_json(j.dump());
}

// A step that has its place already; nothing if it has not.
Result<std::optional<Reply>> Enterprise::State::committed(const chain::Batch& b,
                                                          const Digest& id) const {
  LM_ASSIGN(auto rows, store.records(b.start()));
  for (const auto& r : rows) {
    if (r.record.commitment != id) continue;
    Json j = {{"commitment", to_hex(id)}, {"n", r.n}, {"state", "recorded"}};
    put_time(j, "slot", r.n < b.count() ? b.opening.body.slots[r.n] : r.time);
    return std::optional(reply_json(j.dump()));
  }
  return std::optional<Reply>();
}

// A prepared step whose signature was checked joins those that wait.
Status Enterprise::State::queue(const chain::Batch& b, const chain::Draft& draft,
                                const std::vector<chain::Draft>& waiting, ByteView object) {
  const auto anew = [](const std::string& why) {
    return fail(Errc::kConflict, why + " since this step was prepared: prepare and sign it again");
  };
  std::uint64_t queued = 0;
  for (const auto& d : waiting) {
    if (!d.object) continue;
    LM_ASSIGN(const bool shared, events.overlap(d.commitment, draft.commitment));
    if (shared) return anew("another step took its events");
    if (d.head.step == draft.head.step) {
      return fail(Errc::kConflict, "step " + *d.head.step + " is signed already");
    }
    ++queued;
  }
  if (b.tx_ids.size() + queued >= b.count()) {
    return fail(Errc::kOpeningCount, "no slot is left for this step");
  }
  if (draft.head.time < b.time) {
    return anew("a transaction left");
  }
  LM_ASSIGN(const bool all_wait, events.all_wait(draft.commitment));
  if (!all_wait) return anew("another record took its events");
  return store.sign(draft.commitment, object);
}

Result<Reply> Enterprise::State::commit(const std::string& lot, const Route& route,
                                        const Call& call) {
  LM_ASSIGN(Live * l, find_lot(lot, route));
  const auto id = fixed_from_hex<Digest>(route.parts[5]);
  if (!id) return fail(Errc::kNotFound, "a step is named by its commitment");
  LM_ASSIGN(auto object, read_record_object(call.body));
  const chain::Batch& b = l->batch;
  LM_ASSIGN(auto before, committed(b, *id));
  if (before) return *std::move(before);
  LM_ASSIGN(auto waiting, store.waiting(b.start()));
  std::uint64_t n = b.tx_ids.size();  // its place, behind the signed ones that are older
  const chain::Draft* draft = nullptr;
  for (const auto& d : waiting) {
    if (d.commitment == *id) {
      draft = &d;
      break;
    }
    n += d.object ? 1 : 0;
  }
  if (draft == nullptr) {
    return fail(Errc::kNotFound,
                "no step of that commitment was prepared, or it was prepared anew");
  }
  LM_TRY(chain::check_signed(chain, *draft, object));
  if (!draft->object) LM_TRY(queue(b, *draft, waiting, object));
  Json j = {{"commitment", to_hex(*id)}, {"n", n}, {"state", "signed"}};
  put_time(j, "slot", b.opening.body.slots[n]);
  return reply_json(j.dump());
}

Result<std::vector<std::string>> Enterprise::State::missing_steps(const chain::Batch& b) const {
  std::vector<std::string> out;
  const auto line = lines.find(b.opening.body.line);
  if (line == lines.end()) return out;
  LM_ASSIGN(auto made, steps(b, true));
  LM_ASSIGN(auto recorded, steps(b, false));
  const std::uint64_t taken = b.tx_ids.size() + made.size() - recorded.size();
  std::uint64_t left = b.count() - std::min(b.count(), taken);
  for (const auto& s : line->second.steps) {
    const bool there = std::any_of(made.begin(), made.end(),
                                   [&](const auto& d) { return d.head.step == s.label; });
    if (there) continue;
    if (left == 0) {
      out.push_back("step " + s.label +
                    " is not recorded and no slot is left: a reviewer finds step-missing and "
                    "refuses the lot");
      continue;
    }
    --left;
    out.push_back("step " + s.label +
                  " is not recorded yet: without it a reviewer refuses the lot");
  }
  return out;
}

Result<Reply> Enterprise::State::ask_apply(const std::string& lot, const Route& route,
                                           const Call& call) {
  LM_ASSIGN(Live * l, find_lot(lot, route));
  LM_ASSIGN(auto request, read_apply_request(call.body));
  const bool same = l->batch.product == request.product && l->batch.expires == request.expires;
  if (l->batch.state != chain::BatchState::kOpen && !same)
    return fail(Errc::kConflict, "the application has left already");
  if (!same) {
    chain::Batch next = l->batch;
    next.product = request.product;
    next.expires = request.expires;
    LM_TRY(store.update(next));
    l->batch = std::move(next);
  }
  const chain::Batch& b = l->batch;
  Json j = {{"lot", lot},
            {"state", std::string(chain::name(b.state))},
            {"transactions", b.tx_ids.size()},
            {"count", b.count()}};
  put_time(j, "last_slot", b.opening.body.slots.back());
  LM_ASSIGN(auto warnings, missing_steps(b));
  LM_ASSIGN(const auto units, serials.standing(b.start()));
  if (!b.application && !units.settled())
    warnings.push_back(
        "the application waits: its serials are not sealed, and nobody said that it has none");
  j["warnings"] = warnings;
  return reply_json(j.dump());
}

// ?lot= and ?gtin= leave others out.
Result<Reply> Enterprise::State::list(const Route& route) const {
  const auto lot = route.text("lot");
  const auto gtin = route.text("gtin");
  std::vector<chain::BatchStore::Damaged> damaged;
  LM_ASSIGN(auto batches, store.load(true, damaged));
  Json out = Json::array();
  std::size_t room = BatchView::kRecordsShown;
  for (auto at = batches.rbegin(); at != batches.rend(); ++at) {  // the newest first have the room
    const auto& b = *at;
    const Opening& o = b.opening.body;
    if ((lot && (!o.lot || o.lot->text != *lot)) || (gtin && o.gtin.text != *gtin)) continue;
    BatchView view{b, nullptr, nullptr, {}, {}};
    if (const auto line = lines.find(b.opening.body.line); line != lines.end())
      view.line = &line->second;
    for (const auto& l : live) {
      if (l->batch.start() == b.start()) view.live = l.get();
    }
    LM_ASSIGN(auto rows, store.records(b.start()));
    for (auto& r : rows) {
      if (r.record.head.kind != RecordKind::kDecoy) view.records.push_back(std::move(r.record));
    }
    view.records_shown = room;
    room -= std::min(room, view.records.size());
    LM_ASSIGN(view.waiting, store.waiting(b.start()));
    LM_ASSIGN(view.serials, serials.standing(b.start()));
    out.push_back(batch_json(view, chain));
  }
  std::reverse(out.begin(), out.end());
  return reply_json(out.dump());
}

std::optional<Reply> Enterprise::control(const Route& route, const Call& call,
                                         const chain::Enrolled& from, Time now) {
  State& s = *state_;
  s.now = now;
  const auto& p = route.parts;
  if (p.size() < 3 || p[0] != "control" || p[1] != "v1") return std::nullopt;
  const bool post = call.method == "POST";
  const auto answer = [](Result<Reply> r) { return r ? *std::move(r) : reply_error(r.error()); };
  if (p.size() == 3 && p[2] == "rewraps") {
    if (post) return answer(s.rewrap(call, from));
    return call.method == "GET" ? std::optional(answer(s.list_readers(from))) : std::nullopt;
  }
  if (p[2] != "batches") return std::nullopt;
  if (p.size() == 3 && call.method == "GET") return answer(s.list(route));
  if (p.size() == 3 && post) return answer(s.open_batch(call));
  if (p.size() == 5 && post && p[4] == "steps")
    return answer(s.prepare(p[3], route, call, from.kid));
  if (p.size() == 6 && post && p[4] == "steps") return answer(s.commit(p[3], route, call));
  if (p.size() == 5 && post && p[4] == "apply") return answer(s.ask_apply(p[3], route, call));
  if (auto units = s.lot_serials(route, call)) return answer(*std::move(units));
  return std::nullopt;
}

}  // namespace lotmark::node
