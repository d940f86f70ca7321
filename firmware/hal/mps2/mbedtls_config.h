/* mbedTLS 2.28 for a board: ES256 with RFC 6979 nonces, SHA-256 and HMAC-DRBG, memory from one array (board.c). */
#pragma once

#define MBEDTLS_HAVE_ASM
#define MBEDTLS_NO_UDBL_DIVISION

#define MBEDTLS_BIGNUM_C
#define MBEDTLS_MPI_MAX_SIZE 64
#define MBEDTLS_ECP_C
#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_MAX_BITS 256
#define MBEDTLS_ECP_NIST_OPTIM
/* A table of 8 points of the base point, kept in the array after the first signature: half the time for 1 kB. */
#define MBEDTLS_ECP_WINDOW_SIZE 4
#define MBEDTLS_ECP_FIXED_POINT_OPTIM 1
#define MBEDTLS_ECDSA_C
#define MBEDTLS_ECDSA_DETERMINISTIC
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C

#define MBEDTLS_MD_C
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
#define MBEDTLS_HMAC_DRBG_C

#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MEMORY
#define MBEDTLS_MEMORY_BUFFER_ALLOC_C
/* No stdio: what the allocator would say of a damaged array goes nowhere; then it stops, and the
 * watchdog starts the board anew. */
#define MBEDTLS_PLATFORM_FPRINTF_MACRO(...) ((void)0)
void lm_halt(int code);
#define MBEDTLS_PLATFORM_EXIT_MACRO lm_halt

#include <mbedtls/check_config.h>
