// Subcommands that speak to a node's control endpoint.
#include "cli/accesses.h"
#include "cli/archive.h"
#include "cli/batch.h"
#include "cli/chain.h"
#include "cli/chain_check.h"
#include "cli/device.h"
#include "cli/evidence.h"
#include "cli/node_commands.h"
#include "cli/review.h"
#include "cli/serials.h"
#include "cli/supervise.h"

namespace lotmark::cli {

namespace {

Choice add_profile(CLI::App& app) {
  auto choice = std::make_shared<ProfileChoice>();
  app.add_option("--profile", choice->file,
                 "profile file; default: LOTMARK_PROFILE, else lotmark.toml here");
  app.add_option("--control", choice->control,
                 "the node's control endpoint: http://127.0.0.1:PORT");
  app.add_option("--node-kid", choice->node_kid, "the node's kid, 32 hex digits");
  app.add_option("--key", choice->key, "the operator's record key, PEM");
  app.add_option("--anchor", choice->anchor, "the consortium's anchor file");
  return choice;
}

void add_batch_start(CLI::App& batch, Session& session, const Choice& choice) {
  auto* start = batch.add_subcommand("start", "open a lot on a machine's start signal");
  start->footer(
      examples({"lotmark batch start --programme vaccine --line line-1 --gtin 09506000134352 \\\n"
                "    --lot A-2026 --reviewer institute-a --device filler-1"}));
  auto a = bind(start, session, choice, run_batch_start);
  start->add_option("--programme", a->programme, "programme's id")->required();
  start->add_option("--line", a->line, "line's name or hash")->required();
  start->add_option("--gtin", a->gtin, "GTIN")->required();
  start->add_option("--lot", a->lot, "lot number")->required();
  start->add_option("--reviewer", a->reviewers, "organisation that reviews; the first decides")
      ->required();
  start->add_option("--start", a->start, "start signal's id; default: the latest");
  start->add_option("--device", a->device, "whose latest start signal");
}

void add_batch_step(CLI::App& batch, Session& session, const Choice& choice) {
  auto* step = batch.add_subcommand("step", "record a step; your key signs it here");
  step->footer(examples(
      {"lotmark batch step A-2026 cold-storage --start 2026-01-05T00:00Z --end 2026-01-06T00:00Z",
       "lotmark batch step A-2026 cold-storage --start ... --end ... --dry-run",
       "lotmark batch step A-2026 labelling --note 'operator=Mei' --public-note 'pack=10 vials'"}));
  auto a = bind(step, session, choice, run_batch_step);
  step->add_option("lot", a->lot, "lot number")->required();
  step->add_option("step", a->step, "label of the line's step")->required();
  step->add_option("--start", a->start, "when it began: 2026-01-05T08:00Z; needed with devices");
  step->add_option("--end", a->end, "when it ended");
  step->add_option("--note", a->notes,
                   "name=text, for reviewers and regulators; a step without devices needs a note "
                   "of either kind");
  step->add_option("--partner-note", a->partner_notes,
                   "name=text, for partners, reviewers and regulators");
  step->add_option("--public-note", a->public_notes, "name=text, shown to everybody");
  step->add_flag("--dry-run", a->dry_run, "show what a reviewer would find; nothing is signed");
  step->add_flag("--yes", a->yes, "sign without a question, whatever a reviewer will find");
}

void add_batch_serials(CLI::App& batch, Session& session, const Choice& choice) {
  auto* serials = batch.add_subcommand(
      "serials", "send the serials of a lot's units; its application names their root");
  serials->footer(
      examples({"lotmark batch serials A-2026 serials.txt",
                "lotmark batch serials A-2026 units.csv --column serial",
                "lotmark batch serials A-2026", "lotmark batch serials A-2026 --withdraw",
                "lotmark batch serials A-2026 --none"}) +
      "\n\nOne serial a line, 1 to 10,000,000. Killed at any point it goes on when it is called "
      "again with the same file. Without\na file it says how far the node is. Until the "
      "application is made they can be withdrawn, and others sent; the application waits until "
      "that is done, or until --none.");
  auto a = bind(serials, session, choice, run_batch_serials);
  serials->add_option("lot", a->lot, "lot number")->required();
  serials->add_option("file", a->file.file, "serials, one a line, or CSV with --column");
  serials->add_option(
      "--column", a->file.column,
      "column of CSV: its name in the first line, or its number where none is named");
  serials->add_option("--gtin", a->gtin, "where two products have a lot of that name");
  auto* withdraw = serials->add_flag("--withdraw", a->withdraw,
                                     "take the lot's serials away again, to send others");
  serials->add_flag("--none", a->none, "take them away, if there are any: the lot has none")
      ->excludes(withdraw);
}

void add_batch(CLI::App& app, Session& session, const Choice& choice) {
  auto* batch =
      app.add_subcommand("batch", "lots of an enterprise: start, step, serials, apply, list");
  batch->require_subcommand(1);
  batch->footer(examples({"lotmark batch list", "lotmark batch step --help"}));
  add_batch_start(*batch, session, choice);
  add_batch_step(*batch, session, choice);
  add_batch_serials(*batch, session, choice);
  auto* apply = batch->add_subcommand("apply", "ask for the release of a lot");
  apply->footer(examples({"lotmark batch apply A-2026 --product 'Vaccine H' --expires 20281231"}));
  auto a = bind(apply, session, choice, run_batch_apply);
  apply->add_option("lot", a->lot, "lot number")->required();
  apply->add_option("--product", a->product, "name people know it by")->required();
  apply->add_option("--expires", a->expires, "YYYYMMDD")->required();
  auto* list = batch->add_subcommand("list", "lots and how far they are");
  list->footer(examples({"lotmark batch list", "lotmark batch list --lot A-2026 --json"}));
  auto l = bind(list, session, choice, run_batch_list);
  list->add_option("--lot", l->lot, "this lot alone");
  list->add_option("--gtin", l->gtin, "lots of this product alone");
}

void add_review(CLI::App& app, Session& session, const Choice& choice) {
  auto* review = app.add_subcommand("review", "lots under review: list, show, approve, reject");
  review->require_subcommand(1);
  review->footer(examples({"lotmark review list", "lotmark review show A-2026"}));
  auto* list = review->add_subcommand("list", "reviews, newest first");
  list->footer(examples({"lotmark review list"}));
  bind(list, session, choice, run_review_list);

  auto* second = review->add_subcommand(
      "second", "lots drawn for a second review by this node, and what it found");
  second->footer(examples({"lotmark review second", "lotmark review second --json"}));
  bind(second, session, choice, run_review_second);
  auto* show =
      review->add_subcommand("show", "findings of a lot, each reading's path checked here");
  show->footer(examples({"lotmark review show A-2026",
                         "lotmark review show A-2026 --json --field findings.0.path"}) +
               "\n\nExit: 3 if a reading's path does not hold.");
  auto s = bind(show, session, choice, run_review_show);
  auto* approve = review->add_subcommand("approve", "release a lot");
  approve->footer(examples({"lotmark review approve A-2026 --if-clean",
                            "lotmark review approve A-2026 --number 2026-117"}));
  auto a = bind(approve, session, choice, run_review_approve);
  approve->add_flag("--if-clean", a->if_clean, "only if nothing but harmless remarks was found");
  approve->add_option("--number", a->number, "lot release number; default: the node makes one");
  approve->add_option("--reason", a->reason, "why it replaces an earlier release");
  auto* reject = review->add_subcommand("reject", "refuse a lot");
  reject->footer(examples({"lotmark review reject A-2026 --reason 'seal of vial 7 broken'"}));
  auto r = bind(reject, session, choice, run_review_reject);
  reject->add_option("--reason", r->reason, "kept with the review")->required();
  for (auto& [command, arguments] :
       {std::pair{show, s}, std::pair{approve, a}, std::pair{reject, r}}) {
    command->add_option("lot", arguments->lot, "lot number")->required();
    command->add_option("--gtin", arguments->gtin, "where two products have a lot of that name");
  }
}

void add_chain(CLI::App& app, Session& session, const Choice& choice) {
  auto* chain = app.add_subcommand("chain", "the public chain as a node holds it");
  chain->require_subcommand(1);
  chain->footer(examples({"lotmark chain show --from 100", "lotmark chain check"}));
  auto* show = chain->add_subcommand("show", "blocks, one a line");
  show->footer(examples({"lotmark chain show", "lotmark chain show --from 100 --limit 20"}));
  auto a = bind(show, session, choice, run_chain_show);
  show->add_option("--from", a->from, "first block");
  show->add_option("--limit", a->limit, "at most so many")->check(CLI::Range(1, 500));

  auto* cut = chain->add_subcommand("cut", "what is cut, what may be next, and what holds it up");
  cut->footer(examples({"lotmark chain cut", "lotmark chain cut --json --field next.held_up.lot"}));
  bind(cut, session, choice, run_chain_cut);

  auto* check = chain->add_subcommand(
      "check", "look at every row of a node's chain.db, or of a file, and name what does not hold");
  check->footer(examples({"lotmark chain check", "lotmark chain check --json --field faults.0",
                          "lotmark chain check --chain data/chain.db --anchor anchor.cbor"}) +
                "\n\nA node mends what it can, from other nodes where it must; a file is only read."
                "\nExit: 3 if something does not hold and is not mended.");
  auto k = bind(check, session, choice, run_chain_check);
  check->add_option("--chain", k->chain, "a chain.db, read only; without it the node is asked");
  check->add_option("--anchor", k->anchor, "the consortium's anchor file, for a file");

  auto* status = app.add_subcommand(
      "status", "a node's roles, chain and alarms; of several nodes at a glance");
  status->footer(
      examples({"lotmark status", "lotmark status --json --field final_size",
                "lotmark status */lotmark.toml"}) +
      "\n\nExit: 1 while an alarm holds: the chain stands, finality lags, the quorum is lost.");
  auto st = bind(status, session, choice, run_status);
  status->add_option("profiles", st->profiles, "profiles of several nodes: one a row, at a glance");

  auto* receipt = app.add_subcommand("receipt", "fetch a lot's receipt");
  receipt->footer(examples({"lotmark receipt 09506000134352 A-2026 --out A-2026.receipt"}));
  auto r = bind(receipt, session, choice, run_receipt);
  receipt->add_option("gtin", r->gtin, "GTIN")->required();
  receipt->add_option("lot", r->lot, "lot number")->required();
  receipt->add_option("--out", r->out, "file to write; replaced if there")->required();
}

void add_supervise_cut(CLI::App& supervise, Session& session, const Choice& choice) {
  auto* cut = supervise.add_subcommand("cut", "propose a cut now; the profile names the primary");
  cut->footer(examples({"lotmark supervise cut --dry-run", "lotmark supervise cut --wait 120"}) +
              "\n\nExit: 1 if no quorum of supervisory nodes flagged it in time.");
  auto k = bind(cut, session, choice, run_supervise_cut);
  cut->add_flag("--dry-run", k->dry_run, "only say what may be cut and what holds it up");
  cut->add_option("--wait", k->wait_s, "seconds to wait until it is on the chain; 0: not at all")
      ->check(CLI::Range(0, 3600));
}

void add_supervise(CLI::App& app, Session& session, const Choice& choice) {
  auto* supervise = app.add_subcommand("supervise", "what supervisory members do: delegate, cut");
  supervise->require_subcommand(1);
  supervise->footer(examples({"lotmark supervise delegate --help"}));
  auto* delegate = supervise->add_subcommand(
      "delegate", "make the node this profile names the primary; your key signs it");
  delegate->footer(
      examples({"lotmark supervise delegate --profile agency-2/lotmark.toml",
                "lotmark supervise delegate --term 7 --wait 0"}) +
      "\n\nFor ordering = \"local\": with JetStream the engine's lease moves the role.");
  auto a = bind(delegate, session, choice, run_supervise_delegate);
  delegate->add_option("--term", a->term, "the term it is to open; default: the next one");
  delegate->add_option("--wait", a->wait_s, "seconds to wait until it is primary; 0: not at all")
      ->check(CLI::Range(0, 3600));
  add_supervise_cut(*supervise, session, choice);
}

void add_device(CLI::App& app, Session& session, const Choice& choice) {
  auto* device = app.add_subcommand("device", "gateways of the own organisation");
  device->require_subcommand(1);
  device->footer(examples({"lotmark device command line-1 seal-now"}));
  auto* command = device->add_subcommand("command", "ask a gateway for something; the node signs");
  command->footer(examples({"lotmark device command line-1 seal-now",
                            "lotmark device command line-1 resend --from 4711",
                            "lotmark device command line-1 reload --valid 1h"}) +
                  "\n\nseal-now: bundles of what live sources said so far; resend: all that is not "
                  "acked, again; "
                  "check, diag: the\ngateway's own checks, or a bundle for support in its "
                  "state_dir; reload: its "
                  "configuration, read anew. A gateway\nthat is not connected does not get it: ask "
                  "again. What it "
                  "did is in its log and metrics.");
  auto a = bind(command, session, choice, run_device_command);
  command->add_option("device", a->device, "its name, or its kid")->required();
  command->add_option("command", a->command, "seal-now, resend, check, diag or reload")
      ->required()
      ->check(CLI::IsMember({"seal-now", "resend", "check", "diag", "reload"}));
  command->add_option("--from", a->from, "first number to send again; default: all that is kept")
      ->check(CLI::PositiveNumber);
  const std::map<std::string, std::uint64_t> units = {{"s", 1}, {"m", 60}, {"h", 3600}};
  command->add_option("--valid", a->valid_s, "until it expires: seconds, or 10m, 24h at most")
      ->transform(CLI::AsNumberWithUnit(units))
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
}

void add_accesses(CLI::App& app, Session& session, const Choice& choice) {
  auto* accesses = app.add_subcommand("accesses", "who asked for an enterprise's private data");
  accesses->footer(
      examples({"lotmark accesses", "lotmark accesses --caller certificate:erp --after 4711",
                "lotmark accesses --refused --json --field accesses.0.why",
                "lotmark accesses --private members/hualin-node/data/private.db"}) +
      "\n\nFrom the access log of the profile's node, oldest first, or of a private.db: a running "
      "node's, a standby's,\na backup's. What is read here is not logged. `record`: the first "
      "digits of the period record it stands in.");
  auto a = bind(accesses, session, choice, run_accesses);
  accesses->add_option("--after", a->after, "entries behind that number; default: from the first");
  accesses->add_option("--limit", a->limit, "at most so many")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  accesses->add_option("--caller", a->caller, "part of who called, as the column shows it");
  accesses->add_flag("--refused", a->refused, "answered with 400 and above alone");
  accesses->add_option("--private", a->private_db, "a private.db, read only; no node is asked");
}

// Beside `archive verify` and `restore`, which ask no node.
void add_archive(CLI::App& app, Session& session, const Choice& choice) {
  auto* archive = app.get_subcommand("archive");
  auto* list = archive->add_subcommand("list", "cuts of the chain, and which files a node holds");
  list->footer(examples({"lotmark archive list", "lotmark archive list --field archives.0.held"}));
  bind(list, session, choice, run_archive_list);
  auto* out = archive->add_subcommand("export", "take a file that a node holds");
  out->footer(
      examples({"lotmark archive export 1-4096", "lotmark archive export 1-4096 --out usb"}));
  auto a = bind(out, session, choice, run_archive_export);
  out->add_option("range", a->range, "FIRST-LAST, as list shows it")->required();
  out->add_option("--out", a->dir, "folder to put it in; default: here");
}

// Beside `evidence verify`, which asks nobody.
void add_evidence(CLI::App& app, Session& session, const Choice& choice) {
  auto* evidence = app.get_subcommand("evidence");
  auto* list = evidence->add_subcommand("list", "files that a node keeps, and against whom");
  list->footer(examples({"lotmark evidence list", "lotmark evidence list --json --field 0.file"}));
  bind(list, session, choice, run_evidence_list);
  auto* fetch = evidence->add_subcommand("fetch", "take one of a node's files");
  fetch->footer(examples({"lotmark evidence fetch 1", "lotmark evidence fetch 1 --out fork.cbor"}));
  auto a = bind(fetch, session, choice, run_evidence_fetch);
  fetch->add_option("n", a->n, "its number in the list")->required()->check(CLI::Range(1, 1000));
  fetch->add_option("--out", a->out, "file to make; default: the node's name for it, here");
}

}  // namespace

void add_node_commands(CLI::App& app, Session& session) {
  const Choice choice = add_profile(app);
  add_batch(app, session, choice);
  add_rewrap(app, session, choice);
  add_review(app, session, choice);
  add_chain(app, session, choice);
  add_supervise(app, session, choice);
  add_evidence(app, session, choice);
  add_member_commands(app, session, choice);
  add_chain_entries(app, session, choice);
  add_archive(app, session, choice);
  add_device(app, session, choice);
  add_accesses(app, session, choice);
}

}  // namespace lotmark::cli
