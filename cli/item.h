// `lotmark item`: the proof that a serial is one of a lot's, out of an enterprise's own files (docs/format/receipt.md,
// "Item proof"); and what `lotmark verify` says of one.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "cli/output.h"
#include "core/proof/item.h"

namespace lotmark::cli {

struct ItemArguments {
  std::string gtin;
  std::string lot;
  std::string serial;
  std::string private_db;
  std::string chain_db;
  std::string anchor;
  std::string out;
};
// not-found: the lot has no such serial, or no final release. corrupt: its rows do not give the root that its
// application names.
Exit run_item(const ItemArguments& arguments, Output& out);

// What an item proof says beside a receipt that was verified.
struct ItemAnswer {
  std::optional<proof::ItemResult> item;  // it holds, and is of the serial asked for
  bool another = false;                   // it holds, for another serial than the one asked for
  Error error;                            // why it does not hold
};
// `serial`: asked for; empty: whichever the proof names.
ItemAnswer check_item_file(ByteView file, const std::string& serial, const Application& application,
                           const Digest& block);
// Done; failed for another serial; tampered where it does not hold.
Exit exit_of(const ItemAnswer& answer);
void show_item(const ItemAnswer& answer, Output& out);
nlohmann::json to_json(const ItemAnswer& answer);

}  // namespace lotmark::cli
