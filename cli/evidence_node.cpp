// Evidence files as a node keeps them.
#include <algorithm>

#include "cli/evidence.h"
#include "cli/files.h"
#include "cli/node/control.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

constexpr char kEvidence[] = "/control/v1/evidence";

// The node names its files; a name that leads elsewhere is not followed.
Result<std::string> name_of(const Control& control, std::uint64_t n) {
  LM_ASSIGN(const auto list, control.get(kEvidence));
  for (const auto& e : list) {
    if (number_of(e, "n") != n) continue;
    const std::string name = text_of(e, "file");
    const bool plain =
        !name.empty() && name.front() != '.' && std::ranges::all_of(name, [](unsigned char c) {
          return std::isalnum(c) || c == '-' || c == '.';
        });
    if (plain) return name;
    return fail(Errc::kNetwork, "the node's name for the file is no plain name: use --out");
  }
  return fail(Errc::kNotFound, "the node keeps no evidence file " + std::to_string(n));
}

}  // namespace

Exit run_evidence_list(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto list = control->get(kEvidence);
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  if (list->empty()) {
    out.line("no evidence against anybody is kept there");
    return Exit::kDone;
  }
  Table table{{"n", "kind", "organisation", "role", "culprit", "found", "bytes"}, {}};
  for (const auto& e : *list) {
    table.rows.push_back(
        {{text_of(e, "n"), text_of(e, "kind"), text_of(e, "organisation"), text_of(e, "role"),
          text_of(e, "culprit").substr(0, 8), text_of(e, "found"), text_of(e, "bytes")}});
  }
  out.table(table);
  return Exit::kDone;
}

Exit run_evidence_fetch(const EvidenceFetchArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  std::string name = a.out;
  if (name.empty()) {
    auto named = name_of(*control, a.n);
    if (!named) return out.error(named.error());
    name = *std::move(named);
  }
  const auto file =
      control->call("GET", kEvidence + ("/" + std::to_string(a.n)), nullptr, limits::kEvidence);
  if (!file) return out.error(file.error());
  if (Status s = write_file(name, *file); !s) return out.error(s.error());
  if (out.json) return out.value({{"file", name}, {"bytes", file->size()}});
  out.line(name + ": " + std::to_string(file->size()) +
           " bytes; check it with lotmark evidence verify");
  return Exit::kDone;
}

}  // namespace lotmark::cli
