#include "cli/batch.h"

#include <sstream>

#include "cli/lot_name.h"
#include "cli/node/control.h"
#include "cli/prepared_step.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/gs1/digital_link.h"
#include "core/wire/sign1.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

constexpr const char* kBatches = "/control/v1/batches";

std::string lot_path(const std::string& lot, const std::string& rest) {
  return std::string(kBatches) + "/" + http::percent_encode(lot) + rest;
}

Result<json> notes_json(const BatchStepArguments& a) {
  json list = json::array();
  const auto add = [&](const std::vector<std::string>& notes, const char* audience) -> Status {
    for (const auto& note : notes) {
      const auto equals = note.find('=');
      if (equals == 0 || equals == std::string::npos)
        return fail(Errc::kUsage, "\"" + note + "\": a note is name=text");
      list.push_back({{"name", note.substr(0, equals)},
                      {"text", note.substr(equals + 1)},
                      {"audience", audience}});
    }
    return {};
  };
  LM_TRY(add(a.notes, "regulator"));
  LM_TRY(add(a.partner_notes, "partner"));
  LM_TRY(add(a.public_notes, "public"));
  return list;
}

Error not_prepared(const char* what) {
  return fail(Errc::kFieldType,
              std::string("the node's answer: ") + what + " is missing or of another type");
}

Result<std::vector<Bytes>> entries_of(const json& prepared) {
  if (!prepared.contains("entries") || !prepared["entries"].is_array())
    return not_prepared("entries");
  std::vector<Bytes> entries;
  for (const auto& hex : prepared["entries"]) {
    auto entry = hex.is_string() ? from_hex(hex.get<std::string>()) : std::nullopt;
    if (!entry) return not_prepared("entries");
    entries.push_back(std::move(*entry));
  }
  if (entries.empty()) return not_prepared("entries");
  return entries;
}

// The commitment over what the node prepared, as this operator means it: this step, this author,
// nothing corrected. Whatever else the node put in shows as another commitment.
Result<Digest> recompute(const json& prepared, const std::vector<Bytes>& entries,
                         const std::string& step, const Control& control) {
  const auto scope = fixed_from_hex<Digest>(text_of(prepared, "start"));
  if (!scope) return not_prepared("start");
  RecordHead head;
  head.step = step;
  head.kind = RecordKind::kStep;
  head.time = number_of(prepared, "time_ms");
  head.author = control.signer().kid();
  head.segments = entries.size();
  return commitment(control.chain(), *scope, head, segments_root(entries));
}

std::vector<std::string> warnings_of(const json& answer) {
  std::vector<std::string> list;
  if (!answer.contains("warnings") || !answer["warnings"].is_array()) return list;
  for (const auto& w : answer["warnings"]) {
    list.push_back(w.is_string() ? w.get<std::string>() : w.dump());
  }
  return list;
}

void show_warnings(const json& answer, Output& out) {
  for (const auto& w : warnings_of(answer)) {
    out.line("a reviewer will find: " + w, Paint::kWarn);
  }
}

Result<std::optional<std::uint64_t>> typed_time(const std::string& option,
                                                const std::string& text) {
  if (text.empty()) return std::optional<std::uint64_t>();
  const auto t = from_iso(text);
  if (!t || to_ms(*t) < 0)
    return fail(Errc::kUsage, option + " \"" + text + "\" is no time as 2026-01-05T08:00Z");
  return std::optional(static_cast<std::uint64_t>(to_ms(*t)));
}

Result<TypedStep> typed_of(const BatchStepArguments& a) {
  TypedStep typed;
  typed.step = a.step;
  LM_ASSIGN(typed.start, typed_time("--start", a.start));
  LM_ASSIGN(typed.end, typed_time("--end", a.end));
  if (typed.start.has_value() != typed.end.has_value())
    return fail(Errc::kUsage, "--start and --end go together");
  LM_ASSIGN(typed.notes, notes_json(a));
  return typed;
}

