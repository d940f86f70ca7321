#include "api/freshness.h"

#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::api {

std::string etag_of(ByteView bytes) { return '"' + to_hex(sha256(bytes).view().first(12)) + '"'; }

http::Response with_etag(const http::Request& r, const std::string& etag, http::Response out) {
  out.headers["ETag"] = etag;
  out.headers["Cache-Control"] = "no-cache";
  const std::string_view held = r.header("if-none-match");
  if (out.status == 200 && !held.empty() &&
      (held == "*" || held.find(etag) != std::string_view::npos)) {
    out.status = 304;
    out.body.clear();
    out.content_type.clear();
  }
  return out;
}

http::Response no_store(http::Response out) {
  out.headers["Cache-Control"] = "no-store";
  return out;
}

}  // namespace lotmark::api
