// `lotmark token` and its options.
#include "cli/commands.h"
#include "cli/token/token.h"

namespace lotmark::cli {

namespace {

void add_token_key(CLI::App& token, Session& session) {
  auto* key = token.add_subcommand("key", "a new key for signing tokens, and its key set");
  key->footer(examples({"lotmark token key --out token.key",
                        "lotmark token key --out token-2027.key --jwks token-2027.jwks"}));
  auto a = bind(key, session, run_token_key);
  key->add_option("--out", a->out, "file for the key, 0600; must not exist")->required();
  key->add_option("--jwks", a->jwks, "file for the key set; default: OUT.jwks");
}

void add_token_jwks(CLI::App& token, Session& session) {
  auto* jwks = token.add_subcommand("jwks", "one key set of several keys");
  jwks->footer(
      examples({"lotmark token jwks --key token.key --key token-2027.key --out site.jwks"}) +
      "\n\nWhile one key follows another the API takes tokens of both; without the old "
      "one in the set\nall its tokens end at once.");
  auto a = bind(jwks, session, run_token_jwks);
  jwks->add_option("--key", a->keys, "key made by lotmark token key; more than once for several")
      ->required();
  jwks->add_option("--out", a->out, "file, replaced if it is there; default: standard output");
}

void add_token_issue(CLI::App& token, Session& session) {
  auto* issue = token.add_subcommand("issue", "a token for one caller");
  issue->footer(
      examples({"lotmark token issue --key token.key --issuer https://lot.example "
                "--audience https://lot.example \\\n"
                "    --subject erp --organisation hualin --role capture --role reader "
                "--out erp.token",
                "curl -H \"Authorization: Bearer $(cat erp.token)\" https://lot.example/events"}) +
      "\n\nA token cannot be called back before it expires, but by taking its key out of the key "
      "set.");
  auto a = bind(issue, session, run_token_issue);
  issue->add_option("--key", a->key, "key made by lotmark token key")->required();
  issue->add_option("--issuer", a->issuer, "the issuer's name in the API's configuration")
      ->required();
  issue->add_option("--audience", a->audience, "the audience in the API's configuration")
      ->required();
  issue->add_option("--subject", a->subject, "whom it is for, as the access log shall say")
      ->required();
  issue->add_option("--organisation", a->organisation, "whose systems these are: [a-z0-9-]{1,32}")
      ->required();
  issue
      ->add_option("--role", a->roles,
                   "capture, reader, partner, regulator, agency or admin; "
                   "more than once for several")
      ->required()
      ->check(CLI::IsMember({"capture", "reader", "partner", "regulator", "agency", "admin"}));
  issue->add_option("--days", a->days, "how long it is good; default: 30")
      ->check(CLI::Range(1, 366));
  issue->add_option("--out", a->out, "file, 0600; must not exist; default: standard output");
}

}  // namespace

void add_token_commands(CLI::App& app, Session& session) {
  auto* token =
      app.add_subcommand("token", "bearer tokens for the API, without an identity provider");
  token->require_subcommand(1);
  token->footer(examples({"lotmark token key --out token.key", "lotmark token issue --help"}));
  add_token_key(*token, session);
  add_token_jwks(*token, session);
  add_token_issue(*token, session);
}

}  // namespace lotmark::cli
