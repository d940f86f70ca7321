// What a client certificate says of its owner, as a proxy in front hands it on.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace lotmark::api::access {

struct ClientCertificate {
  std::string common_name;            // empty: none, or more than one
  std::optional<Digest> fingerprint;  // SHA-256 of its DER
  bool operator==(const ClientCertificate&) const = default;
};

// The one CN of a distinguished name as nginx's $ssl_client_s_dn has it (RFC 4514: "CN=hualin/erp,O=Hualin"). Nothing if
// it is malformed, has no CN or several, or the CN is encoded as #hex.
std::optional<std::string> common_name_of(std::string_view distinguished_name);

// A percent-encoded PEM certificate (nginx's $ssl_client_escaped_cert). Nothing if it is none, or above 16 KiB. Whether it
// is good, who spoke TLS has judged.
std::optional<ClientCertificate> read_escaped_certificate(std::string_view text);

}  // namespace lotmark::api::access
