#include "ledger-node/peer/call.h"

#include <gtest/gtest.h>

#include "ledger-node/peer/access.h"

namespace lotmark::node {
namespace {

TEST(Route, SplitsAndDecodesPathAndQuery) {
  auto r = parse_route("/control/v1/batches/A-2026%2F01/steps?from=7&note=a%20b");
  ASSERT_TRUE(r);
  EXPECT_EQ(r->parts, (std::vector<std::string>{"control", "v1", "batches", "A-2026/01", "steps"}));
  EXPECT_EQ(r->number("from"), 7u);
  EXPECT_EQ(r->query.at(1).second, "a b");
  EXPECT_FALSE(r->number("note"));
  EXPECT_FALSE(parse_route("no-slash"));
  EXPECT_FALSE(parse_route("/a%2"));
  EXPECT_FALSE(parse_route("/a?b=%zz"));
  EXPECT_FALSE(parse_route("/" + std::string(3000, 'a')));
}

TEST(Route, WhatIsNoNumberIsNotTakenForNone) {
  EXPECT_EQ(parse_route("/a?from=999999999999999")->number("from"), 999'999'999'999'999u);
  for (const char* value : {"", "x", "1x", "-1", "+1", "%201", "1000000000000000"}) {
    for (const char* key : {"after", "at", "cut", "from", "limit", "since_ms", "size"}) {
      EXPECT_EQ(parse_route("/a?" + std::string(key) + "=" + value).error().message(),
                "usage: " + std::string(key) + " is a number of 1 to 15 digits")
          << value;
    }
  }
  EXPECT_FALSE(parse_route("/a?lot=7")->number("from"));
}

TEST(List, RoundTripsAndRefusesWhatIsNoListOfBytes) {
  const std::vector<Bytes> list = {{1, 2}, {}, Bytes(300, 9)};
  EXPECT_EQ(*decode_list(encode_list(list)), list);
  EXPECT_FALSE(decode_list(Bytes{0x81, 0x01}));
  EXPECT_FALSE(decode_list(Bytes{0xa0}));
  EXPECT_FALSE(decode_list(Bytes{}));
  EXPECT_EQ(decode_list(encode_list(list), 2).code(), Errc::kTooLarge);
}

TEST(Problem, CarriesTheErrorBothWays) {
  const Reply reply = reply_error(fail(Errc::kTransactionLate, "slot 3"));
  EXPECT_EQ(reply.status, 422);
  const Error e = problem_error(reply);
  EXPECT_EQ(e.code, Errc::kTransactionLate);
  EXPECT_EQ(e.text, "slot 3");
  Reply garbage;
  garbage.status = 502;
  garbage.body = {'x'};
  EXPECT_EQ(problem_error(garbage).code, Errc::kUnavailable);
}

Status may(const std::string& method, const std::string& path, Role role) {
  Member m;
  m.roles = {role};
  m.organisation = "o";
  return may_call({method, path, {}, {}}, *parse_route(path), m);
}

TEST(Access, IsByRoleAndNothingIsOpenByDefault) {
  EXPECT_TRUE(may("GET", "/peer/v1/blocks?from=1", Role::kKeeping));
  EXPECT_TRUE(may("POST", "/peer/v1/votes", Role::kSupervising));
  EXPECT_EQ(may("POST", "/peer/v1/votes", Role::kReviewing).code(), Errc::kDenied);
  EXPECT_EQ(may("POST", "/peer/v1/releases", Role::kKeeping).code(), Errc::kDenied);
  EXPECT_EQ(may("POST", "/peer/v1/transactions", Role::kSupervising).code(), Errc::kDenied);
  EXPECT_EQ(may("GET", "/peer/v1/bundles/00", Role::kKeeping).code(), Errc::kDenied);
  EXPECT_EQ(may("DELETE", "/peer/v1/blocks", Role::kSupervising).code(), Errc::kNotFound);
  EXPECT_EQ(may("GET", "/peer/v1/blocks/extra", Role::kSupervising).code(), Errc::kNotFound);
  EXPECT_EQ(may("GET", "/control/v1/status", Role::kSupervising).code(), Errc::kNotFound);
}

}  // namespace
}  // namespace lotmark::node
