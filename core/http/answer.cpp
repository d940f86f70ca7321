#include "core/http/answer.h"

#include <algorithm>
#include <charconv>

namespace lotmark::http {

namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  });
  return out;
}

// Of "HTTP/1.1 200 OK"; 0 if it is no such line.
int status_of(std::string_view line) {
  line.remove_prefix(std::min(line.find(' '), line.size()));
  line = trimmed(line);
  int status = 0;
  const auto end = std::from_chars(line.data(), line.data() + line.size(), status);
  return end.ec == std::errc{} && end.ptr == line.data() + 3 ? status : 0;
}

}  // namespace

void Answer::receive(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Answer::on_line);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Answer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
}

std::size_t Answer::on_line(char* data, std::size_t size, std::size_t count, void* self) {
  return static_cast<Answer*>(self)->line({data, size * count}) ? size * count : 0;
}

std::size_t Answer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  const ByteView piece(reinterpret_cast<const std::uint8_t*>(data), size * count);
  return static_cast<Answer*>(self)->body(piece) ? piece.size() : 0;
}

// A line with its end. Each interim answer, and the answer after a request that was sent again, begins a head anew.
bool Answer::line(std::string_view text) {
  head_bytes_ += text.size();
  if (head_bytes_ > head_max_) {
    too_large_ = true;
    return false;
  }
  if (head_is_whole_) return true;  // a trailer is no part of the head, and nobody asks for one
  if (text.starts_with("HTTP/")) {
    response_ = {};
    response_.status = status_of(text);
  } else if (trimmed(text).empty()) {
    head_is_whole_ = response_.status >= 200;
  } else {
    header(text);
  }
  return true;
}

// What is no header, as a line that goes on with the one before it, is none.
void Answer::header(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) return;
  std::string name = lower(text.substr(0, colon));
  const std::string_view value = trimmed(text.substr(colon + 1));
  if (name == "content-type") response_.content_type = value;
  const auto [at, is_new] = response_.headers.try_emplace(std::move(name), value);
  if (!is_new) at->second.append(", ").append(value);
}

bool Answer::body(ByteView piece) {
  if (body_max_ == 0) {
    body_left_ = true;
    return false;
  }
  if (piece.size() > body_max_ - response_.body.size()) {
    too_large_ = true;
    return false;
  }
  response_.body.insert(response_.body.end(), piece.begin(), piece.end());
  return true;
}

}  // namespace lotmark::http
