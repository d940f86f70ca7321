// `lotmark token`: bearer tokens for the API of a small site that has no identity provider (docs/operate/api.md).
#pragma once

#include "cli/output.h"
#include "core/base/clock.h"

namespace lotmark::cli {

// A new key for signing tokens, and the key set that the API is configured with.
struct TokenKeyArguments {
  std::string out;   // PEM file, 0600; must not exist
  std::string jwks;  // key set; empty: `out` with .jwks behind
};
Exit run_token_key(const TokenKeyArguments& arguments, Output& out);

// A key set of several keys: while one follows another, both are taken.
struct TokenJwksArguments {
  std::vector<std::string> keys;  // PEM files
  std::string out;                // replaced if it is there; empty: standard output
};
Exit run_token_jwks(const TokenJwksArguments& arguments, Output& out);

// A token, signed.
struct TokenIssueArguments {
  std::string key;
  std::string issuer;
  std::string audience;
  std::string subject;
  std::string organisation;
  std::vector<std::string> roles;
  unsigned days = 30;
  std::string out;  // 0600; must not exist; empty: standard output
};
Exit run_token_issue(const TokenIssueArguments& arguments, Output& out);
// The same at a time that is handed in.
Exit issue_token_at(const TokenIssueArguments& arguments, Time now, Output& out);

}  // namespace lotmark::cli
