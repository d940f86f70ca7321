// The API on a real chain.db that a node goes on writing, and the program itself.
#include "api/chain_lots.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <thread>

#include "api/service.h"
#include "core/crypto/sha256.h"
#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/api/api_fixture.h"

namespace lotmark::api {
namespace {

using lotmark::test::BlockMaker;
using lotmark::test::Consortium;
using namespace std::chrono_literals;

class Replica : public ::testing::Test {
 protected:
  Replica() {
    dir.write("anchor", as_text(c.anchor));
    dir.write("page/index.html", "<!doctype html>");
    add(maker.period_block());
    add(maker.lot_block(application("A-1")));
  }
  chain::PublicChain open_node() {
    auto opened = chain::PublicChain::open(dir.path() / "chain.db", c.anchor);
    EXPECT_TRUE(opened) << opened.error().message();
    return std::move(*opened);
  }
  void add(const Bytes& block) {
    const auto s = node.append(block, c.clock.now());
    EXPECT_TRUE(s) << s.error().message();
  }
  void vote() {
    for (const auto& v : maker.votes()) ASSERT_TRUE(node.add_vote(v));
  }
  Bytes application(std::string lot, std::optional<Digest> supersedes = {}) {
    Application a;
    a.start = Digest{{1}};
    a.opening = sha256(as_bytes(lot));
    a.programme = c.programme.id;
    a.gtin = Consortium::gtin();
    a.product = "Vaccine A";
    a.lot = {std::move(lot)};
    a.expires = {20281231};
    a.tx_count = c.programme.count + 1;
    a.supersedes = supersedes;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  std::filesystem::path write_config() {
    return dir.write(
        "api.toml",
        "[api]\nport = 0\nchain_db = \"chain.db\"\nanchor = \"anchor\"\npage_dir = \"page\"\n"
        "origin = \"https://lot.example\"\nrefresh_ms = 20\n");
  }
  // Tries until it holds or two seconds are over.
  template <class Fn>
  static bool soon(Fn&& holds) {
    for (int i = 0; i < 100; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(20ms);
    }
    return false;
  }

  test::TempDir dir;
  Consortium c;
  BlockMaker maker{c};
  chain::PublicChain node = open_node();
};

TEST_F(Replica, FollowsWhatTheNodeWrites) {
  auto lots = ChainLots::open(dir.path() / "chain.db", c.anchor, 20ms);
  ASSERT_TRUE(lots) << lots.error().message();
  auto& source = **lots;
  auto found = source.find(Consortium::gtin(), {"A-1"});
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->state, VerdictKind::kNotFinal);
  EXPECT_FALSE((*source.checkpoint()).has_value());
  const auto version = source.version();
  vote();
  const auto votes = [&] {
    return (*source.checkpoint()).value_or(CheckpointInfo{}).voters.size();
  };
  ASSERT_TRUE(soon([&] { return source.version() != version && votes() == 3; }));
  EXPECT_EQ((*source.find(Consortium::gtin(), {"A-1"}))->state, VerdictKind::kReleased);
  const CheckpointInfo info = **source.checkpoint();
  EXPECT_EQ(info.size, 3u);
  EXPECT_EQ(info.root, maker.root());
  EXPECT_EQ(info.voters.size(), 3u);
  EXPECT_EQ(info.quorum, 2u);
  EXPECT_GT(info.time, 0u);
  EXPECT_TRUE(source.health());
  EXPECT_FALSE(*source.find(Consortium::gtin(), {"A-2"}));
}

TEST_F(Replica, ALotIsRecalledAsLongAsItsRecallStandsOpen) {
  vote();
  auto lots = ChainLots::open(dir.path() / "chain.db", c.anchor, 20ms);
  ASSERT_TRUE(lots);
  const auto state = [&] { return (*(*lots)->find(Consortium::gtin(), {"A-1"}))->state; };
  const auto recall = [&](bool opens, std::uint64_t time) {
    const Recall r{Consortium::gtin(), {}, opens, "glass in vials", time};
    const Bytes object = seal(r, *c.supervisors[1].signer, c.chain)->bytes;
    add(maker.block(BlockKind::kRecall, ObjectBytes{object}));
  };
  recall(true, 1);
  ASSERT_TRUE(soon([&] { return state() == VerdictKind::kRecalled; }));
  EXPECT_EQ((*lots)->lots(0, 10)->front().state, VerdictKind::kRecalled);
  EXPECT_EQ((*(*lots)->find(Consortium::gtin(), {"A-1"}))->note,
            "Recalled on 1970-01-01: glass in vials");
  recall(false, 2);
  EXPECT_TRUE(soon([&] { return state() == VerdictKind::kReleased; }));
}

TEST_F(Replica, TheVersionStandsStillWhileNothingIsWritten) {
  auto lots = ChainLots::open(dir.path() / "chain.db", c.anchor, 10ms);
  ASSERT_TRUE(lots);
  const auto version = (*lots)->version();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ((*lots)->version(), version);
}

TEST_F(Replica, AnotherAnchorOrNoChainIsRefused) {
  EXPECT_FALSE(ChainLots::open(dir.path() / "none.db", c.anchor, 20ms));
  const auto other = lotmark::test::hex(lotmark::test::contract("receipt.json")["anchor"]);
  EXPECT_FALSE(ChainLots::open(dir.path() / "chain.db", other, 20ms));
}

TEST_F(Replica, TheServiceAnswersFromIt) {
  vote();
  auto config = read_api_config(write_config());
  ASSERT_TRUE(config) << config.error().text;
  auto service = Service::start(*config, c.clock);
  ASSERT_TRUE(service) << service.error().message();
  auto client = http::Client::make({.base_url = (*service)->url()});
  const auto get = [&](const char* path) {
    return nlohmann::json::parse(as_text(client->send("GET", path)->body), nullptr, false);
  };
  EXPECT_EQ(get("/v1/verify/06901234567892/A-1")["verdict"], "released");
  EXPECT_EQ(get("/v1/verify/06901234567892/A-2")["verdict"], "unknown");
  EXPECT_EQ(get("/v1/checkpoint")["votes"], 3);
  EXPECT_EQ(get("/v1/lots")["lots"].size(), 1u);
  add(maker.lot_block(application("A-2"), "CN-2026-0002"));
  EXPECT_TRUE(soon([&] { return get("/v1/lots")["lots"].size() == 2; }));
  EXPECT_EQ(get("/v1/verify/06901234567892/A-2")["verdict"], "not-final");
  vote();
  EXPECT_TRUE(soon([&] { return get("/v1/verify/06901234567892/A-2")["verdict"] == "released"; }));
  EXPECT_EQ(client->send("GET", "/")->status, 200);
}

int run(const std::string& arguments) {
  const int status =
      std::system((LOTMARK_BIN_DIR "/lotmark-api " + arguments + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Replica, TheProgramSaysHowItEnded) {
  const std::string config = write_config().string();
  EXPECT_EQ(run("--help"), 0);
  EXPECT_EQ(run("--version"), 0);
  EXPECT_EQ(run(""), 2);
  EXPECT_EQ(run("--config /nowhere.toml"), 2);
  EXPECT_EQ(run("--check-config --config " + config), 0);
  EXPECT_EQ(run("--print-config --config " + config), 0);
  dir.write("anchor", "no anchor");
  EXPECT_NE(run("--config " + config), 0);
}

TEST_F(Replica, TheProgramServesUntilItIsToldToStop) {
  const std::string config = write_config().string();
  const std::string log = (dir.path() / "log").string();
  const pid_t child = ::fork();
  if (child == 0) {
    if (std::freopen(log.c_str(), "w", stderr) == nullptr) ::_exit(9);
    ::execl(LOTMARK_BIN_DIR "/lotmark-api", "lotmark-api", "--config", config.c_str(), nullptr);
    ::_exit(9);
  }
  std::string url;
  EXPECT_TRUE(soon([&] {
    std::ifstream in(log);
    for (std::string line; std::getline(in, line);) {
      const auto at = line.find("url=");
      if (at != std::string::npos) url = line.substr(at + 4, line.find(' ', at) - at - 4);
    }
    return !url.empty();
  }));
  auto client = http::Client::make({.base_url = url});
  ASSERT_TRUE(client) << url;
  const auto r = client->send("GET", "/healthz");
  EXPECT_TRUE(r && r->status == 200);
  ::kill(child, SIGTERM);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

}  // namespace
}  // namespace lotmark::api
