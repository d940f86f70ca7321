// `lotmark key` and `lotmark segment`, and their options.
#include "cli/commands.h"
#include "cli/sealed/sealed.h"

namespace lotmark::cli {

namespace {

void add_key_reader(CLI::App& app, Session& session) {
  auto* key = app.add_subcommand("key", "keys for reading what is sealed");
  key->require_subcommand(1);
  key->footer(examples({"lotmark key reader --out regulator.key"}));
  auto* reader = key->add_subcommand("reader", "a new key pair to read sealed segments with");
  reader->footer(examples({"lotmark key reader --out regulator.key",
                           "lotmark key reader --out regulator.key --field kid"}) +
                 "\n\nOUT.pub holds the public key, 04 and 128 hex digits, for whoever seals "
                 "segments. A reader's key is\napart from keys that sign: do not enrol it.");
  auto a = bind(reader, session, run_key_reader);
  reader->add_option("--out", a->out, "file for the key, 0600; must not exist")->required();
}

void add_segment_open(CLI::App& app, Session& session) {
  auto* segment = app.add_subcommand("segment", "sealed segments of an enterprise's records");
  segment->require_subcommand(1);
  segment->footer(
      examples({"lotmark segment open 3.cose --key regulator.key --anchor anchor.cbor"}));
  auto* open = segment->add_subcommand("open", "what a sealed segment says, offline");
  open->footer(
      examples({"lotmark segment open 3.cose --key regulator.key --anchor anchor.cbor",
                "lotmark segment open 3.cose --key regulator.key --anchor anchor.cbor \\\n"
                "    --record record.json --field text",
                "curl --fail -H \"Authorization: Bearer $(cat regulator.token)\" -o 3.cose \\\n"
                "    'https://lot.example/lotmark/v1/records/COMMITMENT/segments/3?reader=KID'"}) +
      "\n\nThe 3 of segments/3 is `index` in the record's JSON, from 0; COMMITMENT stands in "
      "lotmark batch list --json,\nKID in lotmark key reader's answer."
      "\n\nWith --record the record's head and the leaves of all its segments must give its "
      "commitment, and\nthe segment must be one of them.\n\nExit: 0 opened, 1 sealed for other "
      "readers, 3 the file or the record does not hold.");
  auto a = bind(open, session, run_segment_open);
  open->add_option("file", a->file, "COSE_Encrypt file, as the API gives it")->required();
  open->add_option("--key", a->key, "key made by lotmark key reader")->required();
  open->add_option("--anchor,--chain", a->anchor, "the consortium's anchor file")->required();
  open->add_option(
      "--record", a->record,
      "the API's answer on the record, to be compared: JSON of /lotmark/v1/records/...");
  open->add_option("--out", a->out, "file for the content; must not exist; default: shown");
}

}  // namespace

void add_sealed_commands(CLI::App& app, Session& session) {
  add_key_reader(app, session);
  add_segment_open(app, session);
}

}  // namespace lotmark::cli
