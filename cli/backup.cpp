#include "cli/backup.h"

#include <nlohmann/json.hpp>

#include "cli/files.h"
#include "core/base/hex.h"
#include "ledger-node/backup/backup.h"

namespace lotmark::cli {

using Json = nlohmann::json;

namespace {

Json to_json(const backup::Manifest& m) {
  Json files = Json::array();
  for (const auto& f : m.files)
    files.push_back({{"name", f.name}, {"bytes", f.bytes}, {"sha256", to_hex(f.hash)}});
  return {{"chain", to_hex(m.chain)},
          {"made", to_iso(from_ms(static_cast<std::int64_t>(m.made)))},
          {"blocks", m.blocks},
          {"intake", {{"size", m.intake_size}, {"root", to_hex(m.intake_root)}}},
          {"of_standby", m.of_standby},
          {"files", std::move(files)}};
}

std::string holds(const backup::Manifest& m) {
  return std::to_string(m.blocks) + " blocks, " + std::to_string(m.intake_size) +
         " objects in the intake log";
}

void say_faults(const chain::AuditReport& report, Output& out) {
  for (const auto& f : report.faults) out.line(chain::to_line(f), Paint::kBad);
  if (report.more != 0) out.line("and " + std::to_string(report.more) + " more", Paint::kBad);
}

Exit restore_whole(const RestoreArguments& a, ByteView anchor, Output& out) {
  const auto done = backup::restore(a.backup, a.into, anchor, SystemClock().now());
  if (!done) return out.error(done.error());
  if (out.json)
    return out.value({{"into", a.into},
                      {"manifest", to_json(done->manifest)},
                      {"audit", chain::to_json(done->report)}});
  out.line("restored " + a.into + ": " + holds(done->manifest), Paint::kGood);
  out.line("every row holds against the chain; the node may be started");
  return Exit::kDone;
}

Exit restore_rows(const RestoreArguments& a, ByteView anchor, Output& out) {
  const auto done = backup::restore_rows(a.backup, a.into, anchor, SystemClock().now());
  if (!done) return out.error(done.error());
  const bool ok = done->report.ok();
  if (out.json) {
    const Exit printed = out.value({{"rows", done->rows},
                                    {"more", done->more},
                                    {"kept", done->kept},
                                    {"audit", chain::to_json(done->report)}});
    return printed != Exit::kDone ? printed : ok ? Exit::kDone : Exit::kTampered;
  }
  for (const auto& row : done->rows) out.line("restored " + row);
  if (done->more != 0) out.line("and " + std::to_string(done->more) + " more");
  say_faults(done->report, out);
  const std::string count = std::to_string(done->rows.size() + done->more) + " rows restored";
  out.line(count + (ok ? ", every row holds" : ", the faults above are left"),
           ok ? Paint::kGood : Paint::kBad);
  return ok ? Exit::kDone : Exit::kTampered;
}

}  // namespace

Exit run_backup(const BackupArguments& a, Output& out) {
  const auto done = backup::take_backup(a.data_dir, a.out, SystemClock().now());
  if (!done) return out.error(done.error());
  if (out.json) return out.value(to_json(*done));
  out.line("backup " + a.out + ": " + holds(*done), Paint::kGood);
  return Exit::kDone;
}

Exit run_restore(const RestoreArguments& a, Output& out) {
  const auto anchor = read_file(a.anchor);
  if (!anchor) return out.error(anchor.error());
  return a.rows ? restore_rows(a, *anchor, out) : restore_whole(a, *anchor, out);
}

Exit run_standby_promote(const PromoteArguments& a, Output& out) {
  const auto anchor = read_file(a.anchor);
  if (!anchor) return out.error(anchor.error());
  if (out.declined(
          "Is the node that this is a copy of stopped for good? Both together would sign twice."))
    return Exit::kFailed;
  const auto done = backup::promote(a.data_dir, *anchor, SystemClock().now());
  if (!done) return out.error(done.error());
  if (out.json)
    return out.value({{"intake_size", done->intake_size},
                      {"rows_missing", done->rows_missing},
                      {"audit", chain::to_json(done->report)}});
  say_faults(done->report, out);
  out.line(a.data_dir + " is promoted: " + std::to_string(done->intake_size) +
               " objects in the intake log",
           Paint::kGood);
  if (done->rows_missing != 0)
    out.line(std::to_string(done->rows_missing) + " changes of the source are not here",
             Paint::kWarn);
  out.line("start a node on it with the enterprise's node.toml: its key, broker and peers");
  return Exit::kDone;
}

}  // namespace lotmark::cli
