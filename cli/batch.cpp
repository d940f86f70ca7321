#include "cli/batch.h"

#include "cli/lot_name.h"
#include "cli/node/control.h"
#include "core/base/hex.h"
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
  LM_TRY(add(a.public_notes, "public"));
  return list;
}

Error not_prepared(const char* what) {
  return fail(Errc::kFieldType,
              std::string("the node's answer: ") + what + " is missing or of another type");
}

// The commitment over what the node prepared, as this operator means it: this step, this author,
// nothing corrected. Whatever else the node put in shows as another commitment.
Result<Digest> recompute(const json& prepared, const std::string& step, const Control& control) {
  const auto scope = fixed_from_hex<Digest>(text_of(prepared, "start"));
  if (!scope) return not_prepared("start");
  if (!prepared.contains("entries") || !prepared["entries"].is_array())
    return not_prepared("entries");
  std::vector<Bytes> entries;
  for (const auto& hex : prepared["entries"]) {
    auto entry = hex.is_string() ? from_hex(hex.get<std::string>()) : std::nullopt;
    if (!entry) return not_prepared("entries");
    LM_TRY(decode<Segment>(*entry));
    entries.push_back(std::move(*entry));
  }
  if (entries.empty()) return not_prepared("entries");
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

// What the node would record, its commitment checked; nothing is signed yet.
Result<json> prepare_step(const BatchStepArguments& a, const Control& control) {
  json body = {{"step", a.step}, {"start", nullptr}, {"end", nullptr}};
  if (!a.start.empty()) body["start"] = a.start;
  if (!a.end.empty()) body["end"] = a.end;
  LM_ASSIGN(body["notes"], notes_json(a));
  LM_ASSIGN(json prepared, control.post(lot_path(a.lot, "/steps"), body));
  LM_ASSIGN(const Digest computed, recompute(prepared, a.step, control));
  if (to_hex(computed) != text_of(prepared, "commitment")) {
    return fail(Errc::kCommitmentMismatch,
                "the node asks for a signature over something else; nothing was signed");
  }
  return prepared;
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
  for (const char* key : {"claims", "warnings"}) {
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
  for (const auto& claim : prepared.value("claims", json::array())) {
    out.line(text_of(claim, "channel") + ": " + text_of(claim, "shown"));
  }
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

Exit run_batch_list(const ProfileChoice& profile, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto list = control->get(kBatches);
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
  return Exit::kDone;
}

}  // namespace lotmark::cli
