// How long an answer may be kept.
#pragma once

#include "core/http/message.h"

namespace lotmark::api {

// A quoted ETag of these bytes.
std::string etag_of(ByteView bytes);
// An answer that may be kept but must be asked after each time; 304 if the caller has it already.
http::Response with_etag(const http::Request& request, const std::string& etag,
                         http::Response answer);
// An answer that nobody keeps.
http::Response no_store(http::Response answer);

}  // namespace lotmark::api
