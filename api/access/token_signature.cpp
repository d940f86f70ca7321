#include "api/access/token_signature.h"

#include <openssl/err.h>

#include <jwt/jwt.hpp>

namespace lotmark::api::access {

bool token_signature_holds(const TokenKey& key, std::string_view signed_text,
                           std::string_view signature) {
  try {
    const ::jwt::jwt_header ours(key.alg == TokenAlg::kEs256 ? ::jwt::algorithm::ES256
                                                             : ::jwt::algorithm::RS256);
    ::jwt::jwt_signature verifier(::jwt::string_view(key.pem.data(), key.pem.size()));
    const auto [holds, error] =
        verifier.verify(ours, ::jwt::string_view(signed_text.data(), signed_text.size()),
                        ::jwt::string_view(signature.data(), signature.size()));
    ERR_clear_error();  // of a signature that did not hold: TLS would take it for its own
    return holds && !error;
  } catch (const std::exception&) {
    ERR_clear_error();
    return false;
  }
}

}  // namespace lotmark::api::access
