// HTTP heads and chunked bodies: no two ways to read them. What comes before the first empty line is the head, the
// rest the body.
#include "core/http/head.h"

#include "core/http/problem.h"
#include "tests/fuzz/target.h"

namespace lotmark::http {
namespace {

struct Body {
  Bytes bytes;
  std::size_t used = 0;
  bool done, bad, too_large;
  bool operator==(const Body&) const = default;
};

// `step` bytes at a time.
Body read_chunked(std::string_view in, std::size_t step, std::size_t max) {
  ChunkReader reader(max);
  Body out{};
  while (out.used < in.size() && !reader.done() && !reader.bad() && !reader.too_large()) {
    const auto part = in.substr(out.used, step);
    const std::size_t used = reader.feed(part, out.bytes);
    LM_ASSERT(used <= part.size());
    out.used += used;
  }
  LM_ASSERT(out.bytes.size() <= max);
  out.done = reader.done();
  out.bad = reader.bad();
  out.too_large = reader.too_large();
  return out;
}

void check_head(const Head& head) {
  LM_ASSERT(!head.request.method.empty());
  LM_ASSERT(!(head.chunked && head.request.headers.contains("content-length")));
  LM_ASSERT(head.request.headers.size() <= kHeaderLinesMax);
  for (const auto& [name, value] : head.request.headers) {
    LM_ASSERT(value.find_first_of("\r\n") == std::string::npos && !name.empty());
    LM_ASSERT(std::ranges::none_of(name, [](char c) { return c >= 'A' && c <= 'Z'; }));
  }
  if (const auto path = percent_decode(head.request.path)) {
    LM_ASSERT(percent_decode(percent_encode(*path)) == *path);
  }
  for (const char* key : {"gtin", "from", ""}) (void)query_value(head.request.query, key);
}

void fuzz_http_head(ByteView in) {
  const std::string_view text = as_text(in);
  const auto end = text.find("\r\n\r\n");
  const auto cut = end == std::string_view::npos ? text.size() : end + 4;
  Head head;
  const auto fault = parse_head(text.substr(0, cut), head);
  LM_ASSERT(fault.status == 0 || (fault.status >= 400 && fault.status < 600));
  if (fault.status == 0) check_head(head);
  const auto body = text.substr(cut);
  for (const std::size_t max : {std::size_t{64}, std::size_t{1} << 20}) {
    const Body whole = read_chunked(body, body.size(), max);
    LM_ASSERT(read_chunked(body, 1, max) == whole);
    LM_ASSERT(read_chunked(body, 7, max) == whole);
  }
  // Whatever a caller sent, a refusal that repeats it can be written.
  (void)problem(fail(Errc::kNotFound, std::string(text.substr(0, 64))));
}

}  // namespace
LM_FUZZ_TARGET(http_head, fuzz_http_head);
}  // namespace lotmark::http
