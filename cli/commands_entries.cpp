// Subcommands that put something on the chain by way of a node, and ask what follows from it.
#include "cli/entries.h"
#include "cli/mark.h"
#include "cli/node_commands.h"
#include "cli/report.h"
#include "cli/tainted.h"
#include "cli/usage.h"

namespace lotmark::cli {

namespace {

void add_revoke(CLI::App& app, Session& session, const Choice& choice) {
  auto* revoke = app.add_subcommand("revoke", "say that a key counts no more, from a block on");
  revoke->footer(
      examples({"lotmark revoke 5e1c...  --reason lost",
                "lotmark revoke 5e1c... --from 4180 --text 'gateway stolen in May'",
                "lotmark revoke 5e1c... --self"}) +
      "\n\nSigned by the node's member: a supervising one, or who enrolled the key. A second one "
      "with an earlier --from\nsays since when the key is suspected; lotmark tainted lists what "
      "rests on it.");
  auto a = bind(revoke, session, choice, run_revoke);
  revoke->add_option("kid", a->kid, "the key's kid, 32 hex digits")->required();
  revoke->add_option("--from", a->from, "block from which it counts no more; default: the next");
  revoke->add_option("--reason", a->reason, "lost, compromised (default) or retired");
  revoke->add_option("--text", a->text, "in words, for everybody to read");
  revoke->add_flag("--self", a->self, "your own key revokes itself");
  auto* list = app.add_subcommand("revocations", "keys that are revoked");
  list->footer(examples({"lotmark revocations", "lotmark revocations --json"}));
  bind(list, session, choice, run_revocations);
}

void add_recall(CLI::App& app, Session& session, const Choice& choice) {
  auto* recall = app.add_subcommand("recall", "recalls of a lot or a product: open, close, list");
  recall->require_subcommand(1);
  recall->footer(examples({"lotmark recall list", "lotmark recall open --help"}));
  const auto add = [&](const char* name, const char* what, const char* example,
                       Exit (*run)(const RecallArguments&, Output&)) {
    auto* command = recall->add_subcommand(name, what);
    command->footer(examples({example}) + "\n\nBy way of a supervisory member's node.");
    auto a = bind(command, session, choice, run);
    command->add_option("gtin", a->gtin, "GTIN")->required();
    command->add_option("lot", a->lot, "lot number; default: every lot of the product");
    command->add_option("--reason", a->reason, "in words, for everybody to read")->required();
  };
  add("open", "recall a lot, or every lot of a product",
      "lotmark recall open 09506000134352 A-2026 --reason 'glass in vials'", run_recall_open);
  add("close", "lift a recall",
      "lotmark recall close 09506000134352 A-2026 --reason 'vials of A-2025 only'",
      run_recall_close);
  auto* list = recall->add_subcommand("list", "recalls that stand open");
  list->footer(examples({"lotmark recall list", "lotmark recall list --json --field 0.reason"}));
  bind(list, session, choice, run_recall_list);
}

void add_enrol(CLI::App& app, Session& session, const Choice& choice) {
  auto* enrol = app.add_subcommand("enrol", "a new key: of a device, a start device, an operator");
  enrol->require_subcommand(1);
  enrol->footer(examples({"lotmark enrol device --help"}));
  const auto add = [&](const char* name, const char* what, const char* example,
                       Exit (*run)(const EnrolArguments&, Output&)) {
    auto* command = enrol->add_subcommand(name, what);
    command->footer(examples({example}) +
                    "\n\nIt counts from the next period block on. lotmark ca issue makes its "
                    "certificate.");
    auto a = bind(command, session, choice, run);
    command->add_option("name", a->name, "its name: [a-z0-9-], at most 32")->required();
    command->add_option("--public-key", a->public_key, "P-256 point: 04 and 128 hex digits")
        ->required();
    command->add_option("--organisation", a->organisation, "whose it is; default: the node's");
    command->add_option("--site", a->site, "where it stands");
    command->add_option("--replaces", a->predecessor, "kid of the key that has the name until now");
    return std::pair(command, a);
  };
  auto [device, a] =
      add("device", "a measuring device",
          "lotmark enrol device fridge-9 --public-key 04... --channel t:Cel:-2", run_enrol_device);
  device->add_option("--channel", a->channels, "name:unit:exp, once for each")->required();
  device->add_option("--calibration", a->calibration,
                     "of a channel: channel=certificate,YYYYMMDD,offset,accuracy");
  add("start", "a start-signal device; also by way of a review node, for an enterprise",
      "lotmark enrol start filler-2 --public-key 04... --organisation hualin", run_enrol_start);
  add("operator", "a person's key", "lotmark enrol operator mei --public-key 04...",
      run_enrol_operator);
}

void add_report(CLI::App& app, Session& session, const Choice& choice) {
  auto* report = app.add_subcommand("report", "complaints of another's conduct: send, list, rule");
  report->require_subcommand(1);
  report->footer(examples({"lotmark report list", "lotmark report send --help"}));
  auto* send = report->add_subcommand("send", "complain, on the chain, of whose key did what");
  send->footer(examples({"lotmark report send --subject 5e1c... --kind forgery \\\n"
                         "    --text 'the same readings in two lots' --evidence fork.cbor"}) +
               "\n\nYour own key signs. An evidence file is named by its hash: hand it out too.");
  auto s = bind(send, session, choice, run_report_send);
  send->add_option("--subject", s->subject, "kid of whose conduct it is")->required();
  send->add_option("--text", s->text, "in words, for everybody to read")->required();
  send->add_option("--kind", s->kind,
                   "dishonesty, forgery, negligence, product or other (default)");
  send->add_option("--about", s->about, "id of an object it is about; up to 16");
  send->add_option("--evidence", s->evidence, "a file that lotmark evidence verify proves");
  send->add_flag("--as-member", s->as_member, "the node's key signs");
  auto* list = report->add_subcommand("list", "complaints, and how they were settled");
  list->footer(examples({"lotmark report list", "lotmark report list --json"}));
  bind(list, session, choice, run_report_list);
  auto* rule = report->add_subcommand("rule", "a supervisory member's word on a complaint");
  rule->footer(
      examples({"lotmark report rule 81ab --outcome upheld --penalty warning --penalty points \\\n"
                "    --points 30 --reward 10 --text 'the file proves it'",
                "lotmark report rule 81ab --outcome dismissed --text 'not shown'"}) +
      "\n\nIt is settled when a quorum of members ruled alike.");
  auto r = bind(rule, session, choice, run_report_rule);
  rule->add_option("complaint", r->complaint, "its id, or the id's first digits")->required();
  rule->add_option("--outcome", r->outcome, "upheld, dismissed or false")->required();
  rule->add_option("--penalty", r->penalties,
                   "warning, points, suspension, revocation, recall or removal; of a false "
                   "complaint on who made it");
  rule->add_option("--points", r->points, "points taken")->check(CLI::Range(0, 1000000));
  rule->add_option("--reward", r->reward, "points given to who complained")
      ->check(CLI::Range(0, 1000000));
  rule->add_option("--text", r->text, "why, for everybody to read")->required();
}

void add_usage(CLI::App& app, Session& session, const Choice& choice) {
  auto* usage = app.add_subcommand("usage", "what became of a lot's units: report, show");
  usage->require_subcommand(1);
  usage->footer(
      examples({"lotmark usage show 09506000134352 A-2026", "lotmark usage report --help"}));
  auto* report = usage->add_subcommand("report", "say, on the chain, how many units were used");
  report->footer(
      examples({"lotmark usage report --gtin 09506000134352 --lot A-2026 --kind used \\\n"
                "    --serials given-today.txt",
                "lotmark usage report --gtin 09506000134352 --lot A-2026 --kind destroyed "
                "--count 40"}) +
      "\n\nThe node's member signs, which has the role agency. It shortens no lot's retention.");
  auto r = bind(report, session, choice, run_usage_report);
  report->add_option("--gtin", r->gtin, "GTIN")->required();
  report->add_option("--lot", r->lot, "lot number")->required();
  report->add_option("--kind", r->kind, "used, sold or destroyed")->required();
  report->add_option("--serials", r->serials, "a file of serials, one a line, at most 1,000");
  report->add_option("--count", r->count, "units; default: as many as there are serials")
      ->check(CLI::Range(1, 1000000000));
  auto* show = usage->add_subcommand("show", "sums, serials that came again, and each report");
  show->footer(examples({"lotmark usage show 09506000134352 A-2026",
                         "lotmark usage show 09506000134352 A-2026 --field units.used"}));
  auto s = bind(show, session, choice, run_usage_show);
  show->add_option("gtin", s->gtin, "GTIN")->required();
  show->add_option("lot", s->lot, "lot number")->required();
}

void add_mark(CLI::App& app, Session& session, const Choice& choice) {
  auto* mark = app.add_subcommand("mark", "a shop's word on units: used, sold or destroyed");
  mark->footer(
      examples(
          {"lotmark mark --gtin 09506000134352 --lot A-2026 --kind sold --serial S-17 \\\n"
           "    --key pharmacy.pem",
           "lotmark mark --gtin 09506000134352 --lot A-2026 --kind used --count 40 --out day.marks",
           "lotmark mark --from day.marks"}) +
      "\n\nSigned by an operator whom the agency enrolled; brought to the agency's node, which "
      "counts "
      "it in its own report.\nA unit that has a serial may be marked again: it is the same fact. "
      "Of "
      "units without, keep the file and bring that again.");
  auto a = bind(mark, session, choice, run_mark);
  mark->add_option("--gtin", a->gtin, "GTIN");
  mark->add_option("--lot", a->lot, "lot number");
  mark->add_option("--kind", a->kind, "used, sold or destroyed");
  mark->add_option("--serial", a->serial, "of a unit; more than one may be given");
  mark->add_option("--serials", a->serials, "a file of serials, one a line, at most 100,000");
  mark->add_option("--count", a->count, "units without serials")->check(CLI::Range(1, 1000000000));
  mark->add_option("--time", a->time, "when; default: now");
  mark->add_option("--out", a->out,
                   "sign only, asking no node: a file that --from, or the API, brings");
  mark->add_option("--from", a->from, "bring the marks of such a file");
  auto* list = app.add_subcommand("marks", "marks that this agency's node keeps");
  list->footer(examples({"lotmark marks", "lotmark marks 09506000134352 A-2026 --serial S-17"}));
  auto l = bind(list, session, choice, run_marks);
  list->add_option("gtin", l->gtin, "GTIN; with a lot number");
  list->add_option("lot", l->lot, "lot number");
  list->add_option("--serial", l->serial, "of one unit of that lot");
  list->add_option("--after", l->after, "those behind this number");
}

}  // namespace

void add_chain_entries(CLI::App& app, Session& session, const Choice& choice) {
  add_revoke(app, session, choice);
  add_recall(app, session, choice);
  add_enrol(app, session, choice);
  add_report(app, session, choice);
  add_usage(app, session, choice);
  add_mark(app, session, choice);
  auto* tainted = app.add_subcommand("tainted", "lots that rest on a key from a block or time on");
  tainted->footer(
      examples({"lotmark tainted --key 5e1c... --since 4180",
                "lotmark tainted --key 5e1c... --since 2026-05-04T00:00Z --json"}) +
      "\n\nExit: 1 where there are any. Here --key is the key asked about; the operator's own "
      "stands in the profile,\nor before the subcommand.");
  auto t = bind(tainted, session, choice, run_tainted);
  tainted->add_option("--key", t->kid, "the key's kid, 32 hex digits")->required();
  tainted->add_option("--since", t->since, "a block's number, or a time")->required();
  auto* submissions = app.add_subcommand("submissions", "what became of what a node was given");
  submissions->footer(examples({"lotmark submissions", "lotmark submissions --json"}));
  bind(submissions, session, choice, run_submissions);
}

}  // namespace lotmark::cli
