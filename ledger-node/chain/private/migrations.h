// Inside chain/private: the migrations of private.db, SQL each, in files by what they are of (schema*.cpp). Their order is
// schema.cpp's.
#pragma once

#include <string_view>

namespace lotmark::chain::migration {

extern const std::string_view kFirst;
extern const std::string_view kPromise;
extern const std::string_view kCopies;
extern const std::string_view kSecond;
extern const std::string_view kStopped;
extern const std::string_view kEvents;
extern const std::string_view kAccess;
extern const std::string_view kQueries;
extern const std::string_view kFreeEvents;
extern const std::string_view kAccessBy;
extern const std::string_view kMovedFirst;
extern const std::string_view kJobOwner;
extern const std::string_view kLateCopies;
extern const std::string_view kSealed;
extern const std::string_view kSerials;
extern const std::string_view kSerialsSent;
extern const std::string_view kSegmentShares;
extern const std::string_view kEventTypes;

}  // namespace lotmark::chain::migration
