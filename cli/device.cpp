#include "cli/device.h"

#include <nlohmann/json.hpp>

#include "cli/node/control.h"

namespace lotmark::cli {

Exit run_device_command(const DeviceCommandArguments& a, Output& out) {
  const auto control = Control::open(a.profile);
  if (!control) return out.error(control.error());
  nlohmann::json body = {{"device", a.device}, {"command", a.command}, {"valid_s", a.valid_s}};
  if (a.from > 0) body["from"] = a.from;
  const auto sent = control->post("/control/v1/commands", body);
  if (!sent) return out.error(sent.error());
  if (out.json) return out.value(*sent);
  out.line(text_of(*sent, "command") + " is on its way to " + text_of(*sent, "device") +
           ", good until " + text_of(*sent, "expiry"));
  return Exit::kDone;
}

}  // namespace lotmark::cli
