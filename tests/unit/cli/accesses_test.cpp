// `lotmark accesses`: the log of a node by its control endpoint, and of a private.db by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/http/server.h"
#include "ledger-node/capture/access_desk.h"
#include "tests/must.h"
#include "tests/unit/capture/access_entries.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

using lotmark::test::must;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class AccessesCommand : public testing::Test {
 protected:
  // So many entries, of which every hundredth is another caller's and was refused.
  void log(std::uint64_t count) {
    for (std::uint64_t n = 1; n <= count; ++n) {
      auto entry = node::test::an_access(n);
      if (n % 100 == 0) {
        entry.caller = "address:198.51.100.7";
        entry.status = 401;
        entry.why = "no credentials \x1b[31m";
      }
      batch_.push_back(encode_access(entry));
      if (batch_.size() == 1000 || n == count) {
        must(must(node::AccessStore::open(file_))->keep(batch_, KeyId{{1}}, kNow));
        batch_.clear();
      }
    }
  }
  // As an enterprise's node answers; who asks is not looked at here.
  std::string serve() {
    desk_ = must(node::AccessDesk::open(file_));
    server_.emplace(must(http::Server::start({}, [this](const http::Request& r) {
      const node::Call call{r.method, r.target(), r.body, {}};
      const auto reply = desk_->control(call, *node::parse_route(call.path), KeyId{{1}}, kNow);
      ++asked_;
      return http::text_response(reply.status, "application/json",
                                 std::string(as_text(reply.body)));
    })));
    return server_->url();
  }
  Ran of_node(std::vector<std::string> more) {
    std::vector<std::string> words = {"--profile", consortium() / "c/operators/mei/lotmark.toml",
                                      "--control", server_->url(), "accesses"};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }
  Ran of_file(std::vector<std::string> more) {
    std::vector<std::string> words = {"accesses", "--private", file_};
    words.insert(words.end(), more.begin(), more.end());
    return lotmark(words);
  }
  ~AccessesCommand() override {
    if (server_) server_->stop();
  }

  static constexpr Time kNow{Millis{1'777'900'000'000}};
  TempDir dir_;
  std::string file_ = dir_ / "private.db";
  std::vector<Bytes> batch_;
  std::unique_ptr<node::AccessDesk> desk_;
  std::optional<http::Server> server_;
  std::atomic<int> asked_ = 0;
};

TEST_F(AccessesCommand, AFileIsReadInOrderAndSaysWhereToGoOn) {
  log(250);
  const Ran ran = of_file({"--limit", "3"});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("certificate:erp"));
  EXPECT_THAT(ran.out, HasSubstr("n=3 "));
  EXPECT_THAT(ran.out, Not(HasSubstr("n=4 ")));
  EXPECT_THAT(ran.out, HasSubstr("--after 3"));
  const auto rest = json::parse(of_file({"--after", "248", "--json"}).out);
  ASSERT_EQ(rest["accesses"].size(), 2u);
  EXPECT_EQ(rest["accesses"][0]["n"], 249);
  EXPECT_TRUE(rest["next"].is_null());
}

TEST_F(AccessesCommand, ANodeIsAskedPageByPageUntilEnoughIsFound) {
  log(1250);
  serve();
  const auto refused = json::parse(of_node({"--refused", "--json"}).out);
  EXPECT_EQ(refused["accesses"].size(), 12u);
  EXPECT_EQ(refused["accesses"][11]["n"], 1200);
  EXPECT_EQ(asked_, 3);
  const auto some = json::parse(of_node({"--caller", "198.51", "--limit", "7", "--json"}).out);
  ASSERT_EQ(some["accesses"].size(), 7u);
  const auto on = json::parse(
      of_node({"--caller", "198.51", "--after", std::to_string(some["next"].get<int>()), "--json"})
          .out);
  ASSERT_EQ(on["accesses"].size(), 5u) << "none twice, none left out";
  EXPECT_EQ(on["accesses"][0]["n"], 800);
  const Ran shown = of_node({"--refused"});
  EXPECT_THAT(shown.out, HasSubstr("401"));
}

TEST_F(AccessesCommand, NothingFoundAndNoFileAreTold) {
  log(1);
  EXPECT_THAT(of_file({"--after", "1"}).out, HasSubstr("no access is logged"));
  const Ran none = lotmark({"accesses", "--private", dir_ / "none.db"});
  EXPECT_EQ(none.exit, 1);
  EXPECT_THAT(none.err, HasSubstr("none.db"));
  EXPECT_FALSE(std::filesystem::exists(dir_ / "none.db"));
  write(dir_ / "text", "not a database");
  EXPECT_NE(lotmark({"accesses", "--private", dir_ / "text"}).exit, 0);
}

}  // namespace
}  // namespace lotmark::cli::test
