// By what a file says of itself what it is, of whatever version. Included by core/proof's own sources only.
#pragma once

#include "core/base/bytes.h"

namespace lotmark::proof {

// A map whose key 0 is a text of up to 23 bytes that begins so.
inline bool magic_begins(ByteView file, std::string_view begin) {
  return file.size() > 3 && file[0] >> 5 == 5 && file[1] == 0 && file[2] >> 5 == 3 &&
         as_text(file.subspan(3)).starts_with(begin);
}

}  // namespace lotmark::proof
