// Brings an issuer's key set from its file or URL (RFC 7517 section 5; RFC 8414's jwks_uri).
#pragma once

#include "api/access/key_keeper.h"

namespace lotmark::api {

// io, too-large of a file. Of a URL: network, unavailable above 5 s, denied for a status other than 200; redirects are not
// followed.
Result<Bytes> fetch_keys(const access::KeySource& source);

}  // namespace lotmark::api
