/* COSE_Sign1 writer (RFC 9052) in Lotmark's one form: docs/format/cose.md.
 *
 * C11, no heap, no OS. Hashing and signing come from the caller, so that firmware brings mbedTLS and a
 * server OpenSSL. The id of an object is the digest that is signed.
 */
#pragma once

#include "core/embedded/cbor.h"

#ifdef __cplusplus
extern "C" {
#endif

#define LM_KID_BYTES 16u
#define LM_DIGEST_BYTES 32u
#define LM_SIGNATURE_BYTES 64u
#define LM_PROTECTED_BYTES_MAX 256u

typedef struct lm_span {
  const uint8_t* data;
  size_t size;
} lm_span;

/* What the writer needs of a key. Both functions return 0 when done. */
typedef struct lm_crypto {
  void* ctx;
  /* SHA-256 over the parts one after another. */
  int (*sha256)(void* ctx, const lm_span* parts, size_t count, uint8_t out[LM_DIGEST_BYTES]);
  /* ES256 over a ready digest, as r || s. */
  int (*sign)(void* ctx, const uint8_t digest[LM_DIGEST_BYTES], uint8_t out[LM_SIGNATURE_BYTES]);
} lm_crypto;

/* A vote's own claims and header; NULL in every other object. */
typedef struct lm_vote_claims {
  uint64_t seconds;
  uint64_t size;
  uint64_t epoch;
  uint64_t term;
} lm_vote_claims;

typedef struct lm_cose_header {
  const uint8_t* kid;         /* LM_KID_BYTES */
  const uint8_t* chain;       /* LM_DIGEST_BYTES, or NULL: only the genesis block and statement 0 */
  const char* type;           /* "bundle"; written as application/vnd.lotmark.bundle.v1+cose */
  const lm_vote_claims* vote; /* NULL except in a vote */
} lm_cose_header;

/* The content of the protected header's bstr. */
void lm_cose_protected(lm_cbor* w, const lm_cose_header* header);

/* id = SHA-256 of the Sig_structure over `protected_header` and `payload` (the root, for a vote). */
int lm_cose_id(const lm_crypto* crypto, lm_span protected_header, lm_span payload,
               uint8_t id[LM_DIGEST_BYTES]);

/* Writes the whole tagged object with an empty unprotected map and the payload, or nil in its place if
 * `detached`; gives its id. Returns 0; 1 if the header is too long; 2 if hashing or signing failed. What
 * did not fit shows in lm_cbor_ok(w). */
int lm_cose_sign1(lm_cbor* w, const lm_cose_header* header, lm_span payload, bool detached,
                  const lm_crypto* crypto, uint8_t id[LM_DIGEST_BYTES]);

#ifdef __cplusplus
}
#endif
