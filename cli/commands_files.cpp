// Subcommands that work on files alone.
#include "cli/archive.h"
#include "cli/audit.h"
#include "cli/ca/init.h"
#include "cli/ca/invite.h"
#include "cli/ca/issue.h"
#include "cli/commands.h"
#include "cli/event.h"
#include "cli/evidence.h"
#include "cli/item.h"
#include "cli/label/label.h"
#include "cli/page.h"
#include "cli/verify.h"

namespace lotmark::cli {

namespace {

void add_ca(CLI::App& app, Session& session) {
  auto* ca = app.add_subcommand("ca", "keys, certificates and the first block of a consortium");
  ca->require_subcommand(1);
  ca->footer(
      examples({"lotmark ca init consortium.toml --out consortium", "lotmark ca issue --help"}));
  auto* init = ca->add_subcommand("init", "make everything a consortium needs, in one new folder");
  init->footer(examples({"lotmark ca init consortium.toml --out consortium",
                         "lotmark ca init consortium.toml --out c --json --field chain"}) +
               "\n\nWith [[nats.servers]] in the description: configurations, certificates and "
               "permissions of nats-server too\n(docs/operate/ordering.md).");
  auto a = bind(init, session, run_ca_init);
  init->add_option("description", a->description, "consortium.toml (docs/operate/consortium.md)")
      ->required();
  init->add_option("--out", a->dir, "folder to make; must not exist")->required();

  auto* issue = ca->add_subcommand("issue", "a certificate for one more device, node or broker");
  issue->footer(
      examples({"lotmark ca issue --dir consortium --csr fridge-9.csr --name hualin/fridge-9 --out "
                "fridge-9.crt",
                "lotmark ca issue --dir consortium --kind node --csr n.csr --name hualin/n2 --host "
                "n2.example"}) +
      "\n\nThe request's CN is organisation/name, so that brokers know who speaks; the key never "
      "leaves its machine:\n"
      "  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout tls.key \\\n"
      "      -subj '/CN=hualin\\/fridge-9' -out fridge-9.csr");
  auto i = bind(issue, session, run_ca_issue);
  issue->add_option("--dir", i->dir, "the consortium's folder, made by ca init")->required();
  issue->add_option("--csr", i->csr, "certificate request, PEM");
  issue->add_option("--public-key", i->public_key, "P-256 point: 04 and 128 hex digits");
  issue->add_option("--kind", i->kind, "device, node or broker")
      ->check(CLI::IsMember({"device", "node", "broker"}));
  issue->add_option("--name", i->name, "organisation/name; default: the request's CN");
  issue->add_option("--host", i->hosts, "host name or address a node or broker is reached by");
  issue->add_option("--days", i->days, "how long it is good")->check(CLI::Range(1, 3653));
  issue->add_option("--out", i->out, "file to make; default: standard output");

  auto* invite = ca->add_subcommand("invite", "a one-time code for a new gateway");
  invite->footer(
      examples({"lotmark ca invite --dir consortium --name hualin/gateway-1",
                "lotmark ca invite --dir consortium --name hualin/fridge-9 --like fridge-1"}));
  auto v = bind(invite, session, run_ca_invite);
  invite->add_option("--dir", v->dir, "the consortium's folder, made by ca init")->required();
  invite->add_option("--name", v->name, "organisation/device")->required();
  invite->add_option("--like", v->like,
                     "a device there whose brokers and nodes it shall use; not needed where the "
                     "consortium was founded with it (invite = true)");
  invite->add_option("--hours", v->hours, "how long the code is good")->check(CLI::Range(1, 8760));

  auto* enrol = ca->add_subcommand("enrol", "answer the request of a gateway that has a code");
  enrol->footer(examples(
      {"lotmark ca enrol --dir consortium --request fridge-9.request --out fridge-9.answer"}));
  auto e = bind(enrol, session, run_ca_enrol);
  enrol->add_option("--dir", e->dir, "the consortium's folder, made by ca init")->required();
  enrol->add_option("--request", e->request, "file of lotmark-edge-agent enrol request")
      ->required();
  enrol->add_option("--out", e->out, "file for the answer")->required();
  enrol->add_option("--days", e->days, "how long the certificate is good")
      ->check(CLI::Range(1, 3653));
}

void add_verify(CLI::App& app, Session& session) {
  auto* verify = app.add_subcommand(
      "verify", "check a receipt, archived or event proof, offline, from the anchor alone");
  verify->footer(
      examples(
          {"lotmark verify lot.receipt --anchor anchor.cbor",
           "lotmark verify lot.receipt --anchor anchor.cbor --gtin 9506000134352 --lot A-2026/01",
           "lotmark verify lot.receipt --anchor anchor.cbor --json --field verdict",
           "lotmark verify lot.receipt --anchor anchor.cbor --item unit.item --serial 4711",
           "lotmark verify lot.archived --anchor anchor.cbor --gtin 9506000134352 --lot "
           "A-2026/01",
           "lotmark verify --event shipped.event --anchor anchor.cbor"}) +
      "\n\nExit: 0 released (of an event: committed), 3 tampered with, 1 any other verdict, "
      "archived "
      "too. An archived\nproof names no lot: ask by --gtin and --lot.");
  auto a = bind(verify, session, run_verify);
  verify->add_option("receipt", a->receipt, "receipt, or archived proof");
  verify->add_option("--event", a->event, "proof of a captured event, in place of a receipt");
  verify->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  verify->add_option("--rollover", a->rollover,
                     "links from the anchor's root key to newer ones (lotmark root roll)");
  verify->add_option("--gtin", a->gtin, "the GTIN it must be of");
  verify->add_option("--lot", a->lot, "the lot it must be of");
  verify->add_option("--chain", a->chain,
                     "a node's chain.db: says recalled and superseded too, as far as it knows");
  verify->add_option("--now", a->now, "judge as of this time: 2026-01-05T08:00:00Z");
  verify->add_option("--item", a->item, "item proof (lotmark item): is it one of the lot's units?");
  verify->add_option("--serial", a->serial, "the serial the item proof must be of");
}

void add_item(CLI::App& app, Session& session) {
  auto* item = app.add_subcommand("item", "the proof that a serial is one of a lot's units");
  item->footer(examples({"lotmark item 09506000134352 A-2026 4711 --private data/private.db \\\n"
                         "    --chain data/chain.db --anchor anchor.cbor --out 4711.item",
                         "lotmark verify A-2026.receipt --anchor anchor.cbor --item 4711.item"}) +
               "\n\nFrom the enterprise's own files, read only, of a node that runs or not.");
  auto a = bind(item, session, run_item);
  item->add_option("gtin", a->gtin, "GTIN")->required();
  item->add_option("lot", a->lot, "lot number")->required();
  item->add_option("serial", a->serial, "serial of the unit")->required();
  item->add_option("--private", a->private_db, "the enterprise's private.db")->required();
  item->add_option("--chain", a->chain_db, "its chain.db")->required();
  item->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  item->add_option("--out", a->out, "file to write; replaced if there")->required();
}

void add_event(CLI::App& app, Session& session) {
  auto* event = app.add_subcommand("event", "captured EPCIS events and what proves them");
  event->require_subcommand(1);
  event->footer(
      examples({"lotmark event proof urn:uuid:86f2.. --private private.db --chain "
                "chain.db \\\n      --anchor anchor.cbor --out shipped.event"}));
  auto* proof = event->add_subcommand(
      "proof", "write the file that proves one event from the anchor alone, out of a node's files");
  proof->footer(
      examples({"lotmark event proof urn:uuid:86f2.. --private private.db --chain chain.db \\\n"
                "      --anchor anchor.cbor --out shipped.event",
                "lotmark verify --event shipped.event --anchor anchor.cbor"}) +
      "\n\nExit: 0 written, 1 no such event, or no block holds it yet. The files may belong to a "
      "node "
      "that runs.");
  auto a = bind(proof, session, run_event_proof);
  proof->add_option("id", a->id, "eventID; of an event sent without, its hash's ni: URI")
      ->required();
  proof->add_option("--private", a->private_db, "the node's private.db")->required();
  proof->add_option("--chain", a->chain_db, "the node's chain.db")->required();
  proof->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  proof->add_option("--out", a->out, "file to make")->required();
  proof->add_option("--sha256", a->sha256,
                    "of the event's bytes, where others declare an error of that eventID");
}

void add_evidence(CLI::App& app, Session& session) {
  auto* evidence = app.add_subcommand("evidence", "files that prove a party's dishonesty");
  evidence->require_subcommand(1);
  evidence->footer(examples(
      {"lotmark evidence verify fork.evidence --anchor anchor.cbor", "lotmark evidence list"}));
  auto* verify = evidence->add_subcommand(
      "verify", "is it proven, by whom, and what is not; offline, from the anchor alone");
  verify->footer(
      examples({"lotmark evidence verify fork.evidence --anchor anchor.cbor",
                "lotmark evidence verify fork.evidence --anchor anchor.cbor --field by.kid"}) +
      "\n\nExit: 0 proven, 1 not proven, 3 a file cannot be read.");
  auto a = bind(verify, session, run_evidence_verify);
  verify->add_option("file", a->file, "evidence file")->required();
  verify->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
}

void add_archive_restore(CLI::App& archive, Session& session) {
  auto* restore =
      archive.add_subcommand("restore", "receipts of lots that were cut, each verified");
  restore->footer(
      examples({"lotmark archive restore archive-1-4096.lma --anchor anchor.cbor --chain chain.db "
                "--out restored",
                "lotmark archive restore archive-1-4096.lma --anchor anchor.cbor --chain chain.db "
                "--out r "
                "--lot A-2026"}) +
      "\n\nExit: 0 all of them, 1 no such lot, 3 the file is not the one that the cut names.");
  auto r = bind(restore, session, run_archive_restore);
  restore->add_option("file", r->file, "archive file")->required();
  restore->add_option("--anchor", r->anchor, "the consortium's anchor file")->required();
  restore->add_option("--chain", r->chain_db, "a node's chain.db; it may run")->required();
  restore->add_option("--out", r->dir, "folder for the receipts")->required();
  restore->add_option("--disclosures", r->disclosures,
                      "what was disclosed; default: disclosures-FIRST-LAST.lmd beside the file");
  restore->add_option("--gtin", r->gtin, "lots of that GTIN only");
  restore->add_option("--lot", r->lot, "that lot only");
}

// `list` and `export` ask a node, and join these later.
void add_archive(CLI::App& app, Session& session) {
  auto* archive = app.add_subcommand("archive", "what was cut after its retention");
  archive->require_subcommand(1);
  archive->footer(examples({"lotmark archive list", "lotmark archive export 1-4096",
                            "lotmark archive verify archive-1-4096.lma --anchor anchor.cbor"}));
  auto* verify = archive->add_subcommand("verify", "does an archive file hold together");
  verify->footer(
      examples(
          {"lotmark archive verify archive-1-4096.lma --anchor anchor.cbor",
           "lotmark archive verify archive-1-4096.lma --anchor anchor.cbor --chain chain.db"}) +
      "\n\nExit: 0 it does, and with --chain a final cut names it; 3 it does not.");
  auto a = bind(verify, session, run_archive_verify);
  verify->add_option("file", a->file, "archive file")->required();
  verify->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  verify->add_option("--chain", a->chain_db, "a node's chain.db; it may run");
  add_archive_restore(*archive, session);
}

void add_audit(CLI::App& app, Session& session) {
  auto* audit = app.add_subcommand("audit", "recompute nodes' private rows against the chain");
  audit->footer(
      examples(
          {"lotmark audit --private private.db --chain chain.db --anchor anchor.cbor",
           "lotmark audit --chain chain.db --anchor anchor.cbor --private a.db --private b.db \\\n"
           "    --out sheet --state audit.state",
           "lotmark audit ... --state audit.state --resume",
           "lotmark audit ... --opening-key opening.key",
           "lotmark audit ... --enterprise hualin --json"}) +
      "\n\nExit: 0 every row holds, 3 one does not. The files may belong to nodes that run.");
  auto a = bind(audit, session, run_audit);
  audit->add_option("--private", a->private_dbs,
                    "a node's private.db; more than once for several; none: the chain alone");
  audit->add_option("--chain", a->chain_db, "a node's chain.db")->required();
  audit->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  audit->add_option("--lot", a->lot, "that lot alone");
  audit->add_option("--gtin", a->gtin, "where two products have a lot of that name");
  audit->add_option("--enterprise", a->enterprise, "lots of that organisation alone");
  audit->add_flag("--all", a->all, "everything, as without a lot or an enterprise");
  audit->add_option("--threads", a->threads, "default: one a core")->check(CLI::Range(1, 64));
  audit->add_option("--state", a->state, "remember in this file what was done; kept afterwards");
  audit->add_flag("--resume", a->resume, "go on where a killed one ended");
  audit->add_option("--out", a->out,
                    "folder for audit.html to print, audit.json, and every lot's receipt");
  audit->add_option("--opening-key", a->opening_keys,
                    "key file that opens sealed segments; more than once for several. Without one "
                    "they are told as sealed, not opened");
  audit->add_option("--second", a->second,
                    "one released lot in so many is drawn for a second review; default: 20");
}

void add_label(CLI::App& app, Session& session) {
  auto* label = app.add_subcommand("label", "a lot's code with its fingerprint, as SVG and PNG");
  label->footer(
      examples({"lotmark label 09506000134352 A-2026 --expires 20281231 --anchor anchor.cbor \\\n"
                "    --url https://id.example --out label-A-2026"}));
  auto a = bind(label, session, run_label);
  label->add_option("gtin", a->gtin, "GTIN, 8 to 14 digits")->required();
  label->add_option("lot", a->lot, "lot number")->required();
  label->add_option("--expires", a->expires, "YYYYMMDD")->required();
  label->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  label->add_option("--url", a->url, "where the code leads: https://host")->required();
  label->add_option("--out", a->out, "BASE of BASE.svg and BASE.png; replaced if there")
      ->required();
}

void add_page(CLI::App& app, Session& session) {
  auto* page = app.add_subcommand("page", "the consumer's page for one consortium");
  page->footer(
      examples({"lotmark page --anchor anchor.cbor --out site",
                "lotmark page --anchor anchor.cbor --out site --origin https://api.example"}));
  auto a = bind(page, session, run_page);
  page->add_option("--anchor", a->anchor, "the consortium's anchor file")->required();
  page->add_option("--out", a->out, "folder to make")->required();
  page->add_option("--assets", a->assets,
                   "the page's files; default: ../share/lotmark/page of this program");
  page->add_option("--origin", a->origin, "where the API is; default: where the page comes from");
}

}  // namespace

void add_file_commands(CLI::App& app, Session& session) {
  add_ca(app, session);
  add_verify(app, session);
  add_item(app, session);
  add_event(app, session);
  add_evidence(app, session);
  add_archive(app, session);
  add_audit(app, session);
  add_label(app, session);
  add_page(app, session);
}

}  // namespace lotmark::cli
