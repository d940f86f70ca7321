// Subcommands that copy a node's folder and bring it back.
#include "cli/backup.h"
#include "cli/commands.h"

namespace lotmark::cli {

namespace {

void add_backup(CLI::App& app, Session& session) {
  auto* backup = app.add_subcommand("backup", "copy a node's databases, while it runs or not");
  backup->footer(
      examples({"lotmark backup /var/lib/lotmark --out /backup/hualin-2026-01-05"}) +
      "\n\nThe folder appears whole, 0600, with manifest.json; an interrupted attempt leaves "
      "OUT.part, which the\nnext one replaces.");
  auto b = bind(backup, session, run_backup);
  backup->add_option("data_dir", b->data_dir, "the node's data folder")->required();
  backup->add_option("--out", b->out, "folder to make; must not exist")->required();
}

void add_restore(CLI::App& app, Session& session) {
  auto* restore =
      app.add_subcommand("restore", "bring a node's folder, or single rows of it, back");
  restore->footer(
      examples(
          {"lotmark restore /backup/hualin-2026-01-05 --into /var/lib/lotmark --anchor anchor.cbor",
           "lotmark restore /backup/standby --into /var/lib/lotmark --anchor anchor.cbor --rows"}) +
      "\n\nExit: 0 done and every row holds, 3 the backup does not hold or rows are still missing: "
      "each is "
      "named.");
  auto r = bind(restore, session, run_restore);
  restore
      ->add_option("backup", r->backup, "folder made by lotmark backup, of the node or its standby")
      ->required();
  restore
      ->add_option("--into", r->into, "data folder: missing or empty; with --rows a stopped node's")
      ->required();
  restore->add_option("--anchor", r->anchor, "the consortium's anchor file")->required();
  restore->add_flag("--rows", r->rows, "only private rows that are missing or damaged");
}

void add_standby(CLI::App& app, Session& session) {
  auto* standby = app.add_subcommand("standby", "an enterprise's second copy");
  standby->require_subcommand(1);
  standby->footer(
      examples({"lotmark standby promote /var/lib/lotmark-standby --anchor anchor.cbor"}));
  auto* promote =
      standby->add_subcommand("promote", "make a stopped standby's folder the enterprise's own");
  promote->footer(
      examples({"lotmark standby promote /var/lib/lotmark-standby --anchor anchor.cbor"}) +
      "\n\nThe node it copied must be stopped for good. Then start a node on the folder with the "
      "enterprise's own key.");
  auto p = bind(promote, session, run_standby_promote);
  promote->add_option("data_dir", p->data_dir, "the standby's data folder")->required();
  promote->add_option("--anchor", p->anchor, "the consortium's anchor file")->required();
}

}  // namespace

void add_backup_commands(CLI::App& app, Session& session) {
  add_backup(app, session);
  add_restore(app, session);
  add_standby(app, session);
}

}  // namespace lotmark::cli
