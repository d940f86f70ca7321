#include "cli/serials.h"

#include <fmt/format.h>

#include "cli/node/control.h"
#include "cli/progress.h"
#include "core/base/hex.h"
#include "core/gs1/digital_link.h"
#include "ledger-node/chain/private/lot_serials.h"

namespace lotmark::cli {

namespace {

using chain::LotSerials;
using nlohmann::json;

class SerialSender {
 public:
  SerialSender(const BatchSerialsArguments& a, const Control& control)
      : a_(a), control_(control), progress_("serials") {}

  Result<json> standing() const { return control_.get(address("")); }

  Result<json> withdraw() {
    while (true) {
      LM_ASSIGN(json now, control_.post(address("/withdraw"), json::object()));
      const std::string state = text_of(now, "state");
      if (state == "none" || state == "withdrawn") return now;
    }
  }

  Result<json> declare_none() {
    LM_TRY(withdraw());
    return control_.post(address("/none"), json::object());
  }

  // They are announced before the file is read: the application waits from then on.
  Result<json> send() {
    LM_ASSIGN(const json before, control_.post(address("/announce"), json::object()));
    LM_ASSIGN(const std::uint64_t count, check_serial_file(a_.file));
    LM_TRY(send_pages(before, count));
    json now;
    do {
      LM_ASSIGN(now,
                control_.post(address("/seal"), {{"count", count}, {"through", to_hex(through_)}}));
      progress_("sealed", number_of(now, "placed"), count);
    } while (text_of(now, "state") != "sealed");
    return now;
  }

 private:
  std::string address(const std::string& rest) const {
    std::string path = "/control/v1/batches/" + http::percent_encode(a_.lot) + "/serials" + rest;
    if (!a_.gtin.empty()) path += "?gtin=" + gs1::pad_gtin(a_.gtin);
    return path;
  }

  // Pages that came before are not sent again; that they are of this file is checked.
  Status send_pages(const json& before, std::uint64_t count) {
    const std::uint64_t there = number_of(before, "pages");
    LM_ASSIGN(auto file, SerialFile::open(a_.file));
    std::uint64_t sent = 0;
    for (std::uint64_t page = 0; sent < count; ++page) {
      LM_ASSIGN(const auto serials, next_page(file));
      if (serials.empty()) break;
      sent += serials.size();
      through_ = chain::sent_through(through_, serials);
      if (page + 1 == there) LM_TRY(check_same(before));
      if (page >= there) {
        LM_TRY(control_.post(address(""), {{"page", page}, {"serials", serials}}));
      }
      progress_("sent", sent, count);
    }
    if (sent != count) return fail(Errc::kConflict, a_.file.file + " changed while it was sent");
    if (sent < number_of(before, "sent")) return check_same(before);
    return {};
  }

  Result<std::vector<std::string>> next_page(SerialFile& file) const {
    std::vector<std::string> out;
    while (out.size() < LotSerials::kSentMax) {
      LM_ASSIGN(auto serial, file.next());
      if (!serial) break;
      out.push_back(*std::move(serial));
    }
    return out;
  }

  Status check_same(const json& before) const {
    if (text_of(before, "through") == to_hex(through_)) return {};
    return fail(Errc::kConflict, "other serials of lot " + a_.lot +
                                     " were sent before: take them away by --withdraw");
  }

  const BatchSerialsArguments& a_;
  const Control& control_;
  Progress progress_;
  Digest through_;  // of the pages read so far
};

void show_standing(const std::string& lot, const json& now, Output& out) {
  const std::string state = text_of(now, "state");
  if (state == "none") return out.line("lot " + lot + " has no serials");
  if (state == "withdrawn")
    return out.line("lot " + lot + ": its serials are withdrawn: send others, or say --none",
                    Paint::kWarn);
  if (state == "sealed") {
    out.line(fmt::format("lot {}: {} serials, sealed", lot, number_of(now, "count")), Paint::kGood);
    return out.line("root " + text_of(now, "root"));
  }
  const std::string how_far =
      state == "sealing"
          ? fmt::format("{} of {} sealed", number_of(now, "placed"), number_of(now, "sent"))
          : fmt::format("{} sent", number_of(now, "sent"));
  out.line("lot " + lot + ": " + state + ", " + how_far, Paint::kWarn);
}

}  // namespace

Exit run_batch_serials(const BatchSerialsArguments& a, Output& out) {
  if ((a.withdraw || a.none) && !a.file.file.empty())
    return out.error(fail(Errc::kUsage, "--withdraw and --none go with no file"));
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  SerialSender sender(a, *control);
  const auto now = a.none                ? sender.declare_none()
                   : a.withdraw          ? sender.withdraw()
                   : a.file.file.empty() ? sender.standing()
                                         : sender.send();
  if (!now) return out.error(now.error());
  if (out.json) return out.value(*now);
  show_standing(a.lot, *now, out);
  return Exit::kDone;
}

}  // namespace lotmark::cli
