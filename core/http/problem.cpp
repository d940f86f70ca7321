#include "core/http/problem.h"

#include <nlohmann/json.hpp>

namespace lotmark::http {

// One table on purpose. What is not named: malformed bytes are 400, what breaks a rule is 422.
int status_of(Errc code) {
  switch (code) {
    case Errc::kOk: return 200;
    case Errc::kObjectTooLarge:
    case Errc::kBlockTooLarge:
    case Errc::kReceiptTooLarge:
    case Errc::kFrameTooLarge:
    case Errc::kTooLarge: return 413;
    case Errc::kNeedSeq:
    case Errc::kSeqConflict:
    case Errc::kPrevMismatch:
    case Errc::kBlockPrev:
    case Errc::kBlockNumber:
    case Errc::kBlockFork:
    case Errc::kVoteInconsistent:
    case Errc::kStartUsed:
    case Errc::kTransactionFork:
    case Errc::kConflict: return 409;
    case Errc::kTokenExpired:
    case Errc::kTokenReplayed:
    case Errc::kTokenMismatch: return 401;
    case Errc::kDenied: return 403;
    case Errc::kNotFound: return 404;
    case Errc::kUsage: return 400;
    case Errc::kNetwork: return 502;
    case Errc::kUnavailable:
    case Errc::kNotReady: return 503;
    case Errc::kDiskFull: return 507;
    case Errc::kIo:
    case Errc::kStore:
    case Errc::kConfig:
    case Errc::kInternal:
    case Errc::kCorrupt:
    case Errc::kCrypto: return 500;
    default: return code < Errc::kCoseShape ? 400 : 422;
  }
}

static Response write(int status, nlohmann::json extra, std::string_view detail) {
  extra["title"] = reason_phrase(status);
  extra["status"] = status;
  if (!detail.empty()) extra["detail"] = detail;
  using Json = nlohmann::json;
  return text_response(status, "application/problem+json",
                       extra.dump(-1, ' ', false, Json::error_handler_t::replace));
}

Response problem(const Error& error) {
  const int status = status_of(error.code);
  const nlohmann::json extra = {{"error", name(error.code)},
                                {"number", static_cast<unsigned>(error.code)}};
  Response r = write(status, extra, status == 500 ? std::string_view{} : error.text);
  if (status == 503) r.headers["Retry-After"] = "1";
  return r;
}

Response problem(int status, std::string_view detail) {
  return write(status, nlohmann::json::object(), detail);
}

}  // namespace lotmark::http
