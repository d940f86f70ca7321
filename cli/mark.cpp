#include "cli/mark.h"

#include <fmt/format.h>

#include <set>

#include "cli/entries.h"
#include "cli/files.h"
#include "cli/named_serials.h"
#include "cli/node/control.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/base/random.h"
#include "core/gs1/digital_link.h"
#include "core/wire/usage.h"

namespace lotmark::cli {

namespace {

constexpr char kMarks[] = "/control/v1/marks";
constexpr std::size_t kMarksInACall = 256;
constexpr std::size_t kMarksInAFile = 100'000;
constexpr std::size_t kMarksFile = kMarksInAFile * 1024;

// One of each serial, or one of all units without.
Result<std::vector<Mark>> marks_of(const MarkArguments& a) {
  Mark m;
  m.gtin = {gs1::pad_gtin(a.gtin)};
  m.lot = {a.lot};
  if (!valid(m.gtin)) return fail(Errc::kUsage, "--gtin: " + a.gtin + " is no GTIN");
  if (!valid(m.lot)) return fail(Errc::kUsage, "--lot: " + a.lot + " is no lot number");
  LM_ASSIGN(m.kind, word_of<UsageKind>(a.kind, "--kind"));
  m.time = now_ms();
  if (!a.time.empty()) {
    const auto time = from_iso(a.time);
    if (!time) return fail(Errc::kUsage, "--time is a time: 2026-01-05T08:00Z");
    m.time = unix_ms(*time);
  }
  std::set<std::string> serials;
  for (const auto& s : a.serial) {
    if (!valid(LotNumber{s})) return fail(Errc::kUsage, "--serial: " + s + " is no serial");
    if (!serials.insert(s).second) return fail(Errc::kUsage, "--serial: " + s + " is there twice");
  }
  if (!a.serials.empty()) {
    LM_ASSIGN(const auto more, read_named_serials(a.serials, kMarksInAFile, "a file"));
    serials.insert(more.begin(), more.end());
  }
  if (serials.empty() == !a.count)
    return fail(Errc::kUsage, "how many: --serial S, --serials FILE, or --count N without any");
  std::vector<Mark> out;
  for (const auto& s : serials) {
    m.serial = s;
    m.nonce = random_fixed<Nonce>();
    out.push_back(m);
  }
  if (!a.count) return out;
  m.count = *a.count;
  m.nonce = random_fixed<Nonce>();
  out.push_back(m);
  return out;
}

Result<std::vector<Bytes>> signed_marks(const MarkArguments& a, const Signer& signer,
                                        const Digest& chain) {
  LM_ASSIGN(const auto marks, marks_of(a));
  std::vector<Bytes> out;
  for (const auto& m : marks) {
    LM_ASSIGN(auto sealed, seal(m, signer, chain));
    out.push_back(std::move(sealed.bytes));
  }
  return out;
}

struct Brought {
  std::uint64_t taken = 0;
  std::uint64_t held = 0;
  nlohmann::json refused = nlohmann::json::array();
};

void add_answer(const nlohmann::json& answer, const std::vector<Bytes>& part,
                const Control& control, Brought& out) {
  const auto list = answer.value("marks", nlohmann::json::array());
  for (std::size_t i = 0; i < part.size(); ++i) {
    const nlohmann::json said = i < list.size() ? list[i] : nlohmann::json::object();
    const std::string state = text_of(said, "state");
    if (state == "taken") ++out.taken;
    if (state == "held") ++out.held;
    if (state == "taken" || state == "held") continue;
    const auto mark = open<Mark>(part[i], control.chain());
    const bool one = mark && mark->body.serial;
    out.refused.push_back(
        {{"serial", one ? nlohmann::json(*mark->body.serial) : nlohmann::json()},
         {"count", mark ? nlohmann::json(mark->body.count) : nlohmann::json()},
         {"id", mark ? nlohmann::json(to_hex(mark->id)) : nlohmann::json()},
         {"error", state == "refused" ? text_of(said, "error") : "the node says nothing of it"},
         {"detail", text_of(said, "detail")}});
  }
}

Result<Brought> bring(const std::vector<Bytes>& marks, const Control& control) {
  Brought out;
  for (std::size_t at = 0; at < marks.size(); at += kMarksInACall) {
    const auto first = marks.begin() + static_cast<std::ptrdiff_t>(at);
    const auto left = std::min(kMarksInACall, marks.size() - at);
    const std::vector<Bytes> part(first, first + static_cast<std::ptrdiff_t>(left));
    const auto body = control.send("POST", kMarks, node::encode_list(part));
    if (!body) {
      if (at == 0) return body.error();
      return fail(body.code(), fmt::format("{} (the first {} of {} were brought)",
                                           body.error().text, at, marks.size()));
    }
    add_answer(nlohmann::json::parse(as_text(*body), nullptr, false), part, control, out);
  }
  return out;
}

Exit say_brought(const Brought& b, Output& out) {
  const Exit exit = b.refused.empty() ? Exit::kDone : Exit::kFailed;
  if (out.json) {
    const Exit shown =
        out.value(nlohmann::json{{"taken", b.taken}, {"held", b.held}, {"refused", b.refused}});
    return shown == Exit::kDone ? exit : shown;
  }
  out.line(fmt::format("{} taken, {} held already", b.taken, b.held));
  if (b.refused.empty()) return exit;
  out.line(fmt::format("{} refused:", b.refused.size()), Paint::kBad);
  show_rows(b.refused, {"serial", "count", "error", "detail"}, out);
  return exit;
}

// Asks no node: only who signs, and for which chain, must be known.
Exit sign_to_file(const MarkArguments& a, Output& out) {
  const auto profile = open_signing_profile(a.profile);
  if (!profile) return out.error(profile.error());
  const auto marks = signed_marks(a, *profile->signer, profile->chain);
  if (!marks) return out.error(marks.error());
  if (const Status done = write_file(a.out, node::encode_list(*marks)); !done)
    return out.error(done.error());
  if (out.json) return out.value(nlohmann::json{{"signed", marks->size()}, {"file", a.out}});
  out.line(
      fmt::format("{} signed marks in {}; lotmark mark --from brings them", marks->size(), a.out));
  return Exit::kDone;
}

}  // namespace

Exit run_mark(const MarkArguments& a, Output& out) {
  const bool given = !a.gtin.empty() || !a.lot.empty() || !a.kind.empty() || !a.serial.empty() ||
                     !a.serials.empty() || a.count || !a.time.empty();
  if (!a.from.empty() && (given || !a.out.empty()))
    return out.error(fail(Errc::kUsage, "--from brings what is signed: nothing else goes with it"));
  if (a.from.empty()) {
    if (const auto good = marks_of(a); !good) return out.error(good.error());
  }
  if (!a.out.empty()) return sign_to_file(a, out);
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  Result<std::vector<Bytes>> marks = std::vector<Bytes>{};
  if (a.from.empty()) {
    marks = signed_marks(a, control->signer(), control->chain());
  } else if (const auto file = read_file(a.from, kMarksFile); !file) {
    return out.error(file.error());
  } else {
    marks = node::decode_list(*file, kMarksInAFile);
    if (!marks) return out.error(fail(marks.code(), a.from + " is no file of marks"));
  }
  if (!marks) return out.error(marks.error());
  const auto brought = bring(*marks, *control);
  return brought ? say_brought(*brought, out) : out.error(brought.error());
}

Exit run_marks(const MarksArguments& a, Output& out) {
  std::string path = kMarks + ("?after=" + std::to_string(a.after));
  if (a.gtin.empty() != a.lot.empty() || (a.lot.empty() && !a.serial.empty()))
    return out.error(fail(Errc::kUsage, "GTIN LOT, and --serial of that lot"));
  if (!a.gtin.empty())
    path += "&gtin=" + gs1::pad_gtin(a.gtin) + "&lot=" + http::percent_encode(a.lot);
  if (!a.serial.empty()) path += "&serial=" + http::percent_encode(a.serial);
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto page = control->get(path);
  if (!page) return out.error(page.error());
  if (out.json) return out.value(*page);
  const auto list = page->value("marks", nlohmann::json::array());
  if (list.empty()) {
    out.line("no marks");
    return Exit::kDone;
  }
  show_rows(list,
            {"n", "gtin", "lot", "kind", "serial", "count", "time", "signer_name", "report_state",
             "block"},
            out);
  if (number_of(*page, "next") != 0)
    out.line("there are more: --after " + text_of(*page, "next"), Paint::kDim);
  return Exit::kDone;
}

}  // namespace lotmark::cli
