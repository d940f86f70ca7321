#include "cli/audit.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "cli/audit_sheet.h"
#include "cli/files.h"
#include "cli/progress.h"
#include "core/base/clock.h"
#include "core/gs1/digital_link.h"

namespace lotmark::cli {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kListed = 1000;  // rows of a list in one JSON value; a sheet holds all
constexpr std::size_t kLines = 20;

std::string scope_words(const AuditArguments& a) {
  if (!a.lot.empty()) return "lot " + a.lot + (a.gtin.empty() ? "" : " of " + a.gtin);
  return a.enterprise.empty() ? "everything" : "lots of " + a.enterprise;
}

Result<chain::AuditOptions> options_of(const AuditArguments& a) {
  if (a.all && !(a.lot.empty() && a.enterprise.empty()))
    return fail(Errc::kUsage, "--all goes with neither --lot nor --enterprise");
  if (!a.lot.empty() && !a.enterprise.empty())
    return fail(Errc::kUsage, "--lot or --enterprise, not both");
  chain::AuditOptions o;
  LM_ASSIGN(o.anchor, read_file(a.anchor));
  for (const auto& f : a.private_dbs) o.private_dbs.emplace_back(f);
  o.chain_db = a.chain_db;
  for (const auto& file : a.opening_keys) {
    LM_ASSIGN(const auto scalar, read_key_file(file));
    LM_ASSIGN(auto key, sealed::OpeningKey::from(scalar));
    o.opening_keys.push_back(std::make_shared<const sealed::OpeningKey>(std::move(key)));
  }
  o.scope = {a.enterprise, a.lot, a.gtin.empty() ? "" : gs1::pad_gtin(a.gtin)};
  o.threads = a.threads != 0 ? a.threads : std::max(1u, std::thread::hardware_concurrency());
  if (!a.state.empty()) o.state = a.state;
  else if (a.resume && !a.out.empty()) o.state = std::filesystem::path(a.out) / "audit.state";
  if (a.resume && o.state.empty())
    return fail(Errc::kUsage,
                "--resume goes on with the file of --state, or with audit.state in --out");
  o.resume = a.resume;
  if (!o.resume && !o.state.empty() && std::filesystem::exists(o.state)) {
    return fail(
        Errc::kUsage,
        o.state.string() + " is there: go on with it by --resume, or delete it to begin anew");
  }
  if (o.state.has_parent_path()) {
    std::error_code e;
    std::filesystem::create_directories(o.state.parent_path(), e);
  }
  return o;
}

struct Lists {
  Json lots = Json::array(), left = Json::array(), second = Json::array(), use = Json::array();
  std::uint64_t lots_count = 0, left_count = 0, second_count = 0, use_count = 0;
};

Result<Lists> lists_of(const chain::AuditDone& done, std::uint64_t every) {
  Lists out;
  if (done.sheet == nullptr) return out;
  LM_TRY(done.sheet->each_lot(every, [&](const chain::SheetLot& lot) {
    if (out.lots_count++ < kListed) out.lots.push_back(lot_json(lot));
    if (lot.drawn && out.second_count++ < kListed) out.second.push_back(lot_json(lot));
    if (use_noted(lot) && out.use_count++ < kListed) out.use.push_back(lot_json(lot));
    return Status();
  }));
  LM_TRY(done.sheet->each_left([&](const chain::SheetLeft& left) {
    if (out.left_count++ < kListed) out.left.push_back(left_json(left));
    return Status();
  }));
  return out;
}

void say_use(const Lists& lists, Output& out) {
  if (lists.use_count == 0) return;
  out.line(fmt::format("{} lots whose reported use asks for a look:", lists.use_count),
           Paint::kWarn);
  std::size_t n = 0;
  for (const auto& l : lists.use) {
    if (n++ == kLines) break;
    const auto& use = l["use"];
    std::string line =
        fmt::format("  lot {} of {}: used {}, sold {}, destroyed {}", l["lot"].get<std::string>(),
                    l["gtin"].get<std::string>(), use["used"].get<std::uint64_t>(),
                    use["sold"].get<std::uint64_t>(), use["destroyed"].get<std::uint64_t>());
    if (use["above"] == true)
      line += fmt::format(", more than the {} released", l["items"].get<std::uint64_t>());
    if (use["again"] != 0)
      line += fmt::format(", {} serials again", use["again"].get<std::uint64_t>());
    out.line(line);
  }
}

void say_lists(const Lists& lists, std::uint64_t every, Output& out) {
  if (lists.left_count != 0)
    out.line(fmt::format("{} begun and never applied for:", lists.left_count), Paint::kWarn);
  std::size_t n = 0;
  for (const auto& l : lists.left) {
    if (n++ == kLines) break;
    const bool opened = l["what"] == "never-applied";
    const auto at = l["at"].is_string() ? l["at"].get<std::string>() : "";
    const auto from =
        l["file_of"].is_string() ? " (file of " + l["file_of"].get<std::string>() + ")" : "";
    out.line((opened ? "  lot " + (l["lot"].is_string() ? l["lot"].get<std::string>() : "?") +
                           " of " + l["by"].get<std::string>() + ", due " + at
                     : "  start signal of " + l["by"].get<std::string>() + ", " + at + ", " +
                           l["start"].get<std::string>().substr(0, 16)) +
             from);
  }
  if (lists.left_count > kLines) out.line("  and more: --json or --out");
  if (lists.second_count != 0)
    out.line(fmt::format("{} of {} lots drawn for a second review (one in {}):", lists.second_count,
                         lists.lots_count, every));
  n = 0;
  for (const auto& l : lists.second) {
    if (n++ == kLines) break;
    const auto word = [&](const char* key, const char* none) {
      return l[key].is_string() ? l[key].get<std::string>() : std::string(none);
    };
    out.line(
        fmt::format("  block {} lot {}: {}, {}", l["block"].get<std::uint64_t>(), word("lot", ""),
                    word("second", "a reviewer its opening names"),
                    l["second_report"].is_string() ? "its report is kept" : "no report at hand"));
  }
}

}  // namespace