// What the node would record, held against what was typed; nothing is signed yet.
Result<json> prepare_step(const BatchStepArguments& a, const Control& control) {
  LM_ASSIGN(const auto typed, typed_of(a));
  json body = {{"step", a.step}, {"start", nullptr}, {"end", nullptr}, {"notes", typed.notes}};
  if (typed.start) body["start"] = a.start;
  if (typed.end) body["end"] = a.end;
  LM_ASSIGN(const auto opener, StepOpener::make());
  body["reader"] = opener.reader();
  LM_ASSIGN(json prepared, control.post(lot_path(a.lot, "/steps"), body));
  LM_ASSIGN(const auto entries, entries_of(prepared));
  LM_ASSIGN(const Digest computed, recompute(prepared, entries, a.step, control));
  if (to_hex(computed) != text_of(prepared, "commitment")) {
    return fail(Errc::kCommitmentMismatch,
                "the node asks for a signature over something else; nothing was signed");
  }
  LM_ASSIGN(const auto segments, opener.open(prepared, entries, control.chain()));
  LM_TRY(check_prepared(prepared, typed, segments, control.chain()));
  prepared.erase("recipients");  // of use to this call alone
  prepared["calibration"] = told_of_calibration(segments);
  return prepared;
}

// What a person sees before the key signs: each claim, and what the node tells everybody in the author's name.
void show_signed(const json& prepared, Output& out) {
  for (const auto& claim : prepared.value("claims", json::array())) {
    out.line(text_of(claim, "device_name") + " " + text_of(claim, "channel") + ": " +
             text_of(claim, "shown") + ", " + iso_of_ms(number_of(claim, "start")) + " to " +
             iso_of_ms(number_of(claim, "end")));
  }
  std::istringstream told(text_of(prepared, "calibration"));
  for (std::string line; std::getline(told, line);)
    out.line("everybody reads, calibration: " + line);
}

Result<json> sign_step(const BatchStepArguments& a, const json& prepared, const Control& control) {
  const std::string commitment = text_of(prepared, "commitment");
  const auto computed = fixed_from_hex<Digest>(commitment);
  if (!computed) return not_prepared("commitment");
  LM_ASSIGN(const auto record,
            seal(Record{*computed, std::nullopt}, control.signer(), control.chain()));
  LM_ASSIGN(json answer, control.post(lot_path(a.lot, "/steps/" + commitment),
                                      {{"record_object", to_hex(record.bytes)}}));
  answer["commitment"] = commitment;
  for (const char* key : {"claims", "calibration", "warnings"}) {
    if (prepared.contains(key)) answer[key] = prepared[key];
  }
  return answer;
}

}  // namespace

