// A plant whose lot has serials, as the operator's tool sends them.
#pragma once

#include "core/base/hex.h"
#include "core/proof/item.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/chain/private/lot_serials.h"
#include "tests/must.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

inline std::string serials_path(const std::string& rest = {}) {
  return "batches/" + node::percent_encode("A-2026/01") + "/serials" + rest;
}

inline std::vector<std::string> numbered_serials(std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back("S" + std::to_string(i));
  return out;
}

inline std::vector<std::vector<std::string>> pages_of(const std::vector<std::string>& all) {
  std::vector<std::vector<std::string>> out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % chain::LotSerials::kSentMax == 0) out.emplace_back();
    out.back().push_back(all[i]);
  }
  return out;
}

inline Digest through_of(const std::vector<std::vector<std::string>>& pages) {
  Digest out;
  for (const auto& page : pages) out = chain::sent_through(out, page);
  return out;
}

// All of them, sealed; gives what the node says last.
inline nlohmann::json send_serials(Plant& p, std::size_t count) {
  const auto pages = pages_of(numbered_serials(count));
  for (std::size_t i = 0; i < pages.size(); ++i)
    p.json("POST", serials_path(), {{"page", i}, {"serials", pages[i]}}, p.c.qa);
  const nlohmann::json meant = {{"count", count}, {"through", to_hex(through_of(pages))}};
  while (true) {
    auto now = p.json("POST", serials_path("/seal"), meant, p.c.qa);
    if (now["state"] != "sealing") return now;
  }
}

inline void apply_for_lot(Plant& p) {
  p.json("POST", "batches/" + node::percent_encode("A-2026/01") + "/apply",
         {{"product", "Vaccine A"}, {"expires", 20281231}}, p.c.qa);
  p.tick_until(63);
}

// Lot A-2026/01 with 10,000 serials, released in block 2; its files.
class SerialPlant {
 public:
  SerialPlant() {
    run_lot(plant, false);
    send_serials(plant, 10'000);
    apply_for_lot(plant);
    plant.log_intake();
    plant.add_block(plant.blocks.lot_block(plant.application().value()));
    plant.tick_until(70);
    plant.shut();
  }
  Plant plant;

  // Of private.db; a test may spoil it.
  std::filesystem::path copy() {
    const auto file = plant.file("copy.db");
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + tail);
    std::filesystem::copy_file(plant.file("private.db"), file);
    return file;
  }
  chain::AuditReport audit(const std::filesystem::path& private_db) const {
    return must(chain::audit(private_db, plant.file("chain.db"), plant.c.anchor));
  }
  proof::LotSalt salt() const {
    auto db = must(store::Database::open(plant.file("private.db"), {.read_only = true}));
    auto q = must(db.prepare("SELECT salt FROM lot_items"));
    EXPECT_TRUE(must(q.step()));
    return must(q.fixed<proof::LotSalt>(0));
  }
};

}  // namespace lotmark::test
