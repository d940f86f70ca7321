// An answer as libcurl brings it: line by line, then piece by piece. Holds no more of it than was asked for.
#pragma once

#include <curl/curl.h>

#include "core/http/message.h"

namespace lotmark::http {

class Answer {
 public:
  // `body_max` 0: the body is not wanted, and what comes of it ends the transfer.
  Answer(std::size_t head_max, std::size_t body_max) : head_max_(head_max), body_max_(body_max) {
    response_.status = 0;
  }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  // Makes `easy` bring its answer here. This must outlive the transfer.
  void receive(CURL* easy);

  bool head_is_whole() const { return head_is_whole_; }
  bool is_too_large() const { return too_large_; }
  // All that was wanted of it is there, however the transfer ended.
  bool is_enough() const { return head_is_whole_ && body_max_ == 0; }
  Response take() && { return std::move(response_); }

 private:
  static std::size_t on_line(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  bool line(std::string_view text);
  bool body(ByteView piece);
  bool status(std::string_view text);
  bool header(std::string_view text);
  bool end_of_head();

  const std::size_t head_max_, body_max_;
  std::size_t head_bytes_ = 0;  // of interim answers too
  bool head_is_whole_ = false;  // of the final one
  bool too_large_ = false;
  Response response_;
};

}  // namespace lotmark::http
