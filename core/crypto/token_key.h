// P-256 keys in tokens behind PKCS#11 (OASIS PKCS #11 v2.40): HSMs, secure elements, SoftHSM. The private key never
// leaves the token. Link lotmark::crypto_token.
//
// A key is named by a URI (RFC 7512), such as
//   pkcs11:token=site;object=record?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/lotmark/pin
// Without module-path the modules that p11-kit is configured with are searched. The PIN stands in a file that only its
// owner may read (`pin-source`); `pin-value` is taken too, for trials.
#pragma once

#include <string_view>

#include "core/crypto/p256.h"

namespace lotmark {

// Logs in, finds the one key of that name, and signs once to see that private and public key belong together.
// config: no such URI; not-found: no such token or key; key-bad: no P-256 key, or no public key beside it; denied: the
// PIN, or its file's mode; crypto: all other answers of the token, by their CKR number.
// A token that was taken away or reset is opened again at the next signature.
Result<std::unique_ptr<Signer>> signer_token(std::string_view uri);

// Makes a key in the token: sensitive, not extractable, for signing alone. conflict if the name is taken.
Result<PublicKey> make_token_key(std::string_view uri);

// Nothing is wrong with it, or what: without opening anything.
std::string check_token_uri(std::string_view uri);

}  // namespace lotmark
