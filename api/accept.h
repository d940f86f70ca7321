// What a caller would like best: Accept and Accept-Language by RFC 9110 sections 12.5.1 and 12.5.4. Pure functions of
// their text; any thread.
#pragma once

#include <optional>
#include <string_view>

namespace lotmark::api {

// Weights in thousandths, 0: not wanted. What is no weight weighs nothing.

// Of a media type: the most specific element that fits decides. An Accept of nothing but blanks wants everything.
int quality_of(std::string_view accept, std::string_view type);
// The same, but by its own name alone: neither "*/*" nor "application/*" asks for it.
int named_quality(std::string_view accept, std::string_view type);
// Of a text in the language `tag` ("en", "zh-CN"): the closest range decides. "en" takes "en-GB" and, less closely,
// "en-GB" takes "en" (RFC 4647 sections 3.3.1 and 3.4). Without a header every language weighs 1000.
int language_quality(std::string_view accept_language, std::string_view tag);

// Which of the two an Accept header wants: true for JSON. Nothing if it wants neither.
std::optional<bool> wants_json(std::string_view accept);

}  // namespace lotmark::api
