#include "core/http/head.h"

#include <gtest/gtest.h>

namespace lotmark::http {
namespace {

int status(std::string_view text) {
  Head head;
  return parse_head(text, head).status;
}

TEST(Head, ReadsMethodTargetAndHeaders) {
  Head h;
  ASSERT_EQ(parse_head("GET /01/06901234567892/10/A-2026%2F01?17=281231 HTTP/1.1\r\nHost: a\r\n"
                       "Accept: text/html\r\nACCEPT:application/json \r\n\r\n",
                       h)
                .status,
            0);
  EXPECT_EQ(h.request.method, "GET");
  EXPECT_EQ(h.request.path, "/01/06901234567892/10/A-2026%2F01");
  EXPECT_EQ(h.request.query, "17=281231");
  EXPECT_EQ(h.request.header("accept"), "text/html, application/json");
  EXPECT_EQ(h.request.target(), "/01/06901234567892/10/A-2026%2F01?17=281231");
  EXPECT_TRUE(h.keep_alive);
}

TEST(Head, AbsoluteTargetLosesItsHost) {
  Head h;
  ASSERT_EQ(parse_head("GET http://a.example/x?y HTTP/1.1\r\nHost: a\r\n\r\n", h).status, 0);
  EXPECT_EQ(h.request.path, "/x");
  EXPECT_EQ(h.request.query, "y");
}

TEST(Head, ConnectionCloseAndOldVersionEndTheConnection) {
  Head h;
  ASSERT_EQ(parse_head("GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n", h).status, 0);
  EXPECT_FALSE(h.keep_alive);
  Head old;
  ASSERT_EQ(parse_head("GET / HTTP/1.0\r\n\r\n", old).status, 0);
  EXPECT_FALSE(old.keep_alive);
}

TEST(Head, WhatTwoReadersCouldReadDifferentlyIsRefused) {
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400) << "no Host";
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n"), 400) << "space in a name";
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nA : c\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\nHost: a\n\r\n\r\n"), 400) << "bare LF";
  EXPECT_EQ(
      status(
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"),
      400);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"),
            400);
  for (const char* length : {"-1", "+1", "1 ", "0x1", "1,1", "9999999999999999", ""}) {
    const std::string text = std::string("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ") +
                             length + (length == std::string("1 ") ? "2" : "") + "\r\n\r\n";
    EXPECT_EQ(status(text), 400) << length;
  }
}

TEST(Head, WhatIsNotUnderstoodIsSaidSo) {
  EXPECT_EQ(status("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"), 501);
  EXPECT_EQ(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status("GET /" + std::string(kTargetMax, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"), 414);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 70; ++i) many += "A: b\r\n";
  EXPECT_EQ(status(many + "\r\n"), 431);
}

TEST(Head, BadTargetsAndMethodsAreRefused) {
  for (const char* line : {"GET", "GET /", "GET  HTTP/1.1", "G@T / HTTP/1.1", "GET nopath HTTP/1.1",
                           "GET /a b HTTP/1.1", "GET /\x01 HTTP/1.1", "GET /\xc3\xa9 HTTP/1.1",
                           "GET /<a> HTTP/1.1", "GET / HTTPS"}) {
    EXPECT_EQ(status(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
}

struct Chunked {
  ChunkReader reader{10};
  Bytes body;
  std::string text() const { return std::string(as_text(body)); }
};

TEST(Chunks, AreJoinedHoweverTheyArrive) {
  const std::string wire = "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nnext";
  for (std::size_t step = 1; step < wire.size(); ++step) {
    ChunkReader reader(13);
    Bytes body;
    std::size_t used = 0;
    for (std::size_t at = 0; at < wire.size() && !reader.done(); at += step) {
      used += reader.feed(std::string_view(wire).substr(at, step), body);
    }
    EXPECT_TRUE(reader.done()) << step;
    EXPECT_EQ(as_text(body), "abc0123456789");
    EXPECT_EQ(wire.substr(used), "next");
  }
}

TEST(Chunks, AboveTheLimitAreTooLarge) {
  Chunked c;
  c.reader.feed("8\r\n01234567\r\n3\r\nabc", c.body);
  EXPECT_TRUE(c.reader.too_large());
}

TEST(Chunks, OddSizesAreRefused) {
  for (const char* wire : {"-1\r\n", "zz\r\n", "\r\n", " 1\r\na\r\n", "0x1\r\na\r\n",
                           "123456789\r\n", "1\na\r\n", "1\r\nab\r\n"}) {
    Chunked c;
    c.reader.feed(wire, c.body);
    EXPECT_TRUE(c.reader.bad()) << wire;
  }
}

}  // namespace
}  // namespace lotmark::http
