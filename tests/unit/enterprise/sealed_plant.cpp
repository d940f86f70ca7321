#include "tests/unit/enterprise/sealed_plant.h"

#include "tests/must.h"

namespace lotmark::test {

using Json = nlohmann::json;

std::shared_ptr<const sealed::OpeningKey> opening_key(std::uint8_t number) {
  Scalar scalar;
  scalar.data()[31] = number;
  return std::make_shared<const sealed::OpeningKey>(must(sealed::OpeningKey::from(scalar)));
}

SealedPlant::SealedPlant() {
  plant.sealing = std::make_shared<const chain::SealingRules>(rules());
  plant.reopen();
}

chain::SealingRules SealedPlant::rules() const {
  chain::SealingRules r;
  r.own = own;
  r.readers = {{"drug-east", east->reader(), plant.c.east.kid()},
               {"drug-west", west->reader(), plant.c.west.kid()},
               {"partner", partner->reader(), {}, true, false}};
  r.rewrappers = {"qa-1"};
  return r;
}

Json SealedPlant::notes() {
  return {{{"name", "batch sheet"}, {"text", kSecret}},
          {{"name", "delivery"}, {"text", kPartners}, {"audience", "partner"}},
          {{"name", "store"}, {"text", kPublic}, {"audience", "public"}}};
}

void SealedPlant::run() {
  Plant& p = plant;
  p.open_batch();
  p.tick_until(11);
  p.measure(0, 12);
  p.c.clock.set(p.at(12));
  p.record("filling", 0, 10, p.c.qa, notes());
  p.tick_until(21);
  p.c.clock.set(p.at(29));
  p.measure(12, 29);
  p.record("storage", 0, 20, p.c.qa);
  p.record("packing", 15, 28, p.c.packer);
  p.tick_until(61);
  p.json("POST", "batches/A-2026%2F01/apply", {{"product", "Vaccine A"}, {"expires", "2028-12-31"}},
         p.c.qa);
  p.tick_until(63);
}

Digest SealedPlant::start() {
  return *fixed_from_hex<Digest>(plant.batch()["start"].get<std::string>());
}

std::vector<chain::RecordRow> SealedPlant::records() {
  const auto db = must(store::Database::open(plant.file("private.db"), {.read_only = true}));
  return must(chain::BatchStore(db, plant.c.chain).records(start()));
}

std::vector<chain::Draft> SealedPlant::waiting() {
  const auto db = must(store::Database::open(plant.file("private.db"), {.read_only = true}));
  return must(chain::BatchStore(db, plant.c.chain).waiting(start()));
}

std::vector<chain::SegmentKey> SealedPlant::keys_of(const Digest& commitment, const KeyId& reader) {
  const auto db = must(store::Database::open(plant.file("private.db"), {.read_only = true}));
  return must(chain::SegmentKeys(db).of(commitment, reader));
}

}  // namespace lotmark::test
