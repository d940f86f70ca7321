#include "cli/chain.h"

#include "cli/cut_shown.h"
#include "cli/files.h"
#include "cli/node/control.h"
#include "core/gs1/digital_link.h"
#include "core/proof/archived.h"
#include "core/wire/codec.h"

namespace lotmark::cli {

Exit run_chain_show(const ChainArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto blocks = control->get("/control/v1/blocks?from=" + std::to_string(a.from) +
                                   "&limit=" + std::to_string(a.limit));
  if (!blocks) return out.error(blocks.error());
  if (out.json) return out.value(*blocks);
  Table table{{"block", "kind", "time", "signer", "bytes", "final", "id"}, {}};
  for (const auto& b : *blocks) {
    const bool final = b.contains("final") && b["final"] == true;
    table.rows.push_back({{text_of(b, "number"), text_of(b, "kind"), text_of(b, "time_iso"),
                           text_of(b, "signer").substr(0, 8), text_of(b, "bytes"),
                           final ? "yes" : "no", text_of(b, "id").substr(0, 16)},
                          final ? Paint::kPlain : Paint::kDim});
  }
  out.table(table);
  const auto status = control->get("/control/v1/status");
  const std::uint64_t size = status ? number_of(*status, "size") : 0;
  const std::uint64_t next = a.from + blocks->size();
  if (!blocks->empty() && next < size) {
    out.line(std::to_string(size - next) + " more: --from " + std::to_string(next), Paint::kDim);
  }
  return Exit::kDone;
}

Exit run_chain_cut(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto status = control->get("/control/v1/cut");
  if (!status) return out.error(status.error());
  if (out.json) return out.value(*status);
  const auto field = [&](const char* key) {
    return status->is_object() && status->contains(key) ? status->at(key) : nlohmann::json();
  };
  const auto newest = field("newest");
  if (newest.is_object()) {
    out.line("cut up to block " + std::to_string(number_of(newest, "last")) + ", by block " +
             std::to_string(number_of(newest, "block")) + " of " + text_of(newest, "time") +
             (newest.value("dropped", false) ? "; bodies dropped" : "; bodies not dropped yet"));
  } else {
    out.line("nothing is cut yet");
  }
  if (const auto next = field("next"); next.is_object()) show_plan(next, out);
  const auto round = field("round");
  if (round.is_object()) {
    out.line("a round is open: " + text_of(round, "flags") + " flags of " +
             text_of(round, "quorum") + "; last refusal: " + text_of(round, "refusal"));
  }
  if (field("round_at").is_string()) out.line("next audit round: " + text_of(*status, "round_at"));
  return Exit::kDone;
}

// What needs somebody, in red; rates beyond what an enterprise can make accuse nobody.
static void show_alarms(const nlohmann::json& status, Output& out) {
  if (status.contains("alarms") && status["alarms"].is_object()) {
    for (const auto& [alarm, why] : status["alarms"].items())
      out.line("alarm " + alarm + ": " + (why.is_string() ? why.get<std::string>() : ""),
               Paint::kBad);
  }
  if (!status.contains("abnormal_rates") || !status["abnormal_rates"].is_array()) return;
  for (const auto& r : status["abnormal_rates"]) {
    const std::string from = text_of(r, "from");
    out.line("abnormal rate: " + text_of(r, "organisation") + ", " + text_of(r, "lots") + " " +
                 text_of(r, "what") + " in " + text_of(r, "period_s") + " s, limit " +
                 text_of(r, "limit") + (from.empty() ? "" : ", says " + from),
             Paint::kWarn);
  }
}

// One node's status, or the error in its place.
static nlohmann::json status_of(const std::string& file) {
  ProfileChoice choice;
  choice.file = file;
  const auto control = Control::open(choice);
  const auto status =
      control ? control->get("/control/v1/status") : Result<nlohmann::json>(control.error());
  if (status) return *status;
  return {{"error", status.error().message()}};
}

static Exit run_glance(const StatusArguments& a, Output& out) {
  nlohmann::json all = nlohmann::json::array();
  Table table{{"node", "roles", "orders", "term", "blocks", "final", "alarms"}, {}};
  bool fine = true;
  for (const auto& file : a.profiles) {
    nlohmann::json status = status_of(file);
    status["profile"] = file;
    const bool answers = !status.contains("error");
    std::string alarms;
    if (status.contains("alarms") && status["alarms"].is_object()) {
      for (const auto& [alarm, why] : status["alarms"].items())
        alarms += (alarms.empty() ? "" : ", ") + alarm;
    }
    fine = fine && answers && alarms.empty();
    const bool orders = status.contains("primary") && status["primary"] == true;
    table.rows.push_back(
        {{answers ? text_of(status, "name") : file, answers ? text_of(status, "roles") : "",
          orders ? "yes" : "", text_of(status, "term"), text_of(status, "size"),
          text_of(status, "final_size"), answers ? alarms : text_of(status, "error")},
         answers && alarms.empty() ? Paint::kPlain : Paint::kBad});
    all.push_back(std::move(status));
  }
  const Exit exit = fine ? Exit::kDone : Exit::kFailed;
  if (out.json) {
    const Exit printed = out.value(all);
    return printed == Exit::kDone ? exit : printed;
  }
  out.table(table);
  return exit;
}

Exit run_status(const StatusArguments& a, Output& out) {
  if (!a.profiles.empty()) return run_glance(a, out);
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto status = control->get("/control/v1/status");
  if (!status) return out.error(status.error());
  const bool alarm = status->contains("alarms") && !(*status)["alarms"].empty();
  const Exit exit = alarm ? Exit::kFailed : Exit::kDone;
  if (out.json) {
    const Exit printed = out.value(*status);
    return printed == Exit::kDone ? exit : printed;
  }
  Table table;
  for (const auto& [key, value] : status->items()) {
    if (key != "alarms" && key != "abnormal_rates")
      table.rows.push_back({{key, text_of(*status, key.c_str())}});
  }
  out.table(table);
  show_alarms(*status, out);
  return exit;
}

Exit run_receipt(const ReceiptArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto receipt = control->call(
      "GET", "/control/v1/receipts/" + gs1::pad_gtin(a.gtin) + "/" + http::percent_encode(a.lot),
      nullptr);
  if (!receipt) return out.error(receipt.error());
  if (Status s = write_file(a.out, *receipt, true); !s) return out.error(s.error());
  const auto read = read_receipt(*receipt);
  const bool disclosed = read && !read->disclosures.empty();
  if (out.json)
    return out.value({{"file", a.out}, {"bytes", receipt->size()}, {"disclosed", disclosed}});
  if (proof::is_archived(*receipt)) {
    out.line("The lot was cut: this is the proof of it. Its record is in an archive.",
             Paint::kWarn);
  } else if (read && !disclosed) {
    out.line(
        "It discloses no claims: the lot has none, or this node keeps none. A supervising member's "
        "node, and an API over it, give the receipt with what was measured.",
        Paint::kWarn);
  }
  out.line(a.out + ": " + std::to_string(receipt->size()) + " bytes; check it with lotmark verify");
  return Exit::kDone;
}

}  // namespace lotmark::cli
