// Marks on their way to a node, over the line that goes there: what callers are told of what the node says.
#include "core/crypto/key_file.h"
#include "core/http/problem.h"
#include "core/http/server.h"
#include "ledger-node/peer/call.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api::test {
namespace {

// A node that answers all with one error, as a node writes it.
class MarksOverTheLine : public Api {
 protected:
  MarksOverTheLine() {
    const auto scalar = new_scalar();
    EXPECT_TRUE(write_key_file(dir.path() / "api.key", scalar));
    node.emplace(*http::Server::start({}, [this](const http::Request&) {
      return bare_status == 0 ? http::problem(says)
                              : http::text_response(bare_status, "text/plain", "no");
    }));
    line = *epcis::open_mark_line({node->url(), {}, {}, dir.path() / "api.key"});
    server.reset();
    routes = std::make_unique<Routes>(source, clock, *PageFiles::read({}), "https://lot.example",
                                      link::Links(), "", nullptr, nullptr, nullptr,
                                      UnitParts{nullptr, nullptr, line.get()});
    server.emplace(
        *http::Server::start({}, [this](const http::Request& r) { return routes->handle(r); }));
    client.emplace(*http::Client::make({.base_url = server->url()}));
  }
  nlohmann::json told(const Error& error) {
    says = error;
    const auto r =
        client->send("POST", "/v1/marks", {{"Content-Type", "application/cose"}}, as_bytes("mark"));
    EXPECT_TRUE(r);
    return r ? json_of(*r) : nlohmann::json();
  }

  Error says{Errc::kDenied, {}};
  int bare_status = 0;  // or this status, without an error
  std::optional<http::Server> node;
  std::unique_ptr<epcis::MarkLine> line;
};

TEST_F(MarksOverTheLine, WhatTheNodeHasAgainstThisServerIsNoFaultOfWhoBringsMarks) {
  for (const auto code : {Errc::kDenied, Errc::kTokenExpired, Errc::kTokenReplayed,
                          Errc::kTokenMismatch, Errc::kNotFound, Errc::kKeyRevoked}) {
    const auto answer = told(fail(code, "of the node's"));
    EXPECT_EQ(answer["status"], 503) << name(code);
    EXPECT_EQ(answer["detail"], "the node does not take marks from this server") << name(code);
  }
  bare_status = 403;
  EXPECT_EQ(told({})["status"], 503);
}

TEST_F(MarksOverTheLine, WhatFailsAtTheNodeIsTold) {
  EXPECT_EQ(told(fail(Errc::kDiskFull, "no room"))["status"], 507);
  EXPECT_EQ(told(fail(Errc::kNotReady, "a standby"))["status"], 503);
  EXPECT_EQ(told(fail(Errc::kStore, "marks.db"))["status"], 500);
  EXPECT_EQ(told(fail(Errc::kTooLarge, "too many"))["status"], 413);
  node.reset();
  const auto away = told({});
  EXPECT_EQ(away["status"], 503) << "it is away";
  EXPECT_EQ(away["detail"], "the node that takes marks does not answer: send it again");
}

}  // namespace
}  // namespace lotmark::api::test
