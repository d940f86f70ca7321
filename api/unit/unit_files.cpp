#include "api/unit/unit_files.h"

#include <algorithm>

namespace lotmark::api {

UnitFiles::UnitFiles(const UnitFilePaths& paths, ChainUses& uses) : uses_(uses) {
  for (const auto& file : paths.private_dbs)
    lists_.push_back(std::make_unique<FileReaders<chain::ItemProofs>>(file));
  if (!paths.marks_db.empty())
    marks_ = std::make_unique<FileReaders<node::MarkReader>>(paths.marks_db);
}

Result<std::unique_ptr<UnitFiles>> UnitFiles::open(const UnitFilePaths& paths, ChainUses& uses) {
  std::unique_ptr<UnitFiles> out(new UnitFiles(paths, uses));
  // What is wrong with a file is said now, not at the first scan. No lot has an empty number.
  for (const auto& list : out->lists_) {
    LM_TRY(list->with([](const chain::ItemProofs& p) { return p.items({}, {}); }));
  }
  if (out->marks_) {
    LM_TRY(out->marks_->with([](const node::MarkReader& r) { return r.of_serial({}, {}, ""); }));
  }
  return out;
}

static Result<std::optional<ItemList>> list_in(const chain::ItemProofs& proofs,
                                               const UnitKey& unit) {
  LM_ASSIGN(const auto items, proofs.items(unit.gtin, unit.lot));
  if (!items) return std::optional<ItemList>();
  ItemList out;
  out.count = items->count;
  out.root = items->root;
  LM_ASSIGN(auto at, proofs.find(unit.gtin, unit.lot, unit.serial));
  if (at) out.place = ItemPath{at->index, std::move(at->entry), std::move(at->path)};
  return std::optional(std::move(out));
}

Result<std::optional<ItemList>> UnitFiles::list(const UnitKey& unit) {
  for (const auto& file : lists_) {
    LM_ASSIGN(auto found,
              file->with([&](const chain::ItemProofs& proofs) { return list_in(proofs, unit); }));
    if (found) return found;
  }
  return std::optional<ItemList>();
}

static bool counts(const std::vector<UnitMark>& uses, const std::optional<Digest>& report) {
  return report && std::ranges::find(uses, report, &UnitMark::report) != uses.end();
}

Result<std::vector<UnitMark>> UnitFiles::marks(const UnitKey& unit) {
  LM_ASSIGN(const auto uses, uses_.uses_of(unit));
  std::vector<UnitMark> out = uses;
  if (marks_) {
    LM_ASSIGN(const auto known, marks_->with([&](const node::MarkReader& reader) {
      return reader.of_serial(unit.gtin, unit.lot, unit.serial);
    }));
    for (const auto& mark : known) {
      if (!counts(uses, mark.report))
        out.push_back({mark.kind, mark.time, mark.signer, std::nullopt, false, mark.report});
    }
  }
  std::ranges::stable_sort(out, {}, &UnitMark::time);
  return out;
}

}  // namespace lotmark::api
