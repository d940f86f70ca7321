// Reads a request's head and a chunked body: the strict part of RFC 9112 that we accept, no I/O.
// Whatever two readers could understand differently (both lengths, folded lines, bare LF, odd chunk
// sizes) is refused.
#pragma once

#include <cstdint>

#include "core/http/message.h"

namespace lotmark::http {

inline constexpr std::size_t kHeadMax = 16 * 1024;
inline constexpr std::size_t kTargetMax = 4 * 1024;
inline constexpr std::size_t kHeaderLinesMax = 64;

struct Head {
  Request request;  // without body
  bool keep_alive = true;
  bool chunked = false;
  bool expects_continue = false;
  std::uint64_t content_length = 0;
};

// Why a head is refused, as an HTTP status; 0 if it is not.
struct HeadFault {
  int status = 0;
  const char* why = "";
};

// `bytes` end with the empty line.
HeadFault parse_head(std::string_view bytes, Head& out);

// Takes a chunked body apart as it comes. Extensions and trailers are read over.
class ChunkReader {
 public:
  explicit ChunkReader(std::size_t body_max) : left_(body_max) {}
  // Eats what it can of `in` (all of it, unless the body ends in it) and appends content to `body`.
  std::size_t feed(std::string_view in, Bytes& body);
  bool done() const { return state_ == State::kDone; }
  bool bad() const { return state_ == State::kBad; }
  bool too_large() const { return state_ == State::kTooLarge; }

 private:
  enum class State { kSize, kData, kDataEnd, kTrailer, kDone, kBad, kTooLarge };
  void on_line(std::string_view line);
  State state_ = State::kSize;
  std::string line_;  // a line that is not complete yet
  std::size_t left_;  // bytes the body may still grow
  std::size_t chunk_ = 0;
  std::size_t overhead_ = 0;
};

}  // namespace lotmark::http
