// That a serial is one of a lot's units (docs/format/receipt.md, "Item proof"): the entry it stands as in the lot's
// items tree, and the check of a proof against the application of a receipt that was verified. No clock, no network.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "core/wire/codec.h"
#include "core/wire/limits.h"

namespace lotmark::proof {

// Of a lot, never shown: without it nobody can try serials against an entry.
using LotSalt = Fixed<32, struct LotSaltTag>;

// 1 to 20 bytes of the lot's character set.
bool valid_serial(std::string_view serial);
// First half of SHA-256 of the lot's salt and the serial's bytes.
Salt serial_salt(const LotSalt& lot, std::string_view serial);
// cbor([salt, serial]) of a valid serial: what the items tree is over, in ascending order of these bytes.
Bytes serial_entry(const LotSalt& lot, std::string_view serial);

// What a proof says once it is checked: `serial` is the unit at place `index` of the lot's `count`.
struct ItemResult {
  std::string serial;
  std::uint64_t index = 0;
  std::uint64_t count = 0;
};

// `application` and `block`: of the receipt of the same lot, verified before. block-prev: a proof of another block.
// tree-path: the application names no items, or the path does not give their root. Else an error of the entry.
Result<ItemResult> check_item(const ItemProof& proof, const Application& application,
                              const Digest& block);
// The same of a file: read_item_proof (core/wire/codec.h), then the check.
Result<ItemResult> check_item(ByteView file, const Application& application, const Digest& block);

// {"serial": ..., "index": ..., "count": ...}
nlohmann::json to_json(const ItemResult& item);

}  // namespace lotmark::proof
