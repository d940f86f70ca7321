#include "core/http/head.h"

namespace lotmark::http {

namespace {

bool is_target(std::string_view s) {
  for (const char c : s) {
    if (c <= 0x20 || c >= 0x7f) return false;
    if (std::string_view("\"<>\\^`{|}#").find(c) != std::string_view::npos) return false;
  }
  return !s.empty();
}

bool is_field_value(std::string_view s) {
  for (const char c : s) {
    const auto u = static_cast<unsigned char>(c);
    if ((u < 0x20 && u != '\t') || u == 0x7f) return false;
  }
  return true;
}

std::string lower(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return out;
}

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// Takes the next line off `rest`, which ends lines with CRLF only.
std::string_view take_line(std::string_view& rest) {
  const auto end = std::min(rest.find("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 2, rest.size()));
  return line;
}

HeadFault split_target(std::string_view target, Request& out) {
  for (const std::string_view scheme :
       {"http://", "https://"}) {  // absolute form: as if by a proxy
    if (target.starts_with(scheme)) {
      const auto slash = target.find('/', scheme.size());
      target = slash == std::string_view::npos ? "/" : target.substr(slash);
    }
  }
  if (target.front() != '/' && target != "*") return {400, "the target is no path"};
  const auto mark = std::min(target.find('?'), target.size());
  out.path = target.substr(0, mark);
  out.query = target.substr(std::min(mark + 1, target.size()));
  return {};
}

HeadFault request_line(std::string_view line, Head& out) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return {400, "no request line"};
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > 16) return {400, "the method is no token"};
  if (target.size() > kTargetMax) {
    out.request.path = target.substr(0, std::min(target.find('?'), kTargetMax));
    return {414, "the target is too long"};
  }
  if (!is_target(target)) return {400, "a character in the target must be percent-encoded"};
  if (!version.starts_with("HTTP/")) return {400, "no HTTP version"};
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return {505, "HTTP/1.1 is spoken here"};
  out.keep_alive = version == "HTTP/1.1";
  out.request.method = method;
  return split_target(target, out.request);
}

bool may_repeat(std::string_view name) {
  return name != "host" && name != "content-length" && name != "transfer-encoding" &&
         name != "authorization" && name != "content-type";
}

HeadFault header_line(std::string_view line, Headers& out) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return {400, "a header line is malformed"};
  }
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return {400, "a header holds a control character"};
  auto [it, fresh] = out.try_emplace(lower(line.substr(0, colon)), value);
  if (fresh) return {};
  if (!may_repeat(it->first)) return {400, "a header that may stand once stands twice"};
  it->second += ", ";
  it->second += value;
  return {};
}

HeadFault content_length(std::string_view text, std::uint64_t& out) {
  if (text.empty() || text.size() > 15) return {400, "Content-Length is malformed"};
  for (const char c : text) {
    if (c < '0' || c > '9') return {400, "Content-Length is malformed"};
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return {};
}

// How long the body is, and whether the connection goes on.
HeadFault framing(Head& out) {
  const Request& r = out.request;
  if (out.keep_alive && !r.headers.contains("host")) return {400, "no Host"};
  const std::string connection = lower(r.header("connection"));
  if (connection.find("close") != std::string::npos) out.keep_alive = false;
  out.expects_continue = lower(r.header("expect")) == "100-continue";
  const bool has_length = r.headers.contains("content-length");
  if (r.headers.contains("transfer-encoding")) {
    if (lower(r.header("transfer-encoding")) != "chunked")
      return {501, "only chunked is understood"};
    if (has_length) return {400, "both Content-Length and Transfer-Encoding"};
    out.chunked = true;
  }
  return has_length ? content_length(r.header("content-length"), out.content_length) : HeadFault{};
}

}  // namespace

HeadFault parse_head(std::string_view bytes, Head& out) {
  if (const auto f = request_line(take_line(bytes), out); f.status != 0) return f;
  std::size_t lines = 0;
  for (auto line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
    if (++lines > kHeaderLinesMax) return {431, "too many header lines"};
    if (const auto f = header_line(line, out.request.headers); f.status != 0) return f;
  }
  return framing(out);
}

void ChunkReader::on_line(std::string_view line) {
  if (state_ == State::kTrailer) {
    if (line.empty()) state_ = State::kDone;
    return;
  }
  line = line.substr(0, std::min(line.find(';'), line.size()));
  if (line.empty() || line.size() > 8) {
    state_ = State::kBad;
    return;
  }
  chunk_ = 0;
  for (const char c : line) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) {
      state_ = State::kBad;
      return;
    }
    chunk_ = chunk_ * 16 + static_cast<std::size_t>(digit);
  }
  if (chunk_ > left_) state_ = State::kTooLarge;
  else state_ = chunk_ == 0 ? State::kTrailer : State::kData;
}

std::size_t ChunkReader::feed(std::string_view in, Bytes& body) {
  std::size_t used = 0;
  while (used < in.size() && !done() && !bad() && !too_large()) {
    if (state_ == State::kData) {
      const std::size_t n = std::min(chunk_, in.size() - used);
      const auto part = as_bytes(in.substr(used, n));
      body.insert(body.end(), part.begin(), part.end());
      used += n;
      chunk_ -= n;
      left_ -= n;
      if (chunk_ == 0) state_ = State::kDataEnd;
      continue;
    }
    const char c = in[used++];
    if (++overhead_ > kHeadMax + left_ + body.size()) state_ = State::kBad;
    if (c != '\n') {
      line_ += c;
      if (line_.size() > 256) state_ = State::kBad;
      continue;
    }
    if (line_.empty() || line_.back() != '\r') {
      state_ = State::kBad;
      break;
    }
    line_.pop_back();
    if (state_ == State::kDataEnd) {
      state_ = line_.empty() ? State::kSize : State::kBad;
    } else {
      on_line(line_);
    }
    line_.clear();
  }
  return used;
}

}  // namespace lotmark::http
