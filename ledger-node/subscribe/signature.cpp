#include "ledger-node/subscribe/signature.h"

#include <openssl/hmac.h>

#include "core/base/hex.h"

namespace lotmark::node {

std::string webhook_signature(std::string_view token, ByteView body) {
  Digest out;
  unsigned size = 0;
  HMAC(EVP_sha256(), token.data(), static_cast<int>(token.size()), body.data(), body.size(),
       out.data(), &size);
  return "sha256=" + to_hex(out);
}

}  // namespace lotmark::node
