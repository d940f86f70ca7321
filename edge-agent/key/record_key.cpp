#include "edge-agent/key/record_key.h"

#include "core/crypto/key_file.h"
#include "core/crypto/token_key.h"

namespace lotmark::agent {

Result<std::unique_ptr<Signer>> open_record_key(const KeyPlace& place) {
  if (!place.uri.empty()) return signer_token(place.uri);
  LM_ASSIGN(auto scalar, read_key_file(place.file));
  return signer_mbedtls(scalar.view());
}

Result<PublicKey> make_record_key(const KeyPlace& place) {
  if (!place.uri.empty()) return make_token_key(place.uri);
  const Scalar scalar = new_scalar();
  LM_ASSIGN(const auto signer, signer_mbedtls(scalar.view()));
  LM_TRY(write_key_file(place.file, scalar));
  return signer->public_key();
}

}  // namespace lotmark::agent
