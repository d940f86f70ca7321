// The media types that EPCIS documents come in.
#pragma once

#include "core/http/message.h"

namespace lotmark::api::epcis {

enum class Media { kJson, kXml, kOther };

// Of the body by Content-Type, whose parameters do not count, but that a charset other than UTF-8 is another type.
Media media_of(const http::Request& request);

}  // namespace lotmark::api::epcis
