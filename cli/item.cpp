#include "cli/item.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "core/base/clock.h"
#include "core/gs1/digital_link.h"
#include "core/proof/verdict.h"
#include "ledger-node/chain/private/item_proofs.h"
#include "ledger-node/chain/public/public_chain.h"

namespace lotmark::cli {

namespace {

// What is asked for, as the formats write it.
struct Unit {
  Gtin gtin;
  LotNumber lot;
  std::string serial;
};

Result<Unit> unit_of(const ItemArguments& a) {
  Unit u{{gs1::pad_gtin(a.gtin)}, {a.lot}, a.serial};
  if (!valid(u.gtin))
    return fail(Errc::kUsage, "\"" + a.gtin + "\" is no GTIN: digits, or the last one, are wrong");
  if (!valid(u.lot))
    return fail(Errc::kUsage, "\"" + a.lot + "\" is no lot number of GS1's character set");
  if (!proof::valid_serial(u.serial))
    return fail(Errc::kUsage, "\"" + a.serial + "\" is no serial: 1 to 20 characters of GS1's set");
  return u;
}

// The lot's newest block, as its receipt shows it.
struct ReleasedLot {
  Application application;
  Digest block;
};

Result<ReleasedLot> released_lot(const ItemArguments& a, const Unit& u) {
  LM_ASSIGN(const Bytes anchor, read_file(a.anchor));
  LM_ASSIGN(const auto chain, chain::PublicChain::open(a.chain_db, anchor, true));
  LM_ASSIGN(const auto entry, chain.find_lot(u.gtin, u.lot));
  if (!entry) return fail(Errc::kNotFound, "the chain holds no release of lot " + a.lot);
  if (!entry->final)
    return fail(Errc::kNotReady,
                fmt::format("block {} of lot {} is not final yet", entry->block, a.lot));
  LM_ASSIGN(const Bytes receipt, chain.receipt(entry->block));
  const auto result = proof::verify_receipt_by(chain.statements(), receipt, SystemClock().now());
  if (result.verdict == VerdictKind::kTampered || result.verdict == VerdictKind::kUnknown ||
      !result.application)
    return fail(Errc::kCorrupt, "the receipt of lot " + a.lot + " does not hold");
  return ReleasedLot{*result.application, result.block_id};
}

Result<Bytes> make_item(const ItemArguments& a, const Unit& u) {
  LM_ASSIGN(const auto lot, released_lot(a, u));
  if (!lot.application.items)
    return fail(Errc::kNotFound, "the application of lot " + a.lot + " names no serials");
  LM_ASSIGN(const auto proofs, chain::ItemProofs::open(a.private_db));
  LM_ASSIGN(const auto at, proofs.find(u.gtin, u.lot, u.serial));
  if (!at) return fail(Errc::kNotFound, "lot " + a.lot + " has no serial " + a.serial + " here");
  ItemProof proof;
  proof.block = lot.block;
  proof.proof = {at->index, at->entry, at->path};
  const auto checked = proof::check_item(proof, lot.application, lot.block);
  if (!checked)
    return fail(Errc::kCorrupt,
                "the lot's serials in " + a.private_db +
                    " are not those of its application: " + checked.error().message());
  return encode(proof);
}

}  // namespace

Exit run_item(const ItemArguments& a, Output& out) {
  const auto unit = unit_of(a);
  if (!unit) return out.error(unit.error());
  const auto proof = make_item(a, *unit);
  if (!proof) return out.error(proof.error());
  if (Status written = write_file(a.out, *proof, true); !written) return out.error(written.error());
  if (out.json) return out.value({{"file", a.out}, {"bytes", proof->size()}});
  out.line(fmt::format("{}: serial {} is of lot {}; check it with lotmark verify RECEIPT --item {}",
                       a.out, a.serial, a.lot, a.out));
  return Exit::kDone;
}

ItemAnswer check_item_file(ByteView file, const std::string& serial, const Application& application,
                           const Digest& block) {
  ItemAnswer answer;
  auto checked = proof::check_item(file, application, block);
  if (!checked) answer.error = checked.error();
  else if (!serial.empty() && checked->serial != serial) answer.another = true;
  else answer.item = *std::move(checked);
  return answer;
}

Exit exit_of(const ItemAnswer& answer) {
  if (answer.item) return Exit::kDone;
  return answer.another ? Exit::kFailed : Exit::kTampered;
}

void show_item(const ItemAnswer& answer, Output& out) {
  if (answer.item) {
    out.line(fmt::format("serial {} is one of the {} units of this lot", answer.item->serial,
                         answer.item->count),
             Paint::kGood);
    out.line("A copied code names the same serial.");
  } else if (answer.another) {
    out.line("the item proof is of another serial than the one asked for", Paint::kWarn);
  } else {
    out.line("the item proof does not hold: " + answer.error.message(), Paint::kBad);
  }
}

nlohmann::json to_json(const ItemAnswer& answer) {
  nlohmann::json j = {{"ok", answer.item.has_value()},
                      {"serial", nullptr},
                      {"index", nullptr},
                      {"count", nullptr},
                      {"error", nullptr},
                      {"why", ""}};
  if (answer.item) j.update(proof::to_json(*answer.item));
  else if (answer.another) j["why"] = "it is of another serial";
  else {
    j["error"] = std::string(name(answer.error.code));
    j["why"] = answer.error.text;
  }
  return j;
}

}  // namespace lotmark::cli
