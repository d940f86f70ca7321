#include "core/proof/item.h"

#include <nlohmann/json.hpp>

#include "core/crypto/sha256.h"
#include "core/merkle/tree.h"

namespace lotmark::proof {

bool valid_serial(std::string_view serial) { return valid(LotNumber{std::string(serial)}); }

Salt serial_salt(const LotSalt& lot, std::string_view serial) {
  const Digest whole = sha256({lot.view(), as_bytes(serial)});
  return *Salt::from(whole.view().first(Salt::kSize));
}

Bytes serial_entry(const LotSalt& lot, std::string_view serial) {
  return encode(SerialEntry{serial_salt(lot, serial), std::string(serial)});
}

Result<ItemResult> check_item(const ItemProof& proof, const Application& application,
                              const Digest& block) {
  if (proof.block != block) return fail(Errc::kBlockPrev, "the proof is of another block");
  if (!application.items) return fail(Errc::kTreePath, "the application names no items");
  const auto& [index, entry, path] = proof.proof;
  LM_ASSIGN(auto named, decode<SerialEntry>(entry));
  const Checkpoint& items = *application.items;
  LM_ASSIGN(const Digest root,
            merkle::fold_inclusion(merkle::leaf_hash(entry), index, items.size, path));
  if (root != items.root) return fail(Errc::kTreePath, "the path does not give the items' root");
  return ItemResult{std::move(named.serial), index, items.size};
}

Result<ItemResult> check_item(ByteView file, const Application& application, const Digest& block) {
  LM_ASSIGN(const auto proof, read_item_proof(file));
  return check_item(proof, application, block);
}

nlohmann::json to_json(const ItemResult& item) {
  return {{"serial", item.serial}, {"index", item.index}, {"count", item.count}};
}

}  // namespace lotmark::proof
