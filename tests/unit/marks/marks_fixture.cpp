#include "tests/unit/marks/marks_fixture.h"

#include "core/base/random.h"
#include "tests/must.h"

namespace lotmark::test {

MarksTest::MarksTest() {
  append(maker.period_block({}, {enrolment(corner, c.west), enrolment(market, c.west)}));
  release("A-1");
  restart();
}

chain::PublicChain MarksTest::open_chain() {
  return must(chain::PublicChain::open(folder / "chain.db", c.anchor));
}

void MarksTest::restart() {
  reporter.reset();
  desk.reset();
  store.reset();
  submitter.reset();
  submitter = must(node::Submitter::open(
      folder / "submissions.db", chain, *c.west.signer, [this] { return c.supervisors[0].kid(); },
      [](const node::Route&, const node::Call&, Time) { return std::nullopt; }));
  store = must(node::MarkStore::open(folder / "marks.db"));
  node::MarkDeskConfig config;
  config.agency = c.west.kid();
  config.with_chain = [this](const std::function<void(const chain::PublicChain&)>& ask) {
    ++chain_asked;
    ask(chain);
  };
  desk = std::make_unique<node::MarkDesk>(*store, c.chain, std::move(config));
  node::MarkReporterConfig reports;
  reports.organisation = "drug-west";
  reports.submit = [this](ByteView report, Time at) -> Status {
    ++attempts;
    const Bytes object = to_bytes(report);
    if (std::ranges::find(submitted, object) == submitted.end()) submitted.push_back(object);
    if (no_submission) return *no_submission;
    if (refused && refused(object)) return Errc::kFieldRange;
    const auto id = submitter->submit(report, at);
    if (id && lost_answer) return *lost_answer;
    return id ? Status() : Status(id.error());
  };
  reporter =
      std::make_unique<node::MarkReporter>(*store, chain, *c.west.signer, std::move(reports));
}

void MarksTest::append(ByteView block) { must(chain.append(block, now())); }

void MarksTest::release(const std::string& lot) {
  Application a = c.application(lot);
  a.start = Digest{{1}};
  append(maker.lot_block(must(seal(a, *c.enterprise.signer, c.chain)).bytes));
}

Bytes MarksTest::enrolment(const Party& who, const Party& by) const {
  const Enrolment e{who.key(), EnrolmentKind::kOperator, who.name, who.organisation, "", {}, {}};
  return must(seal(e, *by.signer, c.chain)).bytes;
}

Mark MarksTest::mark(std::optional<std::string> serial, UsageKind kind, std::uint64_t count) const {
  return {Consortium::gtin(),   {"A-1"}, kind, std::move(serial), count, unix_ms(now()),
          random_fixed<Nonce>()};
}

Bytes MarksTest::signed_by(const Party& who, const Mark& m) const {
  return must(seal(m, *who.signer, c.chain)).bytes;
}

nlohmann::json MarksTest::bring(const std::vector<Bytes>& marks) {
  const node::Call call{"POST", "/control/v1/marks", node::encode_list(marks), {}};
  const auto reply =
      desk->control(call, *node::parse_route(call.path), c.examiner_west.kid(), now());
  EXPECT_TRUE(reply.ok()) << (reply.error ? reply.error->message() : "");
  const auto j = nlohmann::json::parse(as_text(reply.body), nullptr, false);
  return reply.ok() ? j["marks"] : nlohmann::json::array();
}

std::string MarksTest::bring(const Bytes& mark) {
  const auto answer = bring(std::vector<Bytes>{mark});
  if (answer.size() != 1) return "no answer";
  return answer[0]["state"] == "refused" ? answer[0]["error"] : answer[0]["state"];
}

nlohmann::json MarksTest::list(const std::string& query) {
  const node::Call call{"GET", "/control/v1/marks" + query, {}, {}};
  const auto reply =
      desk->control(call, *node::parse_route(call.path), c.examiner_west.kid(), now());
  EXPECT_TRUE(reply.ok()) << (reply.error ? reply.error->message() : "");
  return nlohmann::json::parse(as_text(reply.body), nullptr, false);
}

void MarksTest::tick(int times) {
  for (int i = 0; i < times; ++i) {
    EXPECT_TRUE(reporter->tick(now()).empty());
    pass(Millis{250});
  }
}

std::vector<Bytes> MarksTest::given() {
  std::vector<Bytes> out;
  for (int i = 0; i < 20; ++i) {
    for (const auto& o : submitter->tick(now())) {
      out.push_back(o.body);
      node::Reply taken;
      taken.body = node::encode_list({});
      o.done(taken);
    }
    pass(Millis{250});
  }
  return out;
}

void MarksTest::into_a_block(const std::vector<Bytes>& events, bool final) {
  append(maker.period_block({}, {}, events));
  if (!final) return;
  for (const auto& v : maker.votes()) must(chain.add_vote(v));
}

std::uint64_t MarksTest::reports(node::ReportState state) const {
  return must(store->count(state));
}

Usage MarksTest::opened(const Bytes& report) const {
  return must(open<Usage>(report, c.chain)).body;
}

}  // namespace lotmark::test
