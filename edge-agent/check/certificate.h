// What a PEM file of certificates and a key file say, for `check` and for the metrics.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/result.h"

namespace lotmark::agent {

struct CertificateDates {
  std::string subject;
  std::int64_t from_ms = 0;   // ms UTC, not before
  std::int64_t until_ms = 0;  // ms UTC, not after
};
// Of the first certificate in the file. io, or key-bad if it holds none.
Result<CertificateDates> read_certificate(const std::string& file);
// That the key in `key_file` is the one of the first certificate in `cert_file`.
Status check_key_pair(const std::string& cert_file, const std::string& key_file);

}  // namespace lotmark::agent
