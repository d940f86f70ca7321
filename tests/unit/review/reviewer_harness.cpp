#include "tests/unit/review/reviewer_harness.h"

#include <fstream>

#include "core/base/hex.h"
#include "tests/make_folder.h"

namespace lotmark::test {

using node::Call;
using node::Outgoing;
using node::Reply;

ReviewerHarness::ReviewerHarness(bool first) : first_(first) {
  folder_ = make_folder("review");
  const auto line = folder_ / "line.cbor";
  std::ofstream(line, std::ios::binary)
      .write(reinterpret_cast<const char*>(c.line_bytes.data()),
             static_cast<std::streamsize>(c.line_bytes.size()));
  config.organisation = self().organisation;
  config.primary = [kid = c.supervisors[0].kid()] { return std::optional(kid); };
  config.lines = {line};
  open();
}

ReviewerHarness::~ReviewerHarness() {
  reviewer.reset();
  received.reset();
  db_.reset();
  chain.reset();
  std::filesystem::remove_all(folder_);
}

void ReviewerHarness::open() {
  auto opened = chain::PublicChain::open(folder_ / "chain.db", c.anchor);
  LM_ASSERT(opened);
  chain.emplace(*std::move(opened));
  auto db = chain::open_private(folder_ / "private.db");
  LM_ASSERT(db);
  db_.emplace(*std::move(db));
  auto log = chain::ReceivedLog::open(*db_, *self().signer, c.chain);
  LM_ASSERT(log);
  received.emplace(*std::move(log));
  auto made = node::Reviewer::open(*db_, *self().signer, *chain, *received, config);
  LM_ASSERT(made);
  reviewer = *std::move(made);
}

void ReviewerHarness::restart() {
  reviewer.reset();
  received.reset();
  db_.reset();
  chain.reset();
  open();
}

void ReviewerHarness::receive_start() {
  LM_ASSERT(received->log(lot.start.id, "start", c.starter.kid(), lot.start.bytes, c.clock.now()));
}

Reply ReviewerHarness::post_as(const Member& from, const std::string& path, Bytes body) {
  const Call call{"POST", path, std::move(body), ""};
  auto route = node::parse_route(path);
  LM_ASSERT(route);
  auto reply = reviewer->peer(*route, call, from, c.clock.now());
  LM_ASSERT(reply);
  return *reply;
}

Reply ReviewerHarness::send_opening() {
  return post("/peer/v1/openings", node::encode_list({lot.opening.bytes, lot.start.bytes}));
}

Reply ReviewerHarness::send_transaction(std::size_t n) {
  return post("/peer/v1/transactions", lot.transactions.at(n).bytes);
}

Reply ReviewerHarness::send_application() {
  return post("/peer/v1/applications", lot.application.bytes);
}

void ReviewerHarness::submit_all() {
  receive_start();
  c.clock.advance(std::chrono::minutes(1));
  LM_ASSERT(send_opening().ok());
  for (std::size_t n = 0; n < lot.transactions.size(); ++n) {
    c.clock.set(from_ms(static_cast<std::int64_t>(lot.at(10 + 10 * n) + 500)));
    LM_ASSERT(send_transaction(n).ok());
  }
  LM_ASSERT(send_application().ok());
}

void ReviewerHarness::log_intake() {
  const Bytes head = blocks.head(c.enterprise, LogKind::kIntake, lot.intake());
  auto done = chain->append(blocks.period_block({head}), c.clock.now());
  LM_ASSERT(done);
}

Reply ReviewerHarness::control(const std::string& method, const std::string& path,
                               const nlohmann::json& body, const Party* by) {
  Call call{method, path, {}, ""};
  if (!body.is_null()) call.body = to_bytes(as_bytes(body.dump()));
  auto route = node::parse_route(path);
  LM_ASSERT(route);
  const auto* from = chain->enrolled((by != nullptr ? *by : examiner()).kid());
  LM_ASSERT(from != nullptr);
  auto reply = reviewer->control(*route, call, *from, c.clock.now());
  LM_ASSERT(reply);
  return *reply;
}

nlohmann::json ReviewerHarness::parsed(const Reply& reply) {
  return nlohmann::json::parse(reply.body.begin(), reply.body.end(), nullptr, false);
}

std::set<int> ReviewerHarness::codes() {
  std::set<int> out;
  const auto shown = review();
  for (const auto& f : shown["findings"]) out.insert(f["code"].get<int>());
  return out;
}

std::uint64_t ReviewerHarness::evidence_kept() const {
  auto q = db_->prepare("SELECT count(*) FROM evidence");
  LM_ASSERT(q && q->step());
  return q->u64(0);
}

// Also where it names the reader's key.
static bool asks_rows(const Outgoing& call) {
  const auto route = node::parse_route(call.path);
  LM_ASSERT(route);
  return route->parts.back() == "rows";
}

Reply ReviewerHarness::honest(const Outgoing& call) const {
  auto route = node::parse_route(call.path);
  LM_ASSERT(route);
  if (asks_rows(call)) return node::reply_cbor(lot.rows_answer());
  if (route->parts[2] == "bundles") {
    const auto id = fixed_from_hex<Digest>(route->parts[3]);
    return node::reply_cbor(lot.bundle_answer(*id, *route->number("size")));
  }
  const auto label = peek(call.body);
  LM_ASSERT(label);
  auto object = read_sign1(call.body, {label->type == "release" ? "release" : "refusal", &c.chain});
  LM_ASSERT(object);
  auto promise =
      seal(Promise{object->id(), static_cast<std::uint64_t>(to_ms(c.clock.now())) + 3600000},
           *c.supervisors[0].signer, c.chain);
  LM_ASSERT(promise);
  return node::reply_cbor(promise->bytes);
}

Reply ReviewerHarness::answer(const Outgoing& call) {
  if (asks_rows(call)) {
    ++rows_asked;
    return rows ? rows(call) : honest(call);
  }
  if (call.method == "GET") return bundles ? bundles(call) : honest(call);
  delivered.push_back(call.body);
  return primary ? primary(call) : honest(call);
}

void ReviewerHarness::run(unsigned seconds) {
  for (unsigned i = 0; i < seconds; ++i) {
    for (const auto& call : reviewer->tick(c.clock.now())) call.done(answer(call));
    c.clock.advance(std::chrono::seconds(1));
  }
}

}  // namespace lotmark::test
