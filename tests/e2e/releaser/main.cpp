// lotmark-test-releaser HOME: releases lot after lot at the consortium in HOME, a folder of `lotmark ca init` whose
// nodes run, until standard input ends; then waits until all that was made is final. Tells what it sees (say.h).
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/base/hex.h"
#include "core/wire/sign1.h"
#include "tests/e2e/releaser/releases.h"
#include "tests/e2e/releaser/say.h"
#include "tests/e2e/releaser/witness.h"

using namespace lotmark;

namespace {

struct Arguments {
  std::filesystem::path home;
  std::string reviewer = "institute-a-node";
  std::string enterprise = "hualin-node";
  std::string supervising = "agency-";  // how their names begin
  unsigned pace_ms = 250;
  unsigned patience_s = 60;
};

Result<std::unique_ptr<e2e::Releases>> open_releases(const Arguments& a) {
  LM_ASSIGN(auto config, e2e::config_of(a.home, a.reviewer));
  LM_ASSIGN(auto enterprise, e2e::config_of(a.home, a.enterprise));
  LM_ASSIGN(auto signers, e2e::signers_of(a.home, config, enterprise));
  std::vector<node::PeerAddress> supervisors;
  for (const auto& p : config.peers) {
    if (p.name.starts_with(a.supervising)) supervisors.push_back(p);
  }
  return e2e::Releases::open(config, std::move(signers), std::move(supervisors), 4);
}

// A node lets its own key see what an operator may.
Result<std::unique_ptr<e2e::Witness>> open_witness(const Arguments& a, const std::string& member,
                                                   e2e::Seen& seen) {
  LM_ASSIGN(auto config, e2e::config_of(a.home, member));
  LM_ASSIGN(auto signer, e2e::signer_of(config));
  cli::ProfileChoice choice;
  choice.control = "http://127.0.0.1:" + std::to_string(config.control_port);
  choice.node_kid = to_hex(signer->kid());
  choice.key = config.key;
  choice.anchor = config.anchor;
  LM_ASSIGN(auto control, cli::Control::open(choice));
  return std::make_unique<e2e::Witness>(member, std::move(control), seen);
}

// The lot of a lot block as a node shows it; empty for other blocks.
std::string lot_of(const nlohmann::json& block, const Digest& chain) {
  if (block.at("kind") != "lot" || !block.at("body").is_string()) return {};
  const auto bytes = from_hex(block.at("body").get<std::string>());
  const auto release =
      bytes ? lotmark::open<Release>(*bytes, chain) : Result<Signed<Release>>(Errc::kIo);
  if (!release) return {};
  const auto application = lotmark::open<Application>(release->body.application.bytes, chain);
  return application ? application->body.lot.text : "";
}

Status run(const Arguments& a) {
  LM_ASSIGN(auto releases, open_releases(a));
  const Digest chain = releases->chain();
  e2e::Seen seen(
      [&](const nlohmann::json& b) {
        const auto signer = fixed_from_hex<KeyId>(b.at("signer").get<std::string>());
        if (signer) releases->orders(*signer);
      },
      [&](const nlohmann::json& b) {
        const std::string lot = lot_of(b, chain);
        if (lot.empty()) return;
        e2e::say("released", {{"lot", lot}, {"number", b.at("number")}});
        releases->is_final(lot);
      });
  std::vector<std::unique_ptr<e2e::Witness>> witnesses;
  for (const auto& folder : std::filesystem::directory_iterator(a.home / "members")) {
    LM_ASSIGN(auto w, open_witness(a, folder.path().filename().string(), seen));
    witnesses.push_back(std::move(w));
  }
  std::atomic<bool> ended = false;
  std::thread waiter([&] {
    char c = 0;
    while (::read(STDIN_FILENO, &c, 1) > 0) {
    }
    ended = true;
  });
  Status done;
  for (std::uint64_t n = 1; !ended && done; ++n) {
    done = releases->make(n);
    std::this_thread::sleep_for(std::chrono::milliseconds(a.pace_ms));
  }
  waiter.join();
  LM_TRY(done);
  const auto until = e2e::now_ms() + 1000 * static_cast<std::int64_t>(a.patience_s);
  while (releases->count().final < releases->count().made && e2e::now_ms() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto c = releases->count();
  witnesses.clear();
  e2e::say("done", {{"made", c.made},
                    {"promised", c.promised},
                    {"final", c.final},
                    {"asked_again", c.asked_again},
                    {"slowest_ms", c.slowest_ms}});
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Arguments a;
  CLI::App app{"lotmark-test-releaser: releases lot after lot, and tells what becomes of them"};
  app.add_option("home", a.home, "folder of lotmark ca init")->required();
  app.add_option("--pace-ms", a.pace_ms, "between two lots");
  app.add_option("--patience-s", a.patience_s, "for the last ones to become final");
  CLI11_PARSE(app, argc, argv);
  log::setup("releaser", log::Level::kWarn);
  if (Status done = run(a); !done) {
    std::cerr << done.error().message() << "\n";
    return 1;
  }
  return 0;
}
