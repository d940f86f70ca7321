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
  if (!line.starts_with("HTTP/1.1 ") && !line.starts_with("HTTP/1.0 ")) return 0;
  line = trimmed(line.substr(9));
  int status = 0;
  const char* const end = line.data() + std::min<std::size_t>(line.size(), 3);
  const auto read = std::from_chars(line.data(), end, status);
  const bool alone = line.size() == 3 || (line.size() > 3 && line[3] == ' ');
  return alone && read.ec == std::errc{} && read.ptr == end ? status : 0;
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
  if (text.starts_with("HTTP/")) return status(text);
  return trimmed(text).empty() ? end_of_head() : header(text);
}

// Nobody asked for another protocol (101).
bool Answer::status(std::string_view text) {
  response_ = {};
  response_.status = status_of(text);
  return response_.status >= 100 && response_.status <= 599 && response_.status != 101;
}

// What is no header, as a line that goes on with the one before it, is none. A coding that nobody asked for is an error:
// what cannot be undone is not told from what was cut.
bool Answer::header(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) return true;
  std::string name = lower(text.substr(0, colon));
  const std::string_view value = trimmed(text.substr(colon + 1));
  if (name == "transfer-encoding" && lower(value) != "chunked") return false;
  if (name == "content-type") response_.content_type = value;
  const auto [at, is_new] = response_.headers.try_emplace(std::move(name), value);
  if (!is_new) at->second.append(", ").append(value);
  return true;
}

// Where no body is wanted, and one comes, it ends here.
bool Answer::end_of_head() {
  const int status = response_.status;
  head_is_whole_ = status >= 200;
  if (!is_enough() || status == 204 || status == 304) return true;
  const auto length = response_.headers.find("content-length");
  return length != response_.headers.end() && length->second == "0";
}

bool Answer::body(ByteView piece) {
  if (piece.size() > body_max_ - response_.body.size()) {
    too_large_ = true;
    return false;
  }
  response_.body.insert(response_.body.end(), piece.begin(), piece.end());
  return true;
}

}  // namespace lotmark::http
