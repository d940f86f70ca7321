#include "cli/cut_shown.h"

#include "cli/node/control.h"

namespace lotmark::cli {

void show_plan(const nlohmann::json& plan, Output& out) {
  const std::uint64_t blocks = number_of(plan, "blocks");
  const std::string first = std::to_string(number_of(plan, "first"));
  const bool held = plan.contains("held_up") && plan["held_up"].is_object();
  if (blocks == 0)
    out.line("nothing may be cut from block " + first + " on" +
             (held ? "" : " yet: a lot that is under way may still need what is there"));
  else
    out.line("may be cut: blocks " + first + " to " + std::to_string(number_of(plan, "last")) +
             ", " + std::to_string(blocks));
  if (!held) return;
  const auto& h = plan["held_up"];
  const std::string until = text_of(h, "until");
  out.line("held up by lot " + text_of(h, "lot") + " of " + text_of(h, "gtin") + ", block " +
           std::to_string(number_of(h, "block")) + ", expires " + text_of(h, "expires") + ": " +
           (text_of(h, "why") == "recall-open" ? "a recall is open"
            : until.empty()                    ? "kept for ever"
                                               : "kept until " + until));
}

}  // namespace lotmark::cli
