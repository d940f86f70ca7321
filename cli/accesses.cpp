#include "cli/accesses.h"

#include "cli/node/control.h"
#include "ledger-node/capture/access_page.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::cli {

namespace {

using Json = nlohmann::json;
// A page of the log behind a row, as GET /control/v1/accesses answers it.
using Pages = std::function<Result<Json>(std::uint64_t after)>;

Result<Pages> pages_of(const AccessesArguments& a) {
  if (a.private_db.empty()) {
    LM_ASSIGN(auto opened, Control::open(a.profile));
    return Pages([control = std::make_shared<Control>(std::move(opened))](std::uint64_t after) {
      return control->get("/control/v1/accesses?after=" + std::to_string(after));
    });
  }
  std::error_code ec;
  if (!std::filesystem::exists(a.private_db, ec))
    return fail(Errc::kNotFound, a.private_db + " is not there");
  auto opened = chain::open_private(a.private_db, true);
  if (!opened) return fail(opened.code(), a.private_db + ": " + opened.error().message());
  return Pages([db = std::make_shared<store::Database>(*std::move(opened)),
                file = a.private_db](std::uint64_t after) -> Result<Json> {
    const auto page = node::read_accesses(*db, after, node::kAccessPage);
    if (!page) return fail(page.code(), file + ": " + page.error().message());
    return Json::parse(node::access_page_json(*page));
  });
}

bool wanted(const AccessesArguments& a, const Json& access) {
  if (a.refused && number_of(access, "status") < 400) return false;
  return a.caller.empty() || text_of(access, "caller").find(a.caller) != std::string::npos;
}

struct Found {
  Json accesses = Json::array();
  std::optional<std::uint64_t> next;  // more may stand behind this row
};

Result<Found> find(const AccessesArguments& a, const Pages& pages) {
  Found found;
  std::uint64_t after = a.after;
  while (true) {
    LM_ASSIGN(const Json page, pages(after));
    const auto list = page.find("accesses"), next = page.find("next");
    if (list == page.end() || !list->is_array() || next == page.end())
      return fail(Errc::kNetwork, "the node's answer is no page of its access log");
    for (const auto& access : *list) {
      if (!wanted(a, access)) continue;
      if (found.accesses.size() == a.limit) {
        found.next = after;
        return found;
      }
      found.accesses.push_back(access);
      after = number_of(access, "n");
    }
    if (next->is_null()) return found;
    const std::uint64_t on = number_of(page, "next");
    if (on < after || on == 0) return fail(Errc::kNetwork, "the node's pages do not go on");
    after = on;
  }
}

void show(const Found& found, Output& out) {
  Table table{{"n", "time", "caller", "method", "target", "status", "times", "record"}, {}};
  for (const auto& e : found.accesses) {
    Table::Row row;
    for (const char* field : {"n", "time", "caller", "method", "target", "status", "count"})
      row.cells.push_back(text_of(e, field));
    row.cells.push_back(text_of(e, "record").substr(0, 8));
    if (number_of(e, "status") >= 400) row.paint = Paint::kWarn;
    table.rows.push_back(std::move(row));
  }
  out.table(table);
  if (found.next) out.line("there are more: --after " + std::to_string(*found.next), Paint::kDim);
}

}  // namespace

Exit run_accesses(const AccessesArguments& a, Output& out) {
  const auto pages = pages_of(a);
  if (!pages) return out.error(pages.error());
  const auto found = find(a, *pages);
  if (!found) return out.error(found.error());
  if (out.json) {
    return out.value(
        {{"accesses", found->accesses}, {"next", found->next ? Json(*found->next) : Json()}});
  }
  if (found->accesses.empty()) {
    out.line("no access is logged that is asked for");
    return Exit::kDone;
  }
  show(*found, out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
