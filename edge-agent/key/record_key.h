// The record key: what signs readings. Made on the device, in a file or a token, and never leaves it; the TLS key is
// another one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "core/crypto/p256.h"

namespace lotmark::agent {

// One of the two.
struct KeyPlace {
  std::filesystem::path file;  // PEM, mode 0600; signed with mbedTLS
  std::string uri;             // pkcs11:...; core/crypto/token_key.h
};

Result<std::unique_ptr<Signer>> open_record_key(const KeyPlace& place);
// conflict if there is one already.
Result<PublicKey> make_record_key(const KeyPlace& place);

}  // namespace lotmark::agent
