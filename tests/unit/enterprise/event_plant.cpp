#include "tests/unit/enterprise/event_plant.h"

#include "tests/must.h"
#include "tests/unit/capture/access_entries.h"

namespace lotmark::test {

namespace {

const std::string kEventContext =
    R"(["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://yunhe.example/epcis/"}])";

epcis::Json event_of(int number, const std::string& lot) {
  epcis::Json j = {{"type", "ObjectEvent"},
                   {"eventTime", to_iso(from_ms(1'767'600'000'000 + std::int64_t{1000} * number))},
                   {"eventTimeZoneOffset", "+08:00"},
                   {"action", "OBSERVE"},
                   {"bizStep", number % 2 == 0 ? "shipping" : "storing"},
                   {"yh:shelf", "B" + std::to_string(number % 5)}};
  if (number % 7 != 0) j["eventID"] = "urn:x:" + std::to_string(number);
  const std::string item = "https://id.gs1.org/01/" + Consortium::gtin().text;
  if (lot.empty()) {
    j["epcList"] = {item + "/21/" + std::to_string(number)};
  } else {
    j["quantityList"] = {
        {{"epcClass", item + "/10/" + node::percent_encode(lot)}, {"quantity", number + 1}}};
  }
  return j;
}

}  // namespace

std::unique_ptr<node::PeriodRecorder> recorder_over(const store::Database& db,
                                                    const chain::PublicChain& chain,
                                                    const Signer& signer,
                                                    std::vector<Bytes>& submitted,
                                                    std::optional<Time> resumed_at) {
  node::PeriodRecorderConfig config;
  config.organisation = "yunhe";
  config.submit = [&submitted](ByteView tx, Time) -> Status {
    submitted.push_back(to_bytes(tx));
    return {};
  };
  if (resumed_at) config.resumed_at = unix_ms(*resumed_at);
  return must(node::PeriodRecorder::open(db, chain, signer, std::move(config)));
}

EventPlant::EventPlant(Plant& p)
    : plant(p),
      store_(must(node::EventStore::open(p.file("private.db")))),
      accesses_(must(node::AccessStore::open(p.file("private.db")))),
      db_(must(chain::open_private(p.file("private.db")))),
      recorder_(recorder_over(*db_, p.chain(), *p.c.enterprise.signer, submitted)) {}

void EventPlant::shut() {
  recorder_.reset();
  db_.reset();
  accesses_.reset();
  store_.reset();
}

void EventPlant::log_accesses(int count) {
  const auto first = accessed_ + 1;
  accessed_ += static_cast<std::uint64_t>(count);
  const auto kept = accesses_->keep(node::test::accesses(first, accessed_),
                                    plant.c.enterprise.kid(), plant.c.clock.now());
  ASSERT_TRUE(kept) << kept.error().message();
}

void EventPlant::capture(int count, const std::string& lot) {
  node::CaptureRequest r;
  r.contexts = {kEventContext};
  for (int i = 0; i < count; ++i) r.events.push_back({0, event_of(made_++, lot).dump()});
  const auto done = store_->capture(std::move(r), plant.c.clock.now());
  ASSERT_TRUE(done && done->success) << (done ? "refused" : done.error().message());
}

void EventPlant::tick() {
  for (int i = 0; i < 4; ++i) {
    plant.c.clock.advance(Millis{250});
    recorder_->tick(plant.c.clock.now());
  }
}

void EventPlant::log_newest() {
  ASSERT_FALSE(submitted.empty());
  plant.add_block(plant.blocks.period_block({}, {}, {}, {submitted.back()}));
}

void EventPlant::run() {
  plant.open_batch();
  plant.c.clock.set(plant.at(9));
  plant.measure(0, 8);
  capture(5);
  capture(2, "A-2026/01");
  tick();
  plant.record("filling", 1, 7, plant.c.qa);
  plant.tick_until(21);
  capture(40);
  log_newest();
  tick();
  capture(2);
  capture(1, "A-2026/01");
}

std::vector<std::string> found_events(
    const std::filesystem::path& private_db,
    const std::vector<std::pair<std::string, std::string>>& query) {
  std::vector<std::string> out;
  const auto reader = must(node::EventReader::open(private_db));
  const auto parsed = must(epcis::parse_query(query));
  std::optional<node::EventPlace> after;
  do {
    const auto page = must(reader->find(parsed, after, 1000));
    for (const auto& e : page.events) out.push_back(e.id_text());
    after = page.next;
  } while (after);
  return out;
}

}  // namespace lotmark::test
