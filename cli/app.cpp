#include "cli/app.h"

#include "cli/commands.h"

namespace lotmark::cli {

namespace {

constexpr const char* kFooter =
    "Examples:\n"
    "  lotmark verify lot.receipt --anchor anchor.cbor\n"
    "  lotmark ca init consortium.toml --out consortium\n"
    "  lotmark --profile operators/mei/lotmark.toml batch list\n"
    "  lotmark review show A-2026 --json --field findings.0.path\n"
    "\n"
    "A profile (lotmark.toml) says which node to speak to and with which key: --profile, else\n"
    "LOTMARK_PROFILE, else lotmark.toml here.\n"
    "\n"
    "Exit: 0 done, 1 failed, 2 usage or configuration, 3 data corrupt or tampered with.";

}  // namespace

std::string examples(std::initializer_list<const char*> lines) {
  std::string text = "Examples:";
  for (const char* line : lines) text += std::string("\n  ") + line;
  return text;
}

int run(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err,
        Screen screen) {
  Output output(out, err, screen);
  Session session{output};
  CLI::App app{"lotmark: found a consortium, make lots, review them, check receipts", "lotmark"};
  app.footer(kFooter);
  app.set_version_flag("--version", "lotmark " LOTMARK_VERSION);
  app.require_subcommand(1);
  app.fallthrough();  // --json may stand behind the subcommand
  app.add_flag("--json", output.json, "one JSON value for programs, in place of tables");
  auto* field =
      app.add_option("--field", output.field, "that value of the JSON alone: claims.0.min");
  app.add_flag_callback(
      "--no-color", [&] { output.no_colour(); }, "no colour; NO_COLOR does the same");
  app.parse_complete_callback([&] { output.json = output.json || field->count() > 0; });
  add_file_commands(app, session);
  add_backup_commands(app, session);
  add_node_commands(app, session);
  add_token_commands(app, session);
  add_sealed_commands(app, session);
  add_nginx_command(app, session);
  add_completion(app, session);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::RequiredError& e) {
    // A word that is not known is why the one that is needed was not seen.
    const auto unknown = app.remaining(true);
    if (unknown.empty()) return app.exit(e, out, err), static_cast<int>(Exit::kUsage);
    return app.exit(CLI::ExtrasError(unknown), out, err), static_cast<int>(Exit::kUsage);
  } catch (const CLI::ParseError& e) {
    return app.exit(e, out, err) == 0 ? 0 : static_cast<int>(Exit::kUsage);
  }
  return static_cast<int>(session.exit);
}

}  // namespace lotmark::cli
