#include "cli/audit_sheet.h"

#include <fmt/format.h>

#include <fstream>

#include "cli/shown.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::cli {

using Json = nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::string receipt_file(const chain::SheetLot& lot) {
  return fmt::format("receipts/{}.receipt", lot.block);
}

std::string dump(const Json& j, int indent = -1) {
  return shown_json(j.dump(indent, ' ', false, Json::error_handler_t::replace));
}

// A file that says at the end whether everything reached it.
class SheetFile {
 public:
  explicit SheetFile(fs::path file) : file_(std::move(file)), out_(file_, std::ios::binary) {}
  void put(std::string_view text) {
    out_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  Status close() {
    out_.close();
    if (out_) return {};
    return fail(Errc::kIo, "cannot write " + file_.string());
  }

 private:
  fs::path file_;
  std::ofstream out_;
};

// ---- HTML ------------------------------------------------------------------------------------

constexpr std::string_view kStyle = R"(
body{font:10pt/1.4 system-ui,sans-serif;margin:2em;color:#111;background:#fff}
h1{font-size:16pt}h2{font-size:12pt;margin-top:2em}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #999;padding:2px 5px;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#eee}code{font-size:8pt}
.bad{background:#fdd}.ok{background:#dfd}
@page{size:A4 landscape;margin:12mm}
@media print{body{margin:0}thead{display:table-header-group}tr{break-inside:avoid}a{color:inherit}}
)";

std::string cell(std::string_view text) { return "<td>" + html_text(text) + "</td>"; }
std::string head_row(std::initializer_list<const char*> names) {
  std::string out = "<table><thead><tr>";
  for (const char* n : names) out += fmt::format("<th>{}</th>", n);
  return out + "</tr></thead><tbody>\n";
}

std::string rows_word(const chain::SheetLot& lot) {
  if (lot.faults != 0) return fmt::format("{} faults", lot.faults);
  return lot.rows ? "hold" : "not given";
}

// In a cell; empty where nobody reported any.
std::string use_words(const chain::SheetLot& lot) {
  const auto& use = lot.use;
  if (use.reports == 0) return {};
  std::string out;
  for (std::size_t i = 0; i < use.units.size(); ++i)
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name(static_cast<UsageKind>(i)),
                       use.units[i]);
  if (lot.items) out += fmt::format(" of {}{}", *lot.items, lot.above ? ": more than that" : "");
  if (use.again == 0) return out;
  out += fmt::format("; {} serials again:", use.again);
  for (const auto& serial : use.again_serials) out += " " + serial;
  return use.again > use.again_serials.size() ? out + " and more" : out;
}

std::string lot_row(const chain::SheetLot& lot) {
  std::string out =
      lot.faults != 0 || !lot.why.empty() || lot.above ? "<tr class=\"bad\">" : "<tr>";
  out += cell(std::to_string(lot.block)) + cell(iso_of_ms(lot.time)) + cell(lot.gtin) +
         cell(lot.lot) + cell(lot.product) + cell(std::to_string(lot.expires)) +
         cell(lot.enterprise) + cell(lot.reviewer) + cell(lot.final ? "yes" : "no") +
         cell(fmt::format("{}, quorum {}", lot.votes, lot.quorum)) + cell(rows_word(lot)) +
         cell(use_words(lot));
  if (lot.receipt.empty()) return out + cell(lot.why) + "</tr>\n";
  return out + fmt::format("<td><a href=\"{}\"><code>{}</code></a></td></tr>\n", receipt_file(lot),
                           to_hex(sha256(lot.receipt)));
}

std::string left_row(const chain::SheetLeft& l) {
  return "<tr>" + cell(l.opened ? "opened, never applied for" : "start signal, never opened") +
         cell(l.lot) + cell(l.gtin) + cell(l.by) + cell(l.at == 0 ? "" : iso_of_ms(l.at)) +
         cell(std::to_string(l.transactions)) + cell(l.node) + "<td><code>" + to_hex(l.start) +
         "</code></td></tr>\n";
}

std::string second_row(const chain::SheetLot& lot) {
  return "<tr>" + cell(std::to_string(lot.block)) + cell(lot.gtin) + cell(lot.lot) +
         cell(lot.enterprise) + cell(lot.reviewer) + cell(lot.second) + cell(lot.reviewers) +
         "<td><code>" + html_text(lot.second_report) + "</code></td></tr>\n";
}

std::string opening_part(const chain::AuditDone& done, const SheetHead& head) {
  const auto& r = done.report;
  std::string out =
      "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta "
      "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'\"><title>Audit</title><style>" +
      std::string(kStyle) + "</style></head><body>\n<h1>Audit</h1>\n";
  out += fmt::format(
      "<p>Of {}, made {}. Chain <code>{}</code>: {} blocks, {} of them final, root "
      "<code>{}</code>.</p>\n",
      html_text(head.scope), html_text(head.now), to_hex(done.sheet->chain()), done.sheet->blocks(),
      done.sheet->final_blocks(), to_hex(done.sheet->root()));
  out += r.node.empty() ? "<p>No private file was given: the chain alone was read.</p>\n"
                        : "<p>Private files of " + html_text(r.node) + ".</p>\n";
  out += r.ok() ? "<p class=\"ok\">Every row holds.</p>\n"
                : fmt::format("<p class=\"bad\">{} faults.</p>\n", r.faults.size() + r.more);
  std::string counts;
  for (const auto& count : chain::AuditCounts::kAll)
    counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", r.*count.value, count.name);
  out += "<p>Read: " + counts + ".</p>\n";
  if (r.ok()) return out;
  out += "<h2>Faults</h2><ul>\n";
  for (const auto& f : r.faults) out += "<li>" + html_text(chain::to_line(f)) + "</li>\n";
  if (r.more != 0) out += fmt::format("<li>and {} more</li>\n", r.more);
  return out + "</ul>\n";
}

Status write_html(const fs::path& file, const chain::AuditDone& done, const SheetHead& head) {
  SheetFile out(file);
  out.put(opening_part(done, head));
  out.put(
      "<h2>Released lots</h2>\n" +
      head_row({"block", "time", "GTIN", "lot", "product", "expires", "enterprise", "released by",
                "final", "votes", "rows", "reported use", "receipt (SHA-256 of the file)"}));
  LM_TRY(done.sheet->each_lot(head.every, [&](const chain::SheetLot& lot) {
    out.put(lot_row(lot));
    return Status();
  }));
  out.put(
      "</tbody></table>\n<h2>Begun and never applied for</h2>\n" +
      head_row({"what", "lot", "GTIN", "by", "when", "transactions", "file of", "start signal"}));
  LM_TRY(done.sheet->each_left([&](const chain::SheetLeft& left) {
    out.put(left_row(left));
    return Status();
  }));
  out.put(fmt::format("</tbody></table>\n<h2>Drawn for a second review, one lot in {}</h2>\n",
                      head.every) +
          head_row({"block", "GTIN", "lot", "enterprise", "released by", "looks again",
                    "named in the opening", "second report"}));
  LM_TRY(done.sheet->each_lot(head.every, [&](const chain::SheetLot& lot) {
    if (lot.drawn) out.put(second_row(lot));
    return Status();
  }));
  out.put(
      "</tbody></table>\n<p>A receipt is checked with <code>lotmark verify FILE --anchor "
      "F</code>, by whoever holds this sheet.</p>\n</body></html>\n");
  return out.close();
}

Status write_json(const fs::path& file, const chain::AuditDone& done, const SheetHead& head) {
  SheetFile out(file);
  Json top = chain::to_json(done.report);
  top["scope"] = head.scope;
  top["made"] = head.now;
  top["chain"] = {{"id", to_hex(done.sheet->chain())},
                  {"blocks", done.sheet->blocks()},
                  {"final", done.sheet->final_blocks()},
                  {"root", to_hex(done.sheet->root())}};
  top["second_every"] = head.every;
  std::string text = dump(top);
  text.pop_back();  // its closing brace: the long lists follow row by row
  out.put(text + ",\n\"lots\":[");
  bool first = true;
  const auto row = [&](const Json& j) {
    out.put((first ? "\n" : ",\n") + dump(j));
    first = false;
    return Status();
  };
  LM_TRY(done.sheet->each_lot(head.every,
                              [&](const chain::SheetLot& lot) { return row(lot_json(lot)); }));
  out.put("\n],\n\"left\":[");
  first = true;
  LM_TRY(done.sheet->each_left([&](const chain::SheetLeft& left) { return row(left_json(left)); }));
  out.put("\n]}\n");
  return out.close();
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char c : shown(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

Json use_json(const chain::SheetLot& lot) {
  const auto& use = lot.use;
  Json j = {{"reports", use.reports},
            {"again", use.again},
            {"again_serials", use.again_serials},
            {"above", lot.items ? Json(lot.above) : Json()}};
  for (std::size_t i = 0; i < use.units.size(); ++i)
    j[std::string(name(static_cast<UsageKind>(i)))] = use.units[i];
  return j;
}

Json lot_json(const chain::SheetLot& lot) {
  const auto text = [](const std::string& s) { return s.empty() ? Json() : Json(s); };
  return {{"block", lot.block},
          {"block_id", to_hex(lot.block_id)},
          {"time", iso_of_ms(lot.time)},
          {"gtin", lot.gtin},
          {"lot", lot.lot},
          {"product", lot.product},
          {"expires", lot.expires},
          {"enterprise", lot.enterprise},
          {"released_by", lot.reviewer},
          {"application", to_hex(lot.application)},
          {"start", to_hex(lot.start)},
          {"final", lot.final},
          {"votes", lot.votes},
          {"quorum", lot.quorum},
          {"receipt", lot.receipt.empty() ? Json() : Json(to_hex(sha256(lot.receipt)))},
          {"receipt_file", lot.receipt.empty() ? Json() : Json(receipt_file(lot))},
          {"no_receipt", text(lot.why)},
          {"rows_given", lot.rows},
          {"faults", lot.faults},
          {"drawn", lot.drawn},
          {"second", text(lot.second)},
          {"second_report", text(lot.second_report)},
          {"reviewers", text(lot.reviewers)},
          {"items", lot.items ? Json(*lot.items) : Json()},
          {"use", lot.use.reports == 0 ? Json() : use_json(lot)}};
}

Json left_json(const chain::SheetLeft& l) {
  return {{"file_of", l.node},
          {"what", l.opened ? "never-applied" : "never-opened"},
          {"lot", l.lot.empty() ? Json() : Json(l.lot)},
          {"gtin", l.gtin.empty() ? Json() : Json(l.gtin)},
          {"by", l.by},
          {"at", l.at == 0 ? Json() : Json(iso_of_ms(l.at))},
          {"start", to_hex(l.start)},
          {"transactions", l.transactions}};
}

Status write_sheet(const fs::path& folder, const chain::AuditDone& done, const SheetHead& head) {
  std::error_code e;
  fs::create_directories(folder / "receipts", e);
  if (e)
    return fail(Errc::kIo, "cannot make " + (folder / "receipts").string() + ": " + e.message());
  LM_TRY(done.sheet->each_lot(head.every, [&](const chain::SheetLot& lot) -> Status {
    if (lot.receipt.empty()) return {};
    SheetFile out(folder / receipt_file(lot));
    out.put({reinterpret_cast<const char*>(lot.receipt.data()), lot.receipt.size()});
    return out.close();
  }));
  LM_TRY(write_json(folder / "audit.json", done, head));
  return write_html(folder / "audit.html", done, head);
}

}  // namespace lotmark::cli
