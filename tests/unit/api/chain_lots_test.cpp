// The API on a real chain.db that a node goes on writing, and the program itself.
#include "api/chain_lots.h"

#include <sys/wait.h>

#include <cstdio>
#include <thread>

#include "api/service.h"
#include "core/crypto/sha256.h"
#include "tests/unit/api/written_chain.h"

namespace lotmark::api {
namespace {

using lotmark::test::Consortium;
using lotmark::test::eventually;
using namespace std::chrono_literals;

class Replica : public test::WrittenChain {
 protected:
  Replica() {
    dir.write("page/index.html", "<!doctype html>");
    add(maker.period_block());
    add(maker.lot_block(application("A-1")));
  }
  Bytes application(const std::string& lot, std::optional<Digest> supersedes = {}) {
    Application a = c.application(lot);
    a.start = Digest{{1}};
    a.opening = sha256(as_bytes(lot));
    a.supersedes = supersedes;
    return seal(a, *c.enterprise.signer, c.chain)->bytes;
  }
  std::filesystem::path write_config() {
    return dir.write(
        "api.toml",
        "[api]\nport = 0\nchain_db = \"chain.db\"\nanchor = \"anchor\"\npage_dir = \"page\"\n"
        "origin = \"https://lot.example\"\nrefresh_ms = 20\n");
  }
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
  ASSERT_TRUE(eventually([&] { return source.version() != version && votes() == 3; }));
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
  ASSERT_TRUE(eventually([&] { return state() == VerdictKind::kRecalled; }));
  EXPECT_EQ((*lots)->lots(0, 10)->front().state, VerdictKind::kRecalled);
  EXPECT_EQ((*(*lots)->find(Consortium::gtin(), {"A-1"}))->note,
            "Recalled on 1970-01-01: glass in vials");
  recall(false, 2);
  EXPECT_TRUE(eventually([&] { return state() == VerdictKind::kReleased; }));
}

TEST_F(Replica, TheVersionStandsStillWhileNothingIsWritten) {
  auto lots = ChainLots::open(dir.path() / "chain.db", c.anchor, 10ms);
  ASSERT_TRUE(lots);
  const auto version = (*lots)->version();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ((*lots)->version(), version);
}

// A restore, a promotion and a folder made anew put another file there; the one before would be answered from for ever.
TEST_F(Replica, AnotherFileInItsPlaceIsFollowed) {
  const auto file = dir.path() / "chain.db";
  const auto before = dir.path() / "before";
  std::filesystem::create_directory(before);
  for (const char* end : {"", "-wal"}) {
    if (std::filesystem::exists(file.string() + end))
      std::filesystem::copy_file(file.string() + end, before / ("chain.db" + std::string(end)));
  }
  auto lots = ChainLots::open(file, c.anchor, 10ms);
  ASSERT_TRUE(lots);
  const auto knows = [&](const char* lot) {
    return (*lots)->find(Consortium::gtin(), {lot})->has_value();
  };
  add(maker.lot_block(application("A-2")));
  ASSERT_TRUE(eventually([&] { return knows("A-2"); }));
  const auto version = (*lots)->version();
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + end);
  EXPECT_TRUE(eventually([&] { return !(*lots)->health(); })) << "it says that there is none";
  EXPECT_TRUE(knows("A-2"));
  // Each at once: an empty chain.db beside a log would have it removed.
  for (const char* end : {"-wal", ""}) {
    if (std::filesystem::exists(before / ("chain.db" + std::string(end))))
      std::filesystem::rename(before / ("chain.db" + std::string(end)), file.string() + end);
  }
  EXPECT_TRUE(eventually([&] { return !knows("A-2"); }));
  EXPECT_TRUE(knows("A-1"));
  EXPECT_NE((*lots)->version(), version);
  EXPECT_TRUE(eventually([&] { return static_cast<bool>((*lots)->health()); }));
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
  EXPECT_TRUE(eventually([&] { return get("/v1/lots")["lots"].size() == 2; }));
  EXPECT_EQ(get("/v1/verify/06901234567892/A-2")["verdict"], "not-final");
  vote();
  EXPECT_TRUE(
      eventually([&] { return get("/v1/verify/06901234567892/A-2")["verdict"] == "released"; }));
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
  EXPECT_TRUE(eventually([&] {
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
