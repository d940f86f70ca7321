#include "ledger-node/replicate/submitter.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/wire/complaint.h"
#include "core/wire/usage.h"
#include "ledger-node/chain/public/events.h"

namespace lotmark::node {

namespace {

constexpr Millis kLook{200};
constexpr Millis kAgain{2000};
constexpr Millis kPromised{8000};    // more, where it was taken
constexpr Millis kDisputed{58'000};  // more, where who orders refuses what holds here
constexpr std::size_t kAtOnce = 16;

constexpr std::string_view kSchema = R"sql(
CREATE TABLE submission(
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, type TEXT NOT NULL, object BLOB NOT NULL,
  made INTEGER NOT NULL,          -- ms UTC
  state TEXT NOT NULL,            -- waiting, promised, refused, final
  error TEXT NOT NULL DEFAULT '', promise BLOB);
CREATE INDEX submission_state ON submission(state);
)sql";

// A rule of the formats refuses the object: asking again soon is of no use.
bool is_for_good(const Error& e) {
  return static_cast<unsigned>(e.code) < static_cast<unsigned>(Errc::kIo) &&
         e.code != Errc::kListDuplicate;
}

template <class T>
Result<Bytes> signed_as(ByteView payload, const Signer& signer, const Digest& chain) {
  LM_ASSIGN(auto body, decode<T>(payload));
  LM_ASSIGN(auto sealed, seal(body, signer, chain));
  return std::move(sealed.bytes);
}

}  // namespace

Result<std::unique_ptr<Submitter>> Submitter::open(const std::filesystem::path& file,
                                                   const chain::PublicChain& chain,
                                                   const Signer& signer, PrimaryNow primary,
                                                   OwnDoor own_door) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kSchema}));
  return std::unique_ptr<Submitter>(
      new Submitter(std::move(db), chain, signer, std::move(primary), std::move(own_door)));
}

// ---- from operators ------------------------------------------------------------------------------

Result<Bytes> Submitter::signed_object(const Route& route, const Call& call) const {
  const auto type = route.text("sign");
  if (!type) return call.body;
  const Digest& chain = chain_.chain_id();
  if (*type == SignedName<Revocation>::value)
    return signed_as<Revocation>(call.body, signer_, chain);
  if (*type == SignedName<Recall>::value) return signed_as<Recall>(call.body, signer_, chain);
  if (*type == SignedName<Enrolment>::value) return signed_as<Enrolment>(call.body, signer_, chain);
  if (*type == SignedName<Complaint>::value) return signed_as<Complaint>(call.body, signer_, chain);
  if (*type == SignedName<Usage>::value) return signed_as<Usage>(call.body, signer_, chain);
  if (*type == SignedName<Ruling>::value) return signed_as<Ruling>(call.body, signer_, chain);
  return fail(Errc::kDenied, "a node signs no " + *type + " for its operators");
}

Result<Digest> Submitter::submit(ByteView object, Time now) {
  const auto label = peek(object);
  const auto door = chain::door_of(object);
  if (!label || !door || door == "releases")
    return fail(Errc::kDenied, "no revocation, recall, enrolment or event");
  LM_ASSIGN(const Digest id, id_of(object));
  LM_ASSIGN(auto have, db_.prepare("SELECT 1 FROM submission WHERE id = ? AND state != 'refused'"));
  LM_ASSIGN(bool held, have.bind(1, id).step());
  if (held) return id;
  have.reset();
  LM_TRY(chain::check_submission(chain_, object));
  LM_ASSIGN(auto count, db_.prepare("SELECT count(*) FROM submission WHERE state IN "
                                    "('waiting', 'promised')"));
  LM_ASSIGN(bool row, count.step());
  if (row && count.u64(0) >= kWaiting) return fail(Errc::kTooLarge, "too many submissions wait");
  count.reset();
  LM_ASSIGN(auto q, db_.prepare("INSERT OR REPLACE INTO submission(id, type, object, made, state) "
                                "VALUES(?, ?, ?, ?, 'waiting')"));
  q.bind(1, id).bind(2, label->type).bind(3, object);
  LM_TRY(q.bind(4, static_cast<std::uint64_t>(to_ms(now))).run());
  log::info("submit.taken", {{"type", label->type}, {"id", short_hex(id)}});
  look_due_ = {};
  idle_ = false;
  return id;
}

Result<std::string> Submitter::list_json() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT id, type, made, state, error FROM submission ORDER BY n "
                                "DESC LIMIT 500"));
  nlohmann::json list = nlohmann::json::array();
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return list.dump();
    LM_ASSIGN(auto id, q.fixed<Digest>(0));
    LM_ASSIGN(auto block, chain_.block_of(id));
    list.push_back({{"id", to_hex(id)},
                    {"type", q.text(1)},
                    {"made_ms", q.u64(2)},
                    {"made", to_iso(from_ms(q.integer(2)))},
                    {"state", q.text(3)},
                    {"error", q.text(4)},
                    {"block", block ? nlohmann::json(*block) : nlohmann::json()}});
  }
}

