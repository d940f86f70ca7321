#include "cli/entries.h"

#include <charconv>

#include "cli/calibration_option.h"
#include "cli/node/control.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/gs1/digital_link.h"
#include "core/wire/sign1.h"

namespace lotmark::cli {

namespace {

constexpr char kSubmissions[] = "/control/v1/submissions";

std::optional<RevokedReason> reason_of(const std::string& word) {
  for (const auto r : {RevokedReason::kLost, RevokedReason::kCompromised, RevokedReason::kRetired})
    if (word == name(r)) return r;
  return std::nullopt;
}

Exit said(const Result<Bytes>& answer, Output& out) {
  if (!answer) return out.error(answer.error());
  const auto json = nlohmann::json::parse(*answer, nullptr, false);
  if (out.json) return out.value(json);
  out.line("taken as " + text_of(json, "id").substr(0, 16) +
           "; on the chain once lotmark submissions says final");
  return Exit::kDone;
}

Result<Revocation> revocation_of(const RevokeArguments& a, const Control& control) {
  const auto kid = fixed_from_hex<KeyId>(a.kid);
  if (!kid) return fail(Errc::kUsage, "a kid is 32 hex digits");
  const auto reason = reason_of(a.reason);
  if (!reason) return fail(Errc::kUsage, "reason: lost, compromised or retired");
  Revocation r{*kid, a.from.value_or(0), *reason, std::nullopt};
  if (!a.text.empty()) r.text = a.text;
  if (!a.from) {
    LM_ASSIGN(const auto status, control.get("/control/v1/status"));
    r.from = number_of(status, "size");
  }
  return r;
}

Exit recall(const RecallArguments& a, bool opens, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  Recall r{Gtin{gs1::pad_gtin(a.gtin)}, std::nullopt, opens, a.reason, now_ms()};
  if (!a.lot.empty()) r.lot = LotNumber{a.lot};
  if (!valid(r.gtin)) return out.error(fail(Errc::kUsage, a.gtin + " is no GTIN"));
  if (r.lot && !valid(*r.lot)) return out.error(fail(Errc::kUsage, a.lot + " is no lot number"));
  return submit(*control, SignedName<Recall>::value, encode(r), out);
}

// "t:Cel:-2"
Result<EnrolledChannel> channel_of(const std::string& text) {
  const auto first = text.find(':');
  const auto second = text.find(':', first + 1);
  if (first == std::string::npos || second == std::string::npos)
    return fail(Errc::kUsage, "--channel is name:unit:exp, as t:Cel:-2");
  EnrolledChannel c;
  c.name = text.substr(0, first);
  c.unit = text.substr(first + 1, second - first - 1);
  const std::string exp = text.substr(second + 1);
  const auto [end, error] = std::from_chars(exp.data(), exp.data() + exp.size(), c.exp.value);
  if (error != std::errc() || end != exp.data() + exp.size())
    return fail(Errc::kUsage, "exp of --channel is a power of ten, as -2");
  return c;
}

Result<Enrolment> enrolment_of(const EnrolArguments& a, EnrolmentKind kind,
                               const Control& control) {
  Enrolment e;
  const auto key = fixed_from_hex<PublicKey>(a.public_key);
  if (!key) return fail(Errc::kUsage, "--public-key must be a P-256 point: 04 and 128 hex digits");
  e.public_key = *key;
  e.kind = kind;
  e.name = a.name;
  e.site = a.site;
  e.organisation = a.organisation;
  if (e.organisation.empty()) {
    LM_ASSIGN(const auto status, control.get("/control/v1/status"));
    e.organisation = text_of(status, "organisation");
  }
  for (const auto& text : a.channels) {
    LM_ASSIGN(auto channel, channel_of(text));
    e.channels.push_back(std::move(channel));
  }
  for (const auto& text : a.calibration) LM_TRY(calibrate(text, e.channels));
  if (!a.predecessor.empty()) {
    e.predecessor = fixed_from_hex<KeyId>(a.predecessor);
    if (!e.predecessor) return fail(Errc::kUsage, "--replaces is a kid: 32 hex digits");
  }
  return e;
}

Exit enrol(const EnrolArguments& a, EnrolmentKind kind, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto e = enrolment_of(a, kind, *control);
  if (!e) return out.error(e.error());
  return submit(*control, SignedName<Enrolment>::value, encode(*e), out);
}

// GETs a list and shows the columns named.
Exit show_list(const ProfileChoice& profile, const std::string& path,
               const std::vector<std::string>& columns, const char* nothing, Output& out) {
  const auto control = Control::open(profile);
  if (!control) return out.error(control.error());
  const auto list = control->get(path);
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  if (list->empty()) {
    out.line(nothing);
    return Exit::kDone;
  }
  show_rows(*list, columns, out);
  return Exit::kDone;
}

}  // namespace

std::uint64_t now_ms() { return static_cast<std::uint64_t>(to_ms(SystemClock().now())); }

void show_rows(const nlohmann::json& list, const std::vector<std::string>& columns, Output& out) {
  Table table{columns, {}};
  for (const auto& row : list) {
    Table::Row cells;
    for (const auto& c : columns) cells.cells.push_back(text_of(row, c.c_str()));
    table.rows.push_back(std::move(cells));
  }
  out.table(table);
}

Exit submit(const Control& control, const std::string& type, Bytes payload, Output& out) {
  return said(control.send("POST", kSubmissions + ("?sign=" + type), std::move(payload)), out);
}

Exit submit_signed(const Control& control, Bytes object, Output& out) {
  return said(control.send("POST", kSubmissions, std::move(object)), out);
}

Exit run_revoke(const RevokeArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto r = revocation_of(a, *control);
  if (!r) return out.error(r.error());
  if (!a.self) return submit(*control, SignedName<Revocation>::value, encode(*r), out);
  const auto object = seal(*r, control->signer(), control->chain());
  return object ? submit_signed(*control, object->bytes, out) : out.error(object.error());
}

Exit run_revocations(const ProfileChoice& profile, Output& out) {
  return show_list(profile, "/control/v1/revocations",
                   {"kid", "owner", "suspected_since", "counts_from", "block", "reason", "text"},
                   "no key is revoked", out);
}

Exit run_recall_open(const RecallArguments& a, Output& out) { return recall(a, true, out); }
Exit run_recall_close(const RecallArguments& a, Output& out) { return recall(a, false, out); }
Exit run_recall_list(const ProfileChoice& profile, Output& out) {
  return show_list(profile, "/control/v1/recalls", {"gtin", "lot", "block", "by", "time", "reason"},
                   "no recall stands open", out);
}

Exit run_enrol_device(const EnrolArguments& a, Output& out) {
  return enrol(a, EnrolmentKind::kDevice, out);
}
Exit run_enrol_start(const EnrolArguments& a, Output& out) {
  return enrol(a, EnrolmentKind::kStart, out);
}
Exit run_enrol_operator(const EnrolArguments& a, Output& out) {
  return enrol(a, EnrolmentKind::kOperator, out);
}

Exit run_submissions(const ProfileChoice& profile, Output& out) {
  return show_list(profile, kSubmissions, {"made", "type", "state", "block", "id", "error"},
                   "nothing was submitted here", out);
}

}  // namespace lotmark::cli
