// A file of serials that `lotmark usage report` and `lotmark mark` name: few of a lot, held whole. All serials of a lot are in
// another (serial_file.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace lotmark::cli {

// One a line; empty lines say nothing. Ascending by bytes, `most` of them at the most; usage names the line of what is
// no serial, there twice, or one more than `whose` ("a report") may name.
Result<std::vector<std::string>> read_named_serials(const std::string& file, std::size_t most,
                                                    std::string_view whose);

}  // namespace lotmark::cli
