#include "api/access/access_record.h"

#include "core/base/hex.h"
#include "core/crypto/sha256.h"

namespace lotmark::api::access {

namespace {

constexpr std::string_view kMark = " sha256=";
constexpr std::size_t kFollowingMax = 3;  // bytes of a character of UTF-8 behind its first

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_escape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && is_hex(text[1]) && is_hex(text[2]);
}

// Whether `text` begins with a byte, percent-encoded or not, that is in the middle of a character.
bool is_following(std::string_view text) {
  if (is_escape(text))
    return text[1] == '8' || text[1] == '9' || (text[1] | 0x20) == 'a' || (text[1] | 0x20) == 'b';
  return !text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0) == 0x80;
}

// The longest part at the begin of `text`, within `room`, that splits no escape and no character.
std::size_t whole_part(std::string_view text, std::size_t room) {
  std::size_t end = 0, following = 0;
  for (std::size_t at = 0; at <= room && at < text.size();) {
    const std::string_view rest = text.substr(at);
    following = is_following(rest) ? following + 1 : 0;
    if (following == 0 || following > kFollowingMax) end = at;
    at += is_escape(rest) ? 3 : 1;
  }
  return end;
}

}  // namespace

std::string kept_target(std::string target) {
  if (target.size() <= AccessRecord::kTargetMax) return target;
  const std::string mark = std::string(kMark) + to_hex(sha256(as_bytes(target)));
  target.resize(whole_part(target, AccessRecord::kTargetMax - mark.size()));
  return target + mark;
}

}  // namespace lotmark::api::access
