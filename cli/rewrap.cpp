#include "cli/rewrap.h"

#include <fmt/format.h>

#include "cli/node/control.h"
#include "core/base/hex.h"
#include "core/wire/values.h"
#include "ledger-node/chain/private/reader_file.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

constexpr const char* kRewraps = "/control/v1/rewraps";

// A day ends when it has passed everywhere; a time is meant as it is written.
Result<std::string> time_of(const std::string& text) {
  if (text.size() > 10 && from_iso(text)) return text;
  Expiry day;
  for (const char c : text) {
    if (c == '-') continue;
    if (c < '0' || c > '9' || day.yyyymmdd > 99999999)
      return fail(Errc::kUsage, "--until " + text + ": a day or a time, as 2028-12-31");
    day.yyyymmdd = day.yyyymmdd * 10 + static_cast<std::uint64_t>(c - '0');
  }
  if (!valid(day)) return fail(Errc::kUsage, "--until " + text + ": no day of the calendar");
  return to_iso(expired_from(day));
}

Result<json> request_of(const RewrapArguments& a) {
  if (a.reader.empty()) return fail(Errc::kUsage, "--reader names the reader's public key");
  if (a.all == !a.lot.empty())
    return fail(Errc::kUsage, "--lot LOT or --all: which lots' segments");
  if (a.end && !a.until.empty()) return fail(Errc::kUsage, "--end goes without --until");
  LM_ASSIGN(const auto key, chain::read_reader_key(a.reader, "."));
  json body = {{"reader", to_hex(key.point)}, {"end", a.end}};
  if (!a.lot.empty()) body["lot"] = a.lot;
  if (!a.gtin.empty()) body["gtin"] = a.gtin;
  if (!a.audience.empty()) body["audience"] = a.audience;
  if (!a.until.empty()) {
    LM_ASSIGN(body["until"], time_of(a.until));
  }
  return body;
}

// Portion by portion, each from where the one before ended.
Result<json> rewrap_all(const Control& control, json body) {
  std::uint64_t segments = 0;
  std::uint64_t closed = 0;
  std::uint64_t over = 0;
  std::string why;
  json done;
  while (true) {
    LM_ASSIGN(done, control.post(kRewraps, body));
    segments += number_of(done, "segments");
    closed += number_of(done, "not_opened");
    over += number_of(done, "over");
    if (why.empty()) why = text_of(done, "why");
    const std::string next = text_of(done, "next");
    if (next.empty()) break;
    if (body.contains("after") && body["after"] == next)
      return fail(Errc::kFieldType, "the node's answer: next does not go on");
    body["after"] = next;
  }
  done["segments"] = segments;
  done["not_opened"] = closed;
  done["over"] = over;
  done["why"] = why.empty() ? json() : json(why);
  done.erase("next");
  return done;
}

Exit show_readers(const Control& control, Output& out) {
  const auto list = control.get(kRewraps);
  if (!list) return out.error(list.error());
  if (out.json) return out.value(*list);
  Table table{{"reader", "name", "segments", "first", "last", "ending", "until"}, {}};
  for (const auto& r : *list) {
    const bool own = r.value("own", false);
    table.rows.push_back(
        {{text_of(r, "reader"), own ? "this node" : text_of(r, "name"),
          std::to_string(number_of(r, "segments")), text_of(r, "first"), text_of(r, "last"),
          std::to_string(number_of(r, "ending")), text_of(r, "until")}});
  }
  out.table(table);
  return Exit::kDone;
}

}  // namespace

Exit run_rewrap(const RewrapArguments& a, Output& out) {
  if (a.list) {
    const auto control = Control::open(a.profile);
    return control ? show_readers(*control, out) : out.error(control.error());
  }
  auto body = request_of(a);
  if (!body) return out.error(body.error());
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto done = rewrap_all(*control, *std::move(body));
  if (!done) return out.error(done.error());
  const std::uint64_t closed = number_of(*done, "not_opened");
  const bool whole = closed == 0 && done->value("held", true);
  const Exit exit = whole ? Exit::kDone : Exit::kFailed;
  if (out.json) {
    const Exit printed = out.value(*done);
    return printed == Exit::kDone ? exit : printed;
  }
  out.line(fmt::format("{} segments {} reader {}", number_of(*done, "segments"),
                       a.end ? "are given no more to" : "opened to", text_of(*done, "reader")),
           Paint::kGood);
  if (const auto over = number_of(*done, "over"); over != 0)
    out.line(fmt::format("{} stay with an end that has passed: --until gives them another", over),
             Paint::kBad);
  if (!done->value("held", true))
    out.line("a standby does not hold all of it yet: promoted, it would go on as before",
             Paint::kBad);
  if (a.end) out.line("whoever had the keys before may have kept them", Paint::kDim);
  if (closed != 0)
    out.line(fmt::format("{} did not open at the node and stay as they are: {}", closed,
                         text_of(*done, "why")),
             Paint::kBad);
  return exit;
}

}  // namespace lotmark::cli
