// `lotmark rewrap` and its options.
#include "cli/node_commands.h"
#include "cli/rewrap.h"

namespace lotmark::cli {

void add_rewrap(CLI::App& app, Session& session, const Choice& choice) {
  auto* rewrap =
      app.add_subcommand("rewrap", "open sealed segments to a reader who comes later, or end that");
  rewrap->footer(
      examples({"lotmark rewrap --reader regulator.key.pub --lot A-2026 --until 2028-12-31",
                "lotmark rewrap --reader partner.key.pub --all --audience partner",
                "lotmark rewrap --reader partner.key.pub --all --end", "lotmark rewrap --list"}) +
      "\n\nThe node admits its own key and the operators in its [sealing] rewrappers."
      "\nWho has a key keeps it, and its end, unless --until names another."
      "\n--end stops giving the keys out; who had one before may have kept it."
      "\nExit: 1 where a segment did not open at the node, or a standby does not hold the last of "
      "it yet.");
  auto a = bind(rewrap, session, choice, run_rewrap);
  rewrap->add_option("--reader", a->reader, "the reader's public key: a file, or 130 hex digits");
  rewrap->add_option("--lot", a->lot, "that lot's segments");
  rewrap->add_option("--gtin", a->gtin, "where two products have a lot of that name");
  rewrap->add_flag("--all", a->all, "segments of every lot");
  rewrap->add_option("--audience", a->audience, "partner or regulator; default: both")
      ->check(CLI::IsMember({"partner", "regulator"}));
  rewrap->add_option("--until", a->until,
                     "time from which the keys are given out no more; of a day, its end (UTC)");
  rewrap->add_flag("--end", a->end, "take the reader away");
  rewrap->add_flag("--list", a->list, "for whom segments are wrapped, by reader");
}

}  // namespace lotmark::cli
