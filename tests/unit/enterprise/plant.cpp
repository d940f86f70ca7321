#include "tests/unit/enterprise/plant.h"

#include <fstream>

#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/crypto/sha256.h"
#include "tests/make_folder.h"
#include "tests/must.h"

namespace lotmark::test {

using Json = nlohmann::json;

Plant::Plant(const ConsortiumOptions& options) : c(options) {
  dir_ = make_folder("plant");
  std::ofstream line(file("line.cbor"), std::ios::binary);
  line.write(reinterpret_cast<const char*>(c.line_bytes.data()),
             static_cast<std::streamsize>(c.line_bytes.size()));
  line.close();
  open();
}

Plant::~Plant() {
  shut();
  std::filesystem::remove_all(dir_);
}

void Plant::shut() {
  engine_.reset();
  intake_.reset();
  received_.reset();
  db_.reset();
  chain_.reset();
}

void Plant::open() {
  chain_.emplace(must(chain::PublicChain::open(file("chain.db"), c.anchor)));
  db_.emplace(must(chain::open_private(file("private.db"))));
  received_.emplace(must(chain::ReceivedLog::open(*db_, *c.enterprise.signer, c.chain)));
  intake_ = must(
      node::IntakeLog::open(file("private.db"), *c.enterprise.signer, c.chain, {"yunhe", 3600}));
  intake_->update(chain_->all_enrolled(), {});
  node::EnterpriseConfig config;
  config.organisation = "yunhe";
  config.lines = {file("line.cbor")};
  config.rows_held = rows_held;
  config.resumed = resumed;
  config.sealing = sealing;
  births_.emplace(must(node::BirthLog::open(file("births.db"))));
  config.births = &*births_;
  engine_ = must(
      node::Enterprise::open(*db_, *c.enterprise.signer, *chain_, *intake_, *received_, config));
}

void Plant::reopen() {
  shut();
  open();
}

Digest Plant::start() {
  const auto s = c.start_signal();
  must(received_->log(s.id, "start", c.starter.kid(), s.bytes, c.clock.now()));
  return s.id;
}

void Plant::take(const Party& device, const std::vector<Bytes>& wires) {
  std::vector<bus::Message> group;
  for (const auto& w : wires) {
    group.push_back({bus::to_string({"yunhe", device.name, "bundle"}), w, false});
  }
  const auto before = intake_->size();
  const auto acks = must(intake_->take(group, c.clock.now()));
  ASSERT_EQ(intake_->size(), before + wires.size())
      << "an intake that refuses what the test's device sent";
}

void Plant::measure(double from, double to) {
  take(c.fridge, fridge.run(at(from), at(to), 60000, {cold_channel()}));
  take(c.room, room.run(at(from), at(to), 60000, {cold_channel(), humid_channel()}));
}

void Plant::add_block(const Bytes& block) {
  const Status done = chain_->append(block, c.clock.now());
  ASSERT_TRUE(done) << done.error().message();
  for (const auto& v : blocks.votes()) ASSERT_TRUE(chain_->add_vote(v));
}

void Plant::log_intake() {
  const Head head = intake_->head(logged_, c.clock.now());
  add_block(blocks.period_block({must(seal(head, *c.enterprise.signer, c.chain)).bytes}));
  logged_ = head.size;
}

node::Reply Plant::control(const std::string& method, const std::string& path, const Json& body,
                           const Party& by) {
  node::Call call{method, "/control/v1/" + path, {}, {}};
  if (!body.is_null()) call.body = to_bytes(as_bytes(body.dump()));
  const auto* from = chain_->enrolled(by.kid());
  LM_ASSERT(from != nullptr);
  const auto route = must(node::parse_route(call.path));
  auto reply = engine_->control(route, call, *from, c.clock.now());
  return reply ? *reply : node::reply_error(fail(Errc::kNotFound, "no such route"));
}

Json Plant::json(const std::string& method, const std::string& path, const Json& body,
                 const Party& by) {
  const auto reply = control(method, path, body, by);
  EXPECT_TRUE(reply.ok()) << path << ": " << (reply.error ? reply.error->message() : "");
  return Json::parse(reply.body, nullptr, false);
}

std::string Plant::refusal(const std::string& method, const std::string& path, const Json& body,
                           const Party& by) {
  const auto reply = control(method, path, body, by);
  return reply.error ? std::string(name(reply.error->code)) : "";
}

Json Plant::opening_request() const {
  return {{"programme", "vaccines"},
          {"line", to_hex(c.line_hash)},
          {"gtin", Consortium::gtin().text},
          {"lot", "A-2026/01"},
          {"reviewers", {"drug-east", "drug-west"}},
          {"start", "latest:filler-1"}};
}

void Plant::open_batch() {
  start();
  json("POST", "batches", opening_request(), c.qa);
}

Json Plant::record(const std::string& step, double from, double to, const Party& by,
                   const Json& notes) {
  const std::string base = "batches/" + node::percent_encode("A-2026/01") + "/steps";
  c.clock.advance(Millis{1});
  const Json prepared =
      json("POST", base,
           {{"step", step}, {"start", to_iso(at(from))}, {"end", ms(to)}, {"notes", notes}}, by);
  if (!prepared.contains("payload")) return prepared;
  const auto payload = *from_hex(prepared["payload"].get<std::string>());
  const auto object = must(seal_payload("record", payload, *by.signer, &c.chain));
  return json("POST", base + "/" + prepared["commitment"].get<std::string>(),
              {{"record_object", to_hex(object.bytes)}}, by);
}

Json Plant::batch() {
  const Json list = json("GET", "batches", nullptr, c.qa);
  return list.at(0);
}

node::Reply Plant::answer(const node::Outgoing& call) {
  if (call.path.starts_with("/peer/v1/transactions?"))
    return node::reply_cbor(node::encode_list(held_by_reviewers));
  if (call.path == "/peer/v1/disclosures") return node::reply_cbor(node::encode_list({}));
  const Party& by = call.to == c.east.kid() ? c.east : c.west;
  Bytes object = call.body;
  if (call.path == "/peer/v1/openings") object = must(node::decode_list(call.body)).at(0);
  std::optional<Digest> id;
  if (auto o = lotmark::open<Opening>(object, c.chain)) id = o->id;
  if (auto o = lotmark::open<Transaction>(object, c.chain)) id = o->id;
  if (auto o = lotmark::open<Application>(object, c.chain)) id = o->id;
  LM_ASSERT(id.has_value());
  return node::reply_cbor(c.arrival(by, *id, c.clock.now()));
}

std::size_t Plant::tick() {
  if (reopen_each_tick) reopen();
  auto calls = engine_->tick(c.clock.now());
  for (auto& call : calls) {
    const bool heard = !deaf.contains(call.to);
    const bool first =
        lose_first_delivery && lost_once_.insert({call.to, sha256(call.body)}).second;
    sent.push_back({call.to, call.path, call.body, heard && !first});
    if (first) {
      for (const auto& rest : calls) {  // the others of this tick are lost with it
        lost_once_.insert({rest.to, sha256(rest.body)});
        if (rest.body != call.body || rest.to != call.to)
          sent.push_back({rest.to, rest.path, rest.body, false});
      }
      reopen();
      return calls.size();
    }
    call.done(heard ? answer(call) : node::reply_error(fail(Errc::kNetwork, "nobody there")));
  }
  return calls.size();
}

void Plant::tick_until(double minutes, double every) {
  const auto step = Millis{static_cast<std::int64_t>(every * 60000)};
  while (c.clock.now() < at(minutes)) {
    c.clock.set(std::min(at(minutes), c.clock.now() + step));
    for (int i = 0; i < 40 && tick() != 0; ++i) c.clock.advance(Millis{1});
  }
}

std::vector<Bytes> Plant::transactions(const Party& to) const {
  std::vector<Bytes> out;
  for (const auto& s : sent) {
    const bool ours = s.to == to.kid() && s.path == "/peer/v1/transactions" && s.answered;
    if (ours && std::find(out.begin(), out.end(), s.body) == out.end()) out.push_back(s.body);
  }
  return out;
}

std::optional<Bytes> Plant::application() const {
  for (const auto& s : sent) {
    if (s.path == "/peer/v1/applications") return s.body;
  }
  return std::nullopt;
}

std::optional<Bytes> Plant::disclosure() const {
  for (const auto& s : sent) {
    if (s.path == "/peer/v1/disclosures") return s.body;
  }
  return std::nullopt;
}

void run_lot(Plant& p, bool apply) {
  p.open_batch();
  p.tick_until(11);
  p.measure(0, 12);
  p.c.clock.set(p.at(12));
  p.record("filling", 0, 10, p.c.qa, {{{"name", "batch sheet"}, {"text", "nothing unusual"}}});
  p.tick_until(21);
  p.c.clock.set(p.at(29));
  p.measure(12, 29);
  p.record("storage", 0, 20, p.c.qa,
           {{{"name", "store"}, {"text", "cold room 2"}, {"audience", "public"}}});
  p.record("packing", 15, 28, p.c.packer);
  p.tick_until(61);
  if (!apply) return;
  p.json("POST", "batches/" + node::percent_encode("A-2026/01") + "/apply",
         {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, p.c.qa);
  p.tick_until(63);
}

}  // namespace lotmark::test
