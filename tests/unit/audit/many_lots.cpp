#include "tests/unit/audit/many_lots.h"

#include <cstdlib>

#include "core/base/hex.h"

namespace lotmark::test {

namespace fs = std::filesystem;

namespace {

void open_lot(Plant& p, const std::string& lot) {
  p.start();
  auto request = p.opening_request();
  request["lot"] = lot;
  p.json("POST", "batches", request, p.c.qa);
  p.c.clock.advance(Millis{10});
}

void apply_for(Plant& p, const std::string& lot, const std::string& product) {
  p.json("POST", "batches/" + node::percent_encode(lot) + "/apply",
         {{"product", product}, {"expires", 20281231}}, p.c.qa);
}

}  // namespace

ManyLots& ManyLots::get() {
  const char* lots = std::getenv("LOTMARK_AUDIT_LOTS");
  static ManyLots made(lots != nullptr ? std::strtoul(lots, nullptr, 10) : 6);
  return made;
}

ManyLots::ManyLots(std::size_t lots) {
  released = {"A-2026/01"};
  for (std::size_t i = 1; i < lots; ++i) released.push_back("B-" + std::to_string(i));
  for (std::size_t i = 1; i < lots; ++i) open_lot(plant, released[i]);
  open_lot(plant, left);
  open_lot(plant, applied);
  run_lot(plant, false);
  plant.start();  // nobody opens a lot on it
  for (std::size_t i = 0; i < lots; ++i)
    apply_for(plant, released[i], i == 1 ? kHostile : "Vaccine A");
  apply_for(plant, applied, "Vaccine A");
  plant.tick_until(64);
  plant.log_intake();
  std::set<std::string> done;
  for (const auto& s : std::vector(plant.sent)) {
    if (s.path != "/peer/v1/applications" || !s.answered) continue;
    const auto a = *open<Application>(s.body, plant.c.chain);
    if (a.body.lot.text == applied || !done.insert(a.body.lot.text).second) continue;
    plant.add_block(plant.blocks.lot_block(s.body));
  }
  EXPECT_EQ(done.size(), lots);
  plant.tick_until(75);
  plant.shut();
}

chain::AuditOptions ManyLots::options() const {
  chain::AuditOptions o;
  o.private_dbs = {plant.file("private.db")};
  o.chain_db = plant.file("chain.db");
  o.anchor = plant.c.anchor;
  return o;
}

chain::AuditOptions ManyLots::spoilt(const std::string& sql) {
  const auto file = plant.file("copy.db");
  for (const char* tail : {"", "-wal", "-shm"}) fs::remove(file.string() + tail);
  fs::copy_file(plant.file("private.db"), file);
  {
    auto db = store::Database::open(file);
    EXPECT_TRUE(db && db->exec(sql)) << sql;
  }
  auto o = options();
  o.private_dbs = {file};
  return o;
}

chain::AuditDone ManyLots::audit(const chain::AuditOptions& options,
                                 const chain::AuditProgress& progress) const {
  auto done = chain::audit(options, progress);
  EXPECT_TRUE(done) << done.error().message();
  return done ? *std::move(done) : chain::AuditDone{};
}

fs::path ManyLots::fresh(const std::string& name) const {
  const auto file = plant.file(name);
  for (const char* tail : {"", "-wal", "-shm"}) fs::remove(file.string() + tail);
  return file;
}

std::string lines(const chain::AuditReport& report) {
  std::string out;
  for (const auto& f : report.faults) out += "\n  " + chain::to_line(f);
  return out;
}

}  // namespace lotmark::test
