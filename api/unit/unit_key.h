// One unit of a lot, as its code names it.
#pragma once

#include <string>

#include "core/wire/values.h"

namespace lotmark::api {

struct UnitKey {
  Gtin gtin;
  LotNumber lot;
  std::string serial;  // 1 to 20 bytes of the lot's character set
};

}  // namespace lotmark::api
