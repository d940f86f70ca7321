#include "cli/review.h"

#include "cli/node/control.h"
#include "cli/node/reading_proof.h"
#include "core/wire/values.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

std::string lot_path(const ReviewArguments& a, const std::string& action) {
  std::string path = "/control/v1/reviews/" + http::percent_encode(a.lot) + action;
  return a.gtin.empty() ? path : path + "?gtin=" + http::percent_encode(a.gtin);
}

// "2" for 200 and exp -2: a limit as people write it.
std::string short_decimal(std::int64_t value, std::int64_t exp) {
  std::string text = to_decimal(value, exp);
  if (text.find('.') == std::string::npos) return text;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string limits_text(const json& claim) {
  if (!claim.contains("limits") || !claim.contains("exp") || !claim["exp"].is_number_integer())
    return {};
  const json& l = claim["limits"];
  if (!l.is_object() || !l.contains("min") || !l.contains("max")) return {};
  if (!l["min"].is_number_integer() || !l["max"].is_number_integer()) return {};
  const auto exp = claim["exp"].get<std::int64_t>();
  return short_decimal(l["min"].get<std::int64_t>(), exp) + ".." +
         short_decimal(l["max"].get<std::int64_t>(), exp) + text_of(claim, "unit");
}

// Adds to each finding that belongs to a claim its limit, and to each that shows a reading whether
// its path holds. False if one does not.
bool check_findings(json& review) {
  bool all_hold = true;
  if (!review.is_object() || !review["findings"].is_array() || !review["claims"].is_array())
    return all_hold;
  for (auto& f : review["findings"]) {
    const std::uint64_t place = number_of(f, "claim");
    if (!f.is_object() || !f.contains("claim") || place >= review["claims"].size()) continue;
    const json& claim = review["claims"][place];
    f["limit"] = limits_text(claim);
    if (!f.contains("reading")) continue;
    const Status held = check_finding(f, claim);
    f["path"] = held ? "ok" : held.error().message();
    all_hold = all_hold && held;
  }
  return all_hold;
}

void show_findings(const json& review, Output& out) {
  for (const auto& f : review["findings"]) {
    std::string line = text_of(f, "name");
    if (const auto step = text_of(f, "step"); !step.empty()) line += " step=" + step;
    if (const auto channel = text_of(f, "channel"); !channel.empty()) line += " channel=" + channel;
    if (f.contains("reading")) {
      line += " at=" + text_of(f["reading"], "t") + " value=" + text_of(f["reading"], "shown");
    }
    if (const auto limit = text_of(f, "limit"); !limit.empty()) line += " limit=" + limit;
    if (const auto path = text_of(f, "path"); !path.empty()) line += " path=" + path;
    if (number_of(f, "more") > 0) line += " more=" + std::to_string(number_of(f, "more"));
    out.line(line, number_of(f, "code") < 100 ? Paint::kBad : Paint::kWarn);
    out.line("  " + text_of(f, "text"), Paint::kDim);
  }
  if (review["findings"].empty()) out.line("no findings", Paint::kGood);
}

void show_claims(const json& review, Output& out) {
  Table table{{"step", "device", "channel", "lowest", "highest", "readings", "limit"}, {}};
  for (const auto& c : review["claims"]) {
    if (!c.is_object() || !c.contains("annotation") || !c.contains("exp")) continue;
    const json& a = c["annotation"];
    const auto exp = c["exp"].get<std::int64_t>();
    table.rows.push_back({{text_of(c, "step"), text_of(c, "device_name"), text_of(c, "channel"),
                           to_decimal(a["min"].get<std::int64_t>(), exp) + text_of(c, "unit"),
                           to_decimal(a["max"].get<std::int64_t>(), exp) + text_of(c, "unit"),
                           text_of(a, "count") + "/" + text_of(c, "expected"), limits_text(c)}});
  }
  if (!table.rows.empty()) out.table(table);
  for (const auto& c : review["claims"]) {
    if (!c.is_object() || !c.contains("calibration") || !c["calibration"].is_array()) continue;
    for (const auto& text : c["calibration"]) {
      if (!text.is_string()) continue;
      out.line(text_of(c, "step") + " " + text_of(c, "device_name") + " " + text_of(c, "channel") +
                   ": " + text.get<std::string>(),
               Paint::kDim);
    }
  }
}

Exit decide(const ReviewArguments& a, const std::string& action, const json& body, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto decided = control->post(lot_path(a, action), body);
  if (!decided) return out.error(decided.error());
  if (out.json) return out.value(*decided);
  const std::string state = text_of(*decided, "state");
  out.line(
      "lot " + text_of(*decided, "lot") + " " + state + " report=" + text_of(*decided, "report"),
      state == "released" ? Paint::kGood : Paint::kBad);
  return Exit::kDone;
}

}  // namespace

Exit run_review_list(const ReviewArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto list = control->get("/control/v1/reviews");
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  Table table{{"GTIN", "lot", "state", "enterprise", "since"}, {}};
  for (const auto& r : *list) {
    table.rows.push_back({{text_of(r, "gtin"), text_of(r, "lot"), text_of(r, "state"),
                           text_of(r, "enterprise"), text_of(r, "at")}});
  }
  out.table(table);
  return Exit::kDone;
}

Exit run_review_show(const ReviewArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  auto review = control->get(lot_path(a, ""));
  if (!review) return out.error(review.error());
  const bool held = check_findings(*review);
  const Exit exit = held ? Exit::kDone : Exit::kTampered;
  if (out.json) {
    const Exit printed = out.value(*review);
    return printed == Exit::kDone ? exit : printed;
  }
  out.line("lot " + text_of(*review, "lot") + " of " + text_of(*review, "gtin") + ": " +
               text_of(*review, "state"),
           Paint::kStrong);
  show_claims(*review, out);
  show_findings(*review, out);
  return exit;
}

Exit run_review_approve(const ReviewArguments& a, Output& out) {
  json body = {{"if_clean", a.if_clean}};
  if (!a.number.empty()) body["number"] = a.number;
  if (!a.reason.empty()) body["reason"] = a.reason;
  return decide(a, "/approve", body, out);
}

Exit run_review_reject(const ReviewArguments& a, Output& out) {
  return decide(a, "/reject", {{"reason", a.reason}}, out);
}

Exit run_review_second(const ReviewArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto list = control->get("/control/v1/second-reviews");
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  Table table{{"block", "lot", "enterprise", "drawn", "state", "report"}, {}};
  for (const auto& r : *list) {
    const std::string state = text_of(r, "state");
    table.rows.push_back({{text_of(r, "block"), text_of(r, "lot"), text_of(r, "enterprise"),
                           text_of(r, "drawn"), state, text_of(r, "report").substr(0, 16)},
                          state == "objects"  ? Paint::kBad
                          : state == "agrees" ? Paint::kGood
                                              : Paint::kPlain});
  }
  out.table(table);
  for (const auto& r : *list) {
    if (text_of(r, "state") != "objects" || !r.contains("findings")) continue;
    for (const auto& f : r["findings"])
      out.line("block " + text_of(r, "block") + ": " + text_of(f, "text"), Paint::kBad);
  }
  return Exit::kDone;
}

}  // namespace lotmark::cli
