// Archive files as a node holds them.
#include <fmt/format.h>

#include <filesystem>

#include "cli/archive.h"
#include "cli/node/control.h"
#include "core/base/hex.h"
#include "ledger-node/archive/archive_folder.h"

namespace lotmark::cli {

namespace {

constexpr char kRoute[] = "/control/v1/archives";
constexpr std::size_t kPageMax = 2 * 1024 * 1024;

// All pages of one file; the hash of what came.
Result<Digest> take_pages(const Control& control, const std::string& range, std::string_view part,
                          node::NewFile& file) {
  while (true) {
    const std::string path = std::string(kRoute) + "/" + range +
                             "?from=" + std::to_string(file.size()) + std::string(part);
    LM_ASSIGN(const Bytes body, control.call("GET", path, nullptr, kPageMax));
    LM_ASSIGN(const auto list, node::decode_list(body, 1));
    if (list.empty() || list[0].empty()) return file.hash();
    LM_TRY(file.write(list[0]));
  }
}

// What the node's list says of that range: the hash that the cut names.
Result<std::string> hash_of(const Control& control, const node::BlockRange& range) {
  LM_ASSIGN(const auto answer, control.get(kRoute));
  for (const auto& e : answer.value("archives", nlohmann::json::array())) {
    if (number_of(e, "first") == range.first && number_of(e, "last") == range.last)
      return text_of(e, "archive");
  }
  return fail(Errc::kNotFound, "no cut there is of blocks " + to_text(range));
}

Result<std::string> export_range(const ArchiveExportArguments& a) {
  const auto range = node::to_range(a.range);
  if (!range) return fail(Errc::kUsage, "\"" + a.range + "\" is no range such as 1-4096");
  LM_ASSIGN(const auto control, Control::open(a.profile));
  LM_ASSIGN(const std::string wanted, hash_of(control, *range));
  LM_ASSIGN(const auto folder, node::ArchiveFolder::open(a.dir));
  LM_ASSIGN(auto told, folder.create(*range, node::ArchivePart::kDisclosures));
  LM_ASSIGN(const Digest ignored, take_pages(control, a.range, "&part=disclosures", told));
  (void)ignored;
  LM_ASSIGN(auto blocks, folder.create(*range, node::ArchivePart::kBlocks));
  LM_ASSIGN(const Digest hash, take_pages(control, a.range, "", blocks));
  if (to_hex(hash) != wanted)
    return fail(Errc::kCutContent, "the file that came is not the one that the cut names");
  LM_TRY(told.commit());
  LM_TRY(blocks.commit());
  return folder.path(*range, node::ArchivePart::kBlocks).string();
}

}  // namespace

Exit run_archive_list(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto answer = control->get(kRoute);
  if (!answer) return out.error(answer.error());
  if (out.json) return out.value(*answer);
  Table table{{"range", "cut block", "final", "held there", "bytes", "archive"}, {}};
  for (const auto& e : answer->value("archives", nlohmann::json::array())) {
    const bool held = e.value("held", false);
    table.rows.push_back({{text_of(e, "first") + "-" + text_of(e, "last"), text_of(e, "block"),
                           e.value("final", false) ? "yes" : "no", held ? "yes" : "no",
                           text_of(e, "bytes"), text_of(e, "archive").substr(0, 16)}});
  }
  if (table.rows.empty()) out.line("nothing was cut yet");
  else out.table(table);
  for (const auto& h : answer->value("holders", nlohmann::json::array()))
    out.line("holder: " + text_of(h, "organisation") + " " + text_of(h, "kid").substr(0, 8));
  return Exit::kDone;
}

Exit run_archive_export(const ArchiveExportArguments& a, Output& out) {
  const auto file = export_range(a);
  if (!file) return out.error(file.error());
  if (out.json) return out.value({{"file", *file}});
  out.line(*file + ": check it with lotmark archive verify");
  return Exit::kDone;
}

}  // namespace lotmark::cli
