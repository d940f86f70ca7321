// Releases under the keys that `lotmark ca init` made of samples/vaccines, as a reviewing member's node would send them:
// for lotmark-test-releaser and bench/ledger.
#pragma once

#include "core/crypto/p256.h"
#include "core/http/client.h"
#include "ledger-node/config.h"

namespace lotmark::e2e {

struct Signers {
  std::unique_ptr<Signer> reviewer;
  std::unique_ptr<Signer> enterprise;
  Digest chain;
};

Result<node::NodeConfig> config_of(const std::filesystem::path& home, const std::string& member);
Result<std::unique_ptr<Signer>> signer_of(const node::NodeConfig& config);
// Both members' keys, and the chain that fingerprint.txt names.
Result<Signers> signers_of(const std::filesystem::path& home, const node::NodeConfig& reviewer,
                           const node::NodeConfig& enterprise);
// Of a lot that nobody made: the chain cannot tell.
Result<Bytes> seal_release(const std::string& lot, const Signers& signers);
// Brought to one supervisory node, with the reviewer's token.
Result<http::Response> submit_release(const http::Client& client, const KeyId& to,
                                      const Signers& signers, const Bytes& release);

}  // namespace lotmark::e2e
