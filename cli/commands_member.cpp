// Subcommands of membership statements and of the root key.
#include "cli/commands.h"
#include "cli/member/member.h"

namespace lotmark::cli {

namespace {

void add_propose(CLI::App& member, Session& session, const Choice& choice) {
  auto* propose = member.add_subcommand("propose", "write what is to change, and show it");
  propose->footer(
      examples({"lotmark member propose --add prov-4.toml --quorum 3 --out epoch-1.proposal",
                "lotmark member propose --remove prov-1 --quorum 2 --out epoch-2.proposal",
                "lotmark member propose --renew yunhe=new-key.toml --out renew.proposal",
                "lotmark member propose --programme vaccine.toml --out vaccine.proposal"}));
  auto a = bind(propose, session, choice, run_member_propose);
  propose->add_option("--add", a->change.add, "file of a new member");
  propose->add_option("--remove", a->change.remove,
                      "member's kid, or an organisation that has one member");
  propose->add_option("--renew", a->change.renew, "OLD=FILE: the file holds the new public_key");
  propose->add_option("--quorum", a->change.quorum, "votes that make a block final");
  propose->add_option("--programme", a->change.programme,
                      "file of a programme: new, or in place of the one of that id");
  propose->add_option("--drop-programme", a->change.drop_programme, "id of a programme");
  propose->add_option("--out", a->out, "file to make")->required();
}

void add_sign(CLI::App& member, Session& session, const Choice& choice) {
  auto* sign = member.add_subcommand(
      "sign", "approve a proposal at this member's node; or, with --signing-key, sign it here");
  sign->footer(
      examples({"lotmark member sign epoch-1.proposal",
                "lotmark member sign epoch-1.proposal --withdraw",
                "lotmark member sign epoch-1.proposal --signing-key root/record.key --anchor "
                "anchor.cbor"}) +
      "\n\nThe root key signs offline, when the proposal has its place (lotmark member hold).");
  auto a = bind(sign, session, choice, run_member_sign);
  sign->add_option("file", a->file, "the proposal")->required();
  sign->add_option("--signing-key", a->signing_key, "PEM of the root or of a supervising member");
  sign->add_option("--anchor", a->anchor, "anchor file, with --signing-key");
  sign->add_flag("--withdraw", a->withdraw, "take the approval back");
  sign->add_flag("--yes", a->yes, "without a question");
}

void add_place(CLI::App& member, Session& session, const Choice& choice) {
  auto* hold = member.add_subcommand("hold", "ask the primary to stand still, for a place");
  hold->footer(examples({"lotmark member hold epoch-1.proposal",
                         "lotmark member hold epoch-1.proposal --for 3600"}) +
               "\n\nNothing else is ordered meanwhile: have the root key at hand.");
  auto h = bind(hold, session, choice, run_member_hold);
  hold->add_option("file", h->file, "the proposal; its place is written into it")->required();
  hold->add_option("--for", h->seconds, "seconds, at most")->check(CLI::Range(1, 3600));
  hold->add_option("--wait", h->wait_s, "seconds to wait for it")->check(CLI::Range(1, 3600));

  auto* submit = member.add_subcommand("submit", "send a proposal that the root key signed");
  submit->footer(examples({"lotmark member submit epoch-1.proposal"}));
  auto s = bind(submit, session, choice, run_member_submit);
  submit->add_option("file", s->file, "the proposal")->required();
  submit->add_option("--wait", s->wait_s, "seconds to wait until it is final")
      ->check(CLI::Range(1, 3600));
}

void add_root(CLI::App& app, Session& session) {
  auto* root = app.add_subcommand("root", "the consortium's root key: roll, pin");
  root->require_subcommand(1);
  root->footer(examples({"lotmark root roll --help"}));
  auto* roll = root->add_subcommand("roll", "let the root key sign a link to a new one");
  roll->footer(
      examples({"lotmark root roll --root-key root/record.key --to 04... --first 7 \\\n"
                "    --anchor anchor.cbor --out rollover.cbor"}));
  auto r = bind(roll, session, run_root_roll);
  roll->add_option("--root-key", r->key, "PEM of the root key in force")->required();
  roll->add_option("--to", r->to, "the new root key's point, 130 hex digits")->required();
  roll->add_option("--first", r->first, "first epoch whose statement the new key signs")
      ->required()
      ->check(CLI::Range(1, 1000000));
  roll->add_option("--anchor", r->anchor, "anchor file; one that pins earlier links")->required();
  roll->add_option("--out", r->out, "file to make")->required();
  auto* pin = root->add_subcommand("pin", "make an anchor that follows the links of a file");
  pin->footer(examples(
      {"lotmark root pin --anchor anchor.cbor --rollover rollover.cbor --out anchor-2.cbor"}));
  auto p = bind(pin, session, run_root_pin);
  pin->add_option("--anchor", p->anchor, "anchor file")->required();
  pin->add_option("--rollover", p->rollover, "file of links")->required();
  pin->add_option("--out", p->out, "file to make")->required();
}

}  // namespace

void add_member_commands(CLI::App& app, Session& session, const Choice& choice) {
  auto* member = app.add_subcommand(
      "member", "the consortium's rules: propose, show, sign, hold, submit, status");
  member->require_subcommand(1);
  member->footer(examples({"lotmark member status", "lotmark member propose --help"}));
  add_propose(*member, session, choice);
  auto* show = member->add_subcommand("show", "what a proposal changes; asks no node");
  show->footer(examples({"lotmark member show epoch-1.proposal --anchor anchor.cbor"}));
  auto a = bind(show, session, run_member_show);
  show->add_option("file", a->file, "the proposal")->required();
  show->add_option("--anchor", a->anchor, "anchor file")->required();
  add_sign(*member, session, choice);
  add_place(*member, session, choice);
  auto* status = member->add_subcommand("status", "rules in force, proposals, who approved");
  status->footer(examples({"lotmark member status", "lotmark member status --json --field epoch"}));
  status->callback([choice, &session] { session.exit = run_member_status(*choice, session.out); });
  add_root(app, session);
}

}  // namespace lotmark::cli
