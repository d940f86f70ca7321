// How `lotmark verify` shows an archived proof (docs/format/archived.md).
#pragma once

#include "cli/output.h"
#include "core/proof/archived.h"

namespace lotmark::cli {

void show_archived(const proof::ArchivedResult& result, const std::string& fingerprint,
                   Output& out);
// The checks of a file as people read them.
Table::Row check_row(std::string_view name, const proof::CheckResult& check);

}  // namespace lotmark::cli
