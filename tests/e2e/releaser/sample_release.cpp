#include "tests/e2e/releaser/sample_release.h"

#include <fstream>

#include "core/base/hex.h"
#include "core/crypto/key_file.h"
#include "core/wire/sign1.h"
#include "ledger-node/peer/token.h"

namespace lotmark::e2e {

Result<node::NodeConfig> config_of(const std::filesystem::path& home, const std::string& member) {
  return node::read_node_config(home / "members" / member / "node.toml");
}

Result<std::unique_ptr<Signer>> signer_of(const node::NodeConfig& config) {
  LM_ASSIGN(auto scalar, read_key_file(config.key));
  return signer_openssl(scalar.view());
}

Result<Signers> signers_of(const std::filesystem::path& home, const node::NodeConfig& reviewer,
                           const node::NodeConfig& enterprise) {
  std::ifstream text(home / "fingerprint.txt");
  std::string chain;
  for (std::string word; text >> word;) chain += word;
  const auto digest = fixed_from_hex<Digest>(chain);
  if (!digest) return fail(Errc::kAnchor, "fingerprint.txt holds no digest");
  Signers signers;
  signers.chain = *digest;
  LM_ASSIGN(signers.reviewer, signer_of(reviewer));
  LM_ASSIGN(signers.enterprise, signer_of(enterprise));
  return signers;
}

Result<Bytes> seal_release(const std::string& lot, const Signers& signers) {
  Application a;
  a.start = Digest{{1}};
  a.opening = Digest{{2}};
  a.programme = "cold-vaccine";
  a.gtin = Gtin{"09506000134352"};
  a.product = "vaccine, 10 vials";
  a.lot = {lot};
  a.expires = {20281231};
  a.tx_count = 11;  // the sample's programme has ten
  LM_ASSIGN(auto application, seal(a, *signers.enterprise, signers.chain));
  Report report;
  report.application = application.id;
  report.decision = Decision::kRelease;
  LM_ASSIGN(auto reported, seal(report, *signers.reviewer, signers.chain));
  LM_ASSIGN(auto release, seal(Release{{application.bytes}, "CN-" + lot, reported.id, {}},
                               *signers.reviewer, signers.chain));
  return std::move(release.bytes);
}

Result<http::Response> submit_release(const http::Client& client, const KeyId& to,
                                      const Signers& signers, const Bytes& release) {
  node::Call call{"POST", "/peer/v1/releases", release, {}};
  LM_ASSIGN(auto token, node::make_authorization(*signers.reviewer, signers.chain, to, call,
                                                 SystemClock().now()));
  return client.send(call.method, call.path,
                     {{"authorization", token}, {"content-type", "application/cbor"}}, release);
}

}  // namespace lotmark::e2e
