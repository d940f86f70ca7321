// Item proofs against the lot of the vectors: no bytes make a serial look like one of its units but those of its own
// entries, each at its own place.
#include "core/proof/item.h"

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "tests/fuzz/target.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::proof {
namespace {

// The application of the first vector, and what its proofs say.
struct ItemOriginals {
  Application application;
  Digest block;
  std::map<std::string, std::uint64_t> units;  // index of each serial
  ItemOriginals() {
    std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/item/cases.json");
    const auto all = nlohmann::json::parse(in);
    const auto& first = all["cases"].front();
    application.items =
        Checkpoint{first["items"]["size"], test::fixed<Digest>(first["items"]["root"])};
    block = test::fixed<Digest>(first["block"]);
    for (const auto& c : all["cases"]) {
      if (!c["expected"]["ok"].get<bool>() || c["items"] != first["items"]) continue;
      units[c["expected"]["serial"]] = c["expected"]["index"];
    }
    LM_ASSERT(units.size() >= 4);
  }
};

void fuzz_item(ByteView in) {
  static const ItemOriginals originals;
  const auto proof = read_item_proof(in);
  const auto item = check_item(in, originals.application, originals.block);
  LM_ASSERT(proof || !item);
  if (proof) LM_ASSERT(std::ranges::equal(encode(*proof), in));
  if (!item) return;
  const auto unit = originals.units.find(item->serial);
  LM_ASSERT(unit != originals.units.end() && unit->second == item->index);
  LM_ASSERT(item->count == originals.application.items->size);
}

}  // namespace
LM_FUZZ_TARGET(item, fuzz_item);
}  // namespace lotmark::proof
