// The charset of an XML document (XML 1.0 section 4.3.3).
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.h"

namespace lotmark::epcis::xml {

// The document in UTF-8 without its byte order mark: from UTF-8, or UTF-16 that begins with a mark. usage for another
// declared charset, for one that the bytes are not in, and for characters that XML does not allow (section 2.2).
Result<std::string> decode_xml(std::string_view bytes);

}  // namespace lotmark::epcis::xml
