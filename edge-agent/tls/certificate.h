// The device's X.509 certificate: read, asked for, judged. It opens the door to brokers and proves nothing of records.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/crypto/key_file.h"

namespace lotmark::agent {

struct Certificate {
  std::string common_name;  // organisation/device
  Time from;
  Time to;
  Bytes key;  // SubjectPublicKeyInfo, DER
};

// The first certificate of a PEM text of at most 64 KiB. key-bad if it is none.
Result<Certificate> read_certificate(std::string_view pem);
Result<Certificate> read_certificate_file(const std::filesystem::path& file);

// That the key in `key_file` (PEM, without a password) is the one of the first certificate in `cert_file`: of any
// algorithm, since a site's CA may have made both. io or key-bad.
Status check_key_pair(const std::filesystem::path& cert_file,
                      const std::filesystem::path& key_file);

// A PKCS#10 request (RFC 2986), PEM, signed by the key.
Result<std::string> make_request(const Scalar& key, const std::string& common_name);

// Is that certificate the key's, and will it be good after `now`? key-bad, with what is wrong, if not.
Status check_certificate(const Certificate& certificate, const Scalar& key, Time now);

}  // namespace lotmark::agent
