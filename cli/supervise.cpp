#include "cli/supervise.h"

#include <thread>

#include "cli/cut_shown.h"
#include "cli/node/control.h"
#include "core/base/clock.h"
#include "core/base/hex.h"
#include "core/wire/sign1.h"

namespace lotmark::cli {

namespace {

bool is_primary_of(const nlohmann::json& status, std::uint64_t term) {
  return number_of(status, "term") >= term && status.value("primary", false);
}

Result<nlohmann::json> wait_until_primary(const Control& control, std::uint64_t term,
                                          std::uint64_t seconds) {
  constexpr auto kLook = std::chrono::milliseconds(200);
  auto status = control.get("/control/v1/status");
  for (std::uint64_t i = 0; i < seconds * 5 && status && !is_primary_of(*status, term); ++i) {
    std::this_thread::sleep_for(kLook);
    status = control.get("/control/v1/status");
  }
  return status;
}

}  // namespace

Exit run_supervise_delegate(const DelegateArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto status = control->get("/control/v1/status");
  if (!status) return out.error(status.error());
  const auto to = fixed_from_hex<KeyId>(text_of(*status, "kid"));
  if (!to) return out.error(fail(Errc::kNetwork, "the node's status names no kid"));
  const std::uint64_t known =
      std::max(number_of(*status, "term"), number_of(*status, "bound_to_term"));
  Delegation d;
  d.term = a.term != 0 ? a.term : known + 1;
  d.to = *to;
  d.from = number_of(*status, "final_size");
  d.time = static_cast<std::uint64_t>(to_ms(SystemClock().now()));
  const auto object = seal(d, control->signer(), control->chain());
  if (!object) return out.error(object.error());
  const auto taken = control->send("POST", "/control/v1/delegations", object->bytes);
  if (!taken) return out.error(taken.error());
  const auto now = wait_until_primary(*control, d.term, a.wait_s);
  if (!now) return out.error(now.error());
  const bool done = is_primary_of(*now, d.term);
  if (out.json) out.value({{"term", d.term}, {"to", to_hex(d.to)}, {"primary", done}});
  const std::string name = text_of(*now, "name");
  if (done) {
    if (!out.json) out.line(name + " is primary of term " + std::to_string(d.term));
    return Exit::kDone;
  }
  if (a.wait_s == 0) {
    if (!out.json) out.line(name + " asks for term " + std::to_string(d.term));
    return Exit::kDone;
  }
  return out.error(fail(Errc::kNotReady,
                        name + " is not primary of term " + std::to_string(d.term) +
                            " yet: too few members answer it, or another one has that term; "
                            "`lotmark status` shows which, and asking again takes a higher term"));
}

Exit run_supervise_cut(const CutArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  const auto asked = control->post("/control/v1/cuts", {{"dry_run", a.dry_run}});
  if (!asked) return out.error(asked.error());
  const std::uint64_t first = number_of(*asked, "first");
  const bool begun = asked->value("begun", false);
  auto status = control->get("/control/v1/cut");
  const auto waits = [&] { return status && number_of(*status, "cut_end") <= first; };
  for (std::uint64_t i = 0; begun && i < a.wait_s * 5 && waits(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    status = control->get("/control/v1/cut");
  }
  if (!status) return out.error(status.error());
  const bool failed = begun && a.wait_s != 0 && waits();
  if (out.json) out.value({{"asked", *asked}, {"status", *status}});
  else show_plan(*asked, out);
  if (failed) {
    return out.error(fail(Errc::kNotReady,
                          "no quorum of flags yet; `lotmark chain cut` shows who refuses and why"));
  }
  if (!out.json && begun && !waits())
    out.line("cut: blocks " + std::to_string(first) + " to " +
             std::to_string(number_of(*status, "cut_end") - 1));
  return Exit::kDone;
}

}  // namespace lotmark::cli
