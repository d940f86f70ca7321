// The HTTP status that fits an error: one table for the API, for nodes among themselves and for operators.
#pragma once

#include "core/base/errc.h"

namespace lotmark {

int http_status(Errc code);

}  // namespace lotmark