Exit run_audit(const AuditArguments& a, Output& out) {
  const auto options = options_of(a);
  if (!options) return out.error(options.error());
  Result<chain::AuditDone> done = Errc::kInternal;
  {
    Progress progress("audit");
    done = chain::audit(*options, [&](std::string_view what, std::uint64_t n, std::uint64_t total) {
      progress(what, n, total);
      return true;
    });
  }
  if (!done) return out.error(done.error());
  const auto& report = done->report;
  const Exit exit = report.ok() ? Exit::kDone : Exit::kTampered;
  if (!a.out.empty() && done->sheet != nullptr) {
    const SheetHead head{scope_words(a), a.second, to_iso(SystemClock().now())};
    if (Status s = write_sheet(a.out, *done, head); !s) return out.error(s.error());
  }
  const auto lists = lists_of(*done, a.second);
  if (!lists) return out.error(lists.error());
  if (out.json) {
    Json j = chain::to_json(report);
    j["resumed"] = done->resumed;
    j["lots"] = lists->lots;
    j["lots_count"] = lists->lots_count;
    j["left"] = lists->left;
    j["left_count"] = lists->left_count;
    j["second"] = lists->second;
    j["second_count"] = lists->second_count;
    j["use"] = lists->use;
    j["use_count"] = lists->use_count;
    const Exit printed = out.value(j);
    return printed == Exit::kDone ? exit : printed;
  }
  say_lists(*lists, a.second, out);
  say_use(*lists, out);
  if (!a.out.empty() && done->sheet != nullptr)
    out.line(a.out + "/audit.html, audit.json and a receipt a lot in receipts/");
  const std::string text = chain::to_text(report, a.opening_keys.size());
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find('\n'), rest.size());
    out.line(rest.substr(0, end), report.ok() ? Paint::kGood : Paint::kBad);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return exit;
}

}  // namespace lotmark::cli
