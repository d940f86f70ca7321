#include "cli/token/token.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/access/issue.h"
#include "api/access/jwks.h"
#include "core/base/whole_file.h"
#include "core/crypto/key_file.h"

namespace lotmark::cli {

namespace {

namespace access = lotmark::api::access;

constexpr Millis kDay{24 * 60 * 60 * 1000};

Result<std::unique_ptr<Signer>> token_signer(const std::string& file) {
  LM_ASSIGN(const Scalar scalar, read_key_file(file));
  return signer_openssl(scalar.view());
}

struct MadeKey {
  std::string kid;
  std::string jwks;
};

Result<MadeKey> make_token_key_file(const TokenKeyArguments& a) {
  MadeKey out;
  out.jwks = a.jwks.empty() ? a.out + ".jwks" : a.jwks;
  std::error_code ec;
  if (std::filesystem::exists(out.jwks, ec))
    return fail(Errc::kConflict, out.jwks + " is there: lotmark token jwks joins keys in one set");
  const Scalar scalar = new_scalar();
  LM_ASSIGN(const auto signer, signer_openssl(scalar.view()));
  LM_TRY(write_key_file(a.out, scalar));
  LM_TRY(
      write_new(out.jwks, as_bytes(access::key_set_json({&signer->public_key(), 1})), kReadByAll));
  out.kid = access::token_kid(signer->public_key());
  return out;
}

Result<std::string> key_set_of(const std::vector<std::string>& files) {
  if (files.size() > access::KeySet::kKeysMax)
    return fail(Errc::kUsage, "a key set has at most 64 keys");
  std::vector<PublicKey> keys;
  for (const auto& file : files) {
    LM_ASSIGN(const auto signer, token_signer(file));
    keys.push_back(signer->public_key());
  }
  std::string json = access::key_set_json(keys);
  if (const auto taken = access::KeySet::read(as_bytes(json)); !taken)
    return fail(Errc::kUsage, taken.error().text);
  return json;
}

Result<access::TokenOrder> order_of(const TokenIssueArguments& a, Time now) {
  access::TokenOrder out{a.issuer, a.audience, a.subject,          a.organisation,
                         {},       now,        now + a.days * kDay};
  for (const auto& word : a.roles) {
    const auto role = access::role_named(word);
    if (!role) return fail(Errc::kUsage, word + " is no role");
    out.roles.add(*role);
  }
  return out;
}

Result<std::string> issued(const TokenIssueArguments& a, Time now) {
  LM_ASSIGN(const auto order, order_of(a, now));
  LM_ASSIGN(const auto signer, token_signer(a.key));
  LM_ASSIGN(std::string token, access::issue_token(order, *signer));
  if (!a.out.empty()) LM_TRY(write_new(a.out, as_bytes(token + "\n")));
  return token;
}

}  // namespace

Exit run_token_key(const TokenKeyArguments& a, Output& out) {
  const auto made = make_token_key_file(a);
  if (!made) return out.error(made.error());
  if (out.json) return out.value({{"key", a.out}, {"jwks", made->jwks}, {"kid", made->kid}});
  out.line(a.out + ": the key; whoever has it can be anybody in the API");
  out.line(made->jwks + ": the key set for the API's configuration; not secret");
  return Exit::kDone;
}

Exit run_token_jwks(const TokenJwksArguments& a, Output& out) {
  const auto json = key_set_of(a.keys);
  if (!json) return out.error(json.error());
  if (a.out.empty()) {
    if (out.json) return out.value(nlohmann::json::parse(*json));
    out.block(*json);
    return Exit::kDone;
  }
  if (const auto written = write_whole(a.out, as_bytes(*json), kReadByAll); !written)
    return out.error(written.error());
  if (out.json) return out.value({{"jwks", a.out}, {"keys", a.keys.size()}});
  out.line(a.out + ": " + std::to_string(a.keys.size()) + " keys");
  return Exit::kDone;
}

Exit issue_token_at(const TokenIssueArguments& a, Time now, Output& out) {
  const auto token = issued(a, now);
  if (!token) return out.error(token.error());
  const std::string until = to_iso(now + a.days * kDay);
  if (out.json) {
    nlohmann::json value = {{"subject", a.subject}, {"expires", until}};
    if (a.out.empty()) value["token"] = *token;
    else value["file"] = a.out;
    return out.value(value);
  }
  if (a.out.empty()) out.block(*token);
  else out.line(a.out + ": good until " + until);
  return Exit::kDone;
}

Exit run_token_issue(const TokenIssueArguments& a, Output& out) {
  return issue_token_at(a, SystemClock().now(), out);
}

}  // namespace lotmark::cli
