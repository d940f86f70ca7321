// Archive files by themselves, against an anchor and a node's chain.db.
#include "cli/archive.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "core/base/hex.h"
#include "core/gs1/digital_link.h"
#include "core/http/message.h"
#include "ledger-node/archive/archive_folder.h"
#include "ledger-node/archive/restore.h"

namespace lotmark::cli {

namespace {

Result<chain::PublicChain> open_chain(const std::string& chain_db, const std::string& anchor) {
  LM_ASSIGN(const Bytes bytes, read_file(anchor));
  return chain::PublicChain::open(chain_db, bytes, true);
}

Result<Digest> chain_of(const std::string& anchor) {
  LM_ASSIGN(const Bytes bytes, read_file(anchor));
  LM_ASSIGN(const auto read, read_anchor(bytes));
  LM_ASSIGN(const auto held, proof::Statements::from_anchor(read));
  return held.chain();
}

Result<node::ArchiveSummary> check(const ArchiveVerifyArguments& a) {
  LM_ASSIGN(const Digest chain, chain_of(a.anchor));
  LM_ASSIGN(auto summary, node::read_archive(a.file, chain, [](const auto&) { return Status(); }));
  if (a.chain_db.empty()) return summary;
  LM_ASSIGN(const auto held, open_chain(a.chain_db, a.anchor));
  LM_TRY(node::check_archive_of(held, summary));
  return summary;
}

// A file that cannot be opened failed; one that does not hold is tampered with.
Exit refused(const Error& e, Output& out) {
  const Exit plain = out.error(e);
  const bool ours = e.code >= Errc::kIo || e.code == Errc::kQuorum;
  return ours ? plain : Exit::kTampered;
}

std::string receipt_name(const node::RestoredLot& lot) {
  return fmt::format("{}-{}-{}.receipt", lot.gtin.text, http::percent_encode(lot.lot.text),
                     lot.block);
}

std::filesystem::path beside(const ArchiveRestoreArguments& a) {
  if (!a.disclosures.empty()) return a.disclosures;
  const std::filesystem::path file(a.file);
  const std::string name = file.stem().string();
  if (!name.starts_with("archive-")) return {};
  return file.parent_path() / ("disclosures-" + name.substr(8) + ".lmd");
}

Result<node::RestoreOptions> options_of(const ArchiveRestoreArguments& a) {
  node::RestoreOptions o;
  o.archive = a.file;
  o.disclosures = beside(a);
  if (a.gtin) {
    o.gtin = Gtin{gs1::pad_gtin(*a.gtin)};
    if (!valid(*o.gtin)) return fail(Errc::kUsage, "--gtin \"" + *a.gtin + "\" is no GTIN");
  }
  if (a.lot) {
    o.lot = LotNumber{*a.lot};
    if (!valid(*o.lot)) return fail(Errc::kUsage, "--lot \"" + *a.lot + "\" is no lot number");
  }
  return o;
}

struct Restored {
  node::RestoreSummary summary;
  nlohmann::json lots = nlohmann::json::array();
};

Result<Restored> restore_into(const ArchiveRestoreArguments& a, Output& out) {
  LM_ASSIGN(const auto options, options_of(a));
  LM_ASSIGN(const auto chain, open_chain(a.chain_db, a.anchor));
  std::error_code ec;
  std::filesystem::create_directories(a.dir, ec);
  if (ec) return fail(Errc::kIo, "cannot make " + a.dir + ": " + ec.message());
  Restored all;
  const auto take = [&](node::RestoredLot lot) -> Status {
    const std::string file = (std::filesystem::path(a.dir) / receipt_name(lot)).string();
    LM_TRY(write_file(file, lot.receipt, true));
    const std::string verdict(name(lot.verdict));
    if (out.json) {
      all.lots.push_back({{"gtin", lot.gtin.text},
                          {"lot", lot.lot.text},
                          {"block", lot.block},
                          {"verdict", verdict},
                          {"disclosed", lot.disclosed},
                          {"file", file}});
    } else {
      out.line(file + ": " + verdict + (lot.disclosed ? "" : ", nothing disclosed"));
      if (!lot.without.empty())
        out.line("  what was disclosed does not fit: " + lot.without, Paint::kWarn);
    }
    return {};
  };
  LM_ASSIGN(all.summary, node::restore(chain, options, SystemClock().now(), take));
  LM_TRY(node::check_archive_of(chain, all.summary.archive));
  return all;
}

}  // namespace

Exit run_archive_verify(const ArchiveVerifyArguments& a, Output& out) {
  const auto s = check(a);
  if (!s) return refused(s.error(), out);
  const bool named = !a.chain_db.empty();
  if (out.json) {
    return out.value({{"first", s->header.first},
                      {"last", s->header.last},
                      {"blocks", s->blocks},
                      {"lots", s->lots},
                      {"archive", to_hex(s->hash)},
                      {"cut", named}});
  }
  out.table(
      {{},
       {{{"blocks", fmt::format("{} of {} to {}", s->blocks, s->header.first, s->header.last)}},
        {{"lots", std::to_string(s->lots)}},
        {{"archive", to_hex(s->hash)}},
        {{"cut", named ? "a final cut of this chain names the file" : "not asked: --chain"}}}});
  return Exit::kDone;
}

Exit run_archive_restore(const ArchiveRestoreArguments& a, Output& out) {
  const auto all = restore_into(a, out);
  if (!all) return refused(all.error(), out);
  if (all->summary.restored == 0)
    return out.error(fail(Errc::kNotFound, "the archive has no such lot"));
  if (out.json) return out.value({{"lots", all->lots}, {"dir", a.dir}});
  out.line(fmt::format("{} receipts of {} lots, each verified", all->summary.restored,
                       all->summary.archive.lots));
  return Exit::kDone;
}

}  // namespace lotmark::cli
