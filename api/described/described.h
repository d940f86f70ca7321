// The API's own description: OpenAPI 3.1 at /openapi.json, and a page of it at /docs. openapi.json is written by hand and
// compiled in; tests compare it with the table of who may do what, and with what is served.
#pragma once

#include <string>
#include <string_view>

namespace lotmark::api {

std::string_view openapi_text();
// A page without scripts that lists every route, what it does and who may ask it.
const std::string& docs_page();

}  // namespace lotmark::api