Exit run_batch_start(const BatchStartArguments& a, Output& out) {
  if (Status s = check_lot_in_address(a.lot); !s) return out.error(s.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  json body = {{"programme", a.programme}, {"line", a.line},  {"gtin", a.gtin}, {"lot", a.lot},
               {"reviewers", a.reviewers}, {"start", a.start}};
  if (!a.device.empty()) body["device"] = a.device;
  const auto batch = control->post(kBatches, body);
  if (!batch) return out.error(batch.error());
  if (out.json) return out.value(*batch);
  out.line("lot " + a.lot + " opened on start signal " + text_of(*batch, "start").substr(0, 16));
  if (const auto slot = text_of(*batch, "next_slot"); !slot.empty())
    out.line("its first transaction leaves at " + slot);
  if (const auto slot = text_of(*batch, "last_slot"); !slot.empty())
    out.line("its last at " + slot + ": a step that is not signed by then is missing");
  return Exit::kDone;
}

namespace {

Exit show_prepared(const BatchStepArguments& a, const json& prepared, Output& out) {
  if (out.json) return out.value(prepared);
  show_signed(prepared, out);
  show_warnings(prepared, out);
  if (warnings_of(prepared).empty())
    out.line("nothing was seen that a reviewer would find", Paint::kGood);
  out.line("step " + a.step + " of lot " + a.lot + " is not signed: this was a dry run");
  return Exit::kDone;
}

}  // namespace

Exit run_batch_step(const BatchStepArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto prepared = prepare_step(a, *control);
  if (!prepared) return out.error(prepared.error());
  if (a.dry_run) return show_prepared(a, *prepared, out);
  if (!out.json) show_signed(*prepared, out);
  if (!warnings_of(*prepared).empty() && !a.yes) {
    if (!out.json) show_warnings(*prepared, out);
    if (out.declined("A reviewer will find something. Sign step " + a.step + " all the same?")) {
      out.complain("nothing was signed");
      return Exit::kFailed;
    }
  }
  const auto answer = sign_step(a, *prepared, *control);
  if (!answer) return out.error(answer.error());
  if (out.json) return out.value(*answer);
  out.line("step " + a.step + " of lot " + a.lot + " recorded, commitment " +
           text_of(*answer, "commitment"));
  if (const auto slot = text_of(*answer, "slot"); !slot.empty()) out.line("it leaves at " + slot);
  if (a.yes) show_warnings(*answer, out);  // else they were shown before
  return Exit::kDone;
}

namespace {

void show_application(const std::string& lot, const json& state, Output& out) {
  const std::string name = text_of(state, "state");
  if (name != "open") {
    out.line("lot " + lot + ": " + name);
    return;
  }
  const std::string slot = text_of(state, "last_slot");
  out.line("lot " + lot + ": open; the application leaves by itself after the last slot" +
           (slot.empty() ? "" : ", " + slot));
}

}  // namespace

Exit run_batch_apply(const BatchApplyArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto state =
      control->post(lot_path(a.lot, "/apply"), {{"product", a.product}, {"expires", a.expires}});
  if (!state) return out.error(state.error());
  if (out.json) return out.value(*state);
  show_application(a.lot, *state, out);
  for (const auto& w : warnings_of(*state)) out.line(w, Paint::kWarn);
  return Exit::kDone;
}

// What keeps a lot from going on: a reviewer that does not take it, or the node's own.
static void say_trouble(const nlohmann::json& batch, Output& out) {
  const std::string lot = "lot " + text_of(batch, "lot") + ": ";
  if (batch.contains("trouble")) out.line(lot + text_of(batch, "trouble"), Paint::kWarn);
  for (const auto& r : batch.value("reviewers", nlohmann::json::array())) {
    if (!r.contains("trouble")) continue;
    const std::string stands =
        ": " + text_of(r, "answered") + " of " + text_of(r, "of") + " taken, ";
    out.line(lot + text_of(r, "name") + stands + text_of(r, "trouble"), Paint::kWarn);
  }
}

// Serials that are announced or withdrawn, and not sealed, hold the application up.
static void say_serials(const nlohmann::json& batch, Output& out) {
  const auto serials = batch.value("serials", nlohmann::json::object());
  const std::string state = text_of(serials, "state");
  if (state.empty() || state == "none" || state == "sealed") return;
  out.line("lot " + text_of(batch, "lot") + ": its serials are " + state +
               ": the application waits until they are sealed, or --none is said",
           Paint::kWarn);
}

Exit run_batch_list(const BatchListArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  std::string path = kBatches;
  if (!a.lot.empty()) path += "?lot=" + http::percent_encode(a.lot);
  if (!a.gtin.empty()) path += (a.lot.empty() ? "?gtin=" : "&gtin=") + gs1::pad_gtin(a.gtin);
  const auto list = control->get(path);
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  Table table{{"GTIN", "lot", "state", "line", "transactions", "next slot", "last slot", "block"},
              {}};
  for (const auto& b : *list) {
    const std::string next = text_of(b, "next_slot");
    table.rows.push_back(
        {{text_of(b, "gtin"), text_of(b, "lot"), text_of(b, "state"), text_of(b, "line_name"),
          text_of(b, "transactions") + "/" + std::to_string(number_of(b, "count") + 1),
          next.empty() ? "all gone" : next, text_of(b, "last_slot"), text_of(b, "block")}});
  }
  out.table(table);
  for (const auto& b : *list) say_trouble(b, out);
  for (const auto& b : *list) say_serials(b, out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
