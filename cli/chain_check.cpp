#include "cli/chain_check.h"

#include <thread>

#include "cli/files.h"
#include "cli/node/control.h"
#include "ledger-node/chain/public/check.h"

namespace lotmark::cli {

namespace {

constexpr std::size_t kNamed = 1000;  // more are counted
constexpr std::chrono::milliseconds kPoll{200};

nlohmann::json to_json(const chain::Fault& f) {
  return {{"table", f.table},   {"row", f.row},
          {"column", f.column}, {"block", f.block ? nlohmann::json(*f.block) : nlohmann::json()},
          {"what", f.what},     {"state", "open"}};
}

Exit show(const nlohmann::json& result, Output& out) {
  const auto open = number_of(result, "open");
  if (out.json) {
    out.value(result);
    return open == 0 ? Exit::kDone : Exit::kTampered;
  }
  Table table{{"table", "row", "column", "state", "what"}, {}};
  for (const auto& f : result["faults"]) {
    table.rows.push_back({{text_of(f, "table"), text_of(f, "row"), text_of(f, "column"),
                           text_of(f, "state"), text_of(f, "what")},
                          text_of(f, "state") == "open" ? Paint::kBad : Paint::kPlain});
  }
  if (!table.rows.empty()) out.table(table);
  const std::string blocks = std::to_string(number_of(result, "size")) + " blocks checked, ";
  if (open == 0 && table.rows.empty()) out.line(blocks + "nothing found");
  else if (open == 0) out.line(blocks + "all that was found is mended");
  else out.line(blocks + std::to_string(open) + " faults are open", Paint::kBad);
  return open == 0 ? Exit::kDone : Exit::kTampered;
}

Result<nlohmann::json> check_file(const ChainCheckArguments& a) {
  LM_ASSIGN(auto anchor, read_file(a.anchor, 1u << 20));
  LM_ASSIGN(auto db, store::Database::open(a.chain, {.read_only = true, .mode = 0644}));
  LM_ASSIGN(auto check, chain::ChainCheck::begin(db, anchor));
  std::vector<chain::Fault> faults;
  std::uint64_t open = 0;
  nlohmann::json list = nlohmann::json::array();
  while (true) {
    LM_ASSIGN(const bool over, check.step(1000, faults));
    open += faults.size();
    for (const auto& f : faults) {
      if (list.size() < kNamed) list.push_back(to_json(f));
    }
    faults.clear();
    if (over) break;
  }
  return nlohmann::json{{"size", check.size()}, {"open", open}, {"faults", list}};
}

// What is asked of another node takes a moment more than the round itself.
Result<nlohmann::json> check_node(const ChainCheckArguments& a) {
  LM_ASSIGN(const auto control, Control::open(a.profile));
  LM_ASSIGN(auto begun, control.post("/control/v1/checks", nlohmann::json::object()));
  unsigned patience = 25;
  while (true) {
    LM_ASSIGN(auto state, control.get("/control/v1/check"));
    const bool running = state.contains("running") && state["running"] == true;
    const bool stuck = state.contains("rebuild_at_start") && state["rebuild_at_start"] == true;
    if (!running && (number_of(state, "open") == 0 || stuck || patience-- == 0)) return state;
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace

Exit run_chain_check(const ChainCheckArguments& a, Output& out) {
  if (a.chain.empty() != a.anchor.empty())
    return out.error(fail(Errc::kUsage, "--chain and --anchor go together"));
  const auto result = a.chain.empty() ? check_node(a) : check_file(a);
  if (!result) return out.error(result.error());
  return show(*result, out);
}

}  // namespace lotmark::cli
