#include "core/http/message.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "core/base/http_status.h"
#include "core/http/problem.h"

namespace lotmark::http {
namespace {

TEST(Percent, EncodesAllButUnreservedAndDecodesItAgain) {
  EXPECT_EQ(percent_encode("A-2026/01"), "A-2026%2F01");
  EXPECT_EQ(percent_encode("a_b.c~d"), "a_b.c~d");
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(Percent, BrokenEscapesAreNoText) {
  for (const char* bad : {"%", "%4", "a%4g", "%%41", "%-1"})
    EXPECT_FALSE(percent_decode(bad)) << bad;
}

TEST(Query, FindsAKeyAmongOthers) {
  const auto value = [](std::string_view query, std::string_view key) {
    const auto v = query_value(query, key);
    return v ? v->value_or("absent") : v.error().message();
  };
  EXPECT_EQ(value("a=1&from=22&b", "from"), "22");
  EXPECT_EQ(value("a=x%26y+z", "a"), "x&y z");
  EXPECT_EQ(value("a=1&b", "b"), "");
  EXPECT_EQ(value("%61=1", "a"), "1");
  EXPECT_EQ(value("a=1", "from"), "absent");
  EXPECT_EQ(value("", "from"), "absent");
  EXPECT_EQ(value("a=1&b=2&a=1", "a"), "usage: a is given twice");
  EXPECT_EQ(value("a=1&%61=2", "a"), "usage: a is given twice");
  EXPECT_EQ(value("a=%zz", "a"), "usage: a has a % without two hex digits");
}

TEST(Problem, NamesTheErrorAndItsNumber) {
  const Response r = problem(fail(Errc::kNeedSeq, "expected 7, got 9"));
  EXPECT_EQ(r.status, 409);
  EXPECT_EQ(r.content_type, "application/problem+json");
  const auto json = nlohmann::json::parse(as_text(r.body));
  EXPECT_EQ(json["error"], "need-seq");
  EXPECT_EQ(json["number"], 46);
  EXPECT_EQ(json["status"], 409);
  EXPECT_EQ(json["title"], "Conflict");
  EXPECT_EQ(json["detail"], "expected 7, got 9");
}

TEST(Problem, KeepsInternalDetailsToItself) {
  const Response r = problem(fail(Errc::kStore, "/var/lib/secret.db: malformed"));
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(as_text(r.body).find("secret"), std::string_view::npos);
}

TEST(Problem, EveryErrorHasAStatusOfAnError) {
  for (unsigned n = 1; n < 2000; ++n) {
    const auto code = static_cast<Errc>(n);
    if (name(code) == "unknown-error") continue;
    EXPECT_GE(http_status(code), 400) << name(code);
    EXPECT_LT(http_status(code), 600) << name(code);
    EXPECT_NE(reason_phrase(http_status(code)), "Unknown") << name(code);
  }
  EXPECT_EQ(http_status(Errc::kNotFound), 404);
  EXPECT_EQ(http_status(Errc::kTokenExpired), 401);
  EXPECT_EQ(http_status(Errc::kCborTruncated), 400);
  EXPECT_EQ(http_status(Errc::kCoseSignature), 422);
}

TEST(Problem, TextThatIsNoUtf8DoesNotBreakIt) {
  const Response r = problem(fail(Errc::kUsage, "bad \xff byte"));
  EXPECT_TRUE(nlohmann::json::accept(as_text(r.body)));
}

}  // namespace
}  // namespace lotmark::http
