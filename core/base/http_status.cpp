#include "core/base/http_status.h"

namespace lotmark {

// One table on purpose. What is not named: malformed bytes are 400, what breaks a rule is 422.
int http_status(Errc code) {
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

}  // namespace lotmark
