// How a new gateway gets its certificate and configuration: a one-time code goes by one way, a request and its answer
// (two files) by any other. Request and answer are authenticated by the code: nobody between can put in another key, nor
// send the device to another chain. docs/operate/enrolment.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/result.h"
#include "core/crypto/p256.h"

namespace lotmark::enrolment {

inline constexpr std::size_t kFileMax = 256 * 1024;

// Twenty letters and digits in groups of five, 100 bits: "7KQF2-M9D3H-..."; no I, L, O or U (Crockford's base 32).
std::string new_code();
// The key both sides derive of a code, however it was typed: in small letters, without dashes, O for 0, I or L for 1.
// Nothing if it is no code.
std::optional<Digest> code_key(std::string_view code);

struct Request {
  std::string name;  // organisation/device
  PublicKey record_key;
  std::string csr;  // PEM, of the TLS key
};
// JSON. The record key signs it: who asks has the key.
Result<std::string> write_request(const Request& request, const Signer& record_key,
                                  const Digest& code_key);
// field-range: no request of this version; denied: made with another code; cose-signature: not by that record key.
Result<Request> read_request(std::string_view json, const Digest& code_key);
// Its name alone, believed for nothing but to find the code by.
Result<std::string> name_of_request(std::string_view json);

struct Answer {
  std::string name;
  std::string certificate;  // PEM
  std::string ca;           // PEM
  std::string config;       // agent.toml, its files named ca.crt, tls.crt, tls.key
};
std::string write_answer(const Answer& answer, const Digest& code_key);
// field-range, or denied as above.
Result<Answer> read_answer(std::string_view json, const Digest& code_key);

}  // namespace lotmark::enrolment