std::optional<Reply> Submitter::control(const Route& route, const Call& call,
                                        const chain::Enrolled& /*from*/, Time now) {
  if (route.parts.size() != 3 || route.parts[2] != "submissions") return std::nullopt;
  if (call.method == "GET") {
    auto list = list_json();
    return list ? reply_json(*std::move(list)) : reply_error(list.error());
  }
  if (call.method != "POST") return std::nullopt;
  auto object = signed_object(route, call);
  if (!object) return reply_error(object.error());
  const auto id = submit(*object, now);
  if (!id) return reply_error(id.error());
  return reply_json(nlohmann::json{{"id", to_hex(*id)}}.dump());
}

// ---- to the primary ------------------------------------------------------------------------------

Status Submitter::set_state(std::uint64_t n, std::string_view state, std::string_view error) {
  LM_ASSIGN(auto q, db_.prepare("UPDATE submission SET state = ?, error = ? WHERE n = ?"));
  return q.bind(1, state).bind(2, error).bind(3, n).run();
}

// A promise is checked by who relies on it; here it says that asking can rest.
void Submitter::answered(std::uint64_t n, const Bytes& object, const Reply& reply) {
  Status done;
  if (reply.ok()) {
    due_[n] += kPromised;
    done = set_state(n, "promised", "");
    const auto promise = lotmark::open<Promise>(reply.body, chain_.chain_id());
    const Member* by = promise ? chain_.member(promise->kid) : nullptr;
    const auto id = id_of(object);
    if (by != nullptr && id && promise->body.object == *id && by->has(Role::kSupervising) &&
        promise->verified_by(by->public_key))
      chain_.onlooker().promised(*promise, object, *id);
  } else if (reply.error && is_for_good(*reply.error)) {
    // Its word alone ends nothing: where its chain is ahead of this one, the next look here says the same.
    due_[n] += kDisputed;
    log::warn("submit.disputed", {{"error", reply.error->message()}});
    done = set_state(n, "waiting", reply.error->message());
  }
  if (!done) log::error("submit.not_kept", {{"error", done.error().message()}});
}

Status Submitter::look(std::vector<Outgoing>& out, Time now) {
  const auto primary = primary_();
  if (primary != asked_) {  // another one orders now: it may know nothing of them
    asked_ = primary;
    ++attempt_;
    due_.clear();
    busy_.clear();
  }
  struct Row {
    std::uint64_t n;
    Digest id;
    Bytes object;
  };
  std::vector<Row> rows;
  LM_ASSIGN(auto q, db_.prepare("SELECT n, id, object FROM submission WHERE state IN ('waiting', "
                                "'promised') ORDER BY n"));
  while (true) {
    LM_ASSIGN(bool more, q.step());
    if (!more) break;
    LM_ASSIGN(auto id, q.fixed<Digest>(1));
    rows.push_back({q.u64(0), id, to_bytes(q.blob(2))});
  }
  q.reset();
  idle_ = rows.empty();
  for (const auto& row : rows) {
    LM_ASSIGN(auto block, chain_.block_of(row.id));
    if (block) {
      if (chain_.is_final(*block)) LM_TRY(set_state(row.n, "final", ""));
      continue;
    }
    const Status fits = chain::check_submission(chain_, row.object);
    if (!fits && static_cast<unsigned>(fits.code()) < static_cast<unsigned>(Errc::kIo)) {
      log::warn("submit.refused", {{"error", fits.error().message()}});
      LM_TRY(set_state(row.n, "refused", fits.error().message()));
      continue;
    }
    const auto due = due_.find(row.n);
    const bool waits = busy_.contains(row.n) || (due != due_.end() && now < due->second);
    if (!primary || waits || out.size() >= kAtOnce) continue;
    due_[row.n] = now + kAgain;
    const std::string path = "/peer/v1/" + std::string(chain::door_of(row.object).value_or(""));
    if (*primary == signer_.kid()) {
      LM_ASSIGN(const Route route, parse_route(path));
      const auto reply = own_door_(route, {"POST", path, row.object, {}}, now);
      if (reply) answered(row.n, row.object, *reply);
      continue;
    }
    busy_.insert(row.n);
    out.push_back({*primary, "POST", path, row.object,
                   [this, n = row.n, object = row.object, attempt = attempt_](const Reply& reply) {
                     if (attempt != attempt_) return;
                     busy_.erase(n);
                     answered(n, object, reply);
                   }});
  }
  return {};
}

Status Submitter::forget_old() {
  LM_ASSIGN(auto q, db_.prepare("DELETE FROM submission WHERE state IN ('final', 'refused') AND n "
                                "<= (SELECT max(n) FROM submission) - ?"));
  return q.bind(1, kKept).run();
}

std::vector<Outgoing> Submitter::tick(Time now) {
  std::vector<Outgoing> out;
  if (idle_ || now < look_due_) return out;
  look_due_ = now + kLook;
  Status done = look(out, now);
  if (done && idle_) done = forget_old();
  if (!done) log::error("submit.not_kept", {{"error", done.error().message()}});
  return out;
}

std::vector<std::pair<std::string, double>> Submitter::metrics() const {
  auto q = db_.prepare("SELECT count(*) FROM submission WHERE state IN ('waiting', 'promised')");
  const auto step = q ? q->step() : Result<bool>(q.error());
  const bool row = step && *step;
  return {{"lotmark_own_submissions_waiting", row ? static_cast<double>(q->u64(0)) : 0}};
}

}  // namespace lotmark::node
