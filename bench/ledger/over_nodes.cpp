// Releases through three supervisory nodes that run: sealed beforehand, brought to the primary by several callers at
// once over HTTPS, and timed from the first call until every node calls as many blocks final.
//
//   lotmark-bench-ledger HOME --lots N        HOME: a folder of lotmark ca init; the primary is named by --primary
//   final lots=N blocks=B seconds=S rate=R unit=blocks/s promised_ms_median=P
#include <CLI/CLI.hpp>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/node/control.h"
#include "core/base/hex.h"
#include "tests/e2e/releaser/sample_release.h"

namespace lotmark::bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Arguments {
  std::filesystem::path home;
  std::string reviewer = "institute-a-node";
  std::string enterprise = "hualin-node";
  std::vector<std::string> supervisors{"agency-1", "agency-2", "agency-3"};
  std::string primary;  // empty: whoever promises
  std::string prefix = "B";
  unsigned lots = 2000;
  unsigned callers = 8;
  unsigned patience_s = 300;
};

class Run {
 public:
  static Result<std::unique_ptr<Run>> prepare(const Arguments& a) {
    auto r = std::unique_ptr<Run>(new Run(a));
    LM_ASSIGN(r->config_, e2e::config_of(a.home, a.reviewer));
    LM_ASSIGN(const auto enterprise, e2e::config_of(a.home, a.enterprise));
    LM_ASSIGN(r->signers_, e2e::signers_of(a.home, r->config_, enterprise));
    for (unsigned n = 1; n <= a.lots; ++n) {
      LM_ASSIGN(auto object, e2e::seal_release(a.prefix + "-" + std::to_string(n), r->signers_));
      r->releases_.push_back(std::move(object));
    }
    for (const auto& name : a.supervisors) LM_TRY(r->add(name));
    return r;
  }

  Status all() {
    LM_ASSIGN(const auto before, final_size());
    const auto begin = Clock::now();
    std::vector<std::thread> callers;
    for (unsigned i = 0; i < a_.callers; ++i) callers.emplace_back([this] { submit_all(); });
    const auto until = begin + std::chrono::seconds(a_.patience_s);
    std::uint64_t after = before;
    while (after < before + a_.lots && Clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      LM_ASSIGN(after, final_size());
    }
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    stop_ = true;
    for (auto& c : callers) c.join();
    if (after < before + a_.lots) return fail(Errc::kUnavailable, "not all lots became final");
    std::ranges::sort(promised_ms_);
    std::printf(
        "final lots=%u blocks=%llu seconds=%.2f rate=%.1f unit=blocks/s promised_ms_median=%.1f\n",
        a_.lots, static_cast<unsigned long long>(after - before), seconds,
        static_cast<double>(after - before) / seconds,
        promised_ms_.empty() ? 0.0 : promised_ms_[promised_ms_.size() / 2]);
    return {};
  }

 private:
  struct Supervisor {
    KeyId kid;
    http::Client client;
    cli::Control control;
  };

  explicit Run(Arguments a) : a_(std::move(a)) {}

  Status add(const std::string& name) {
    const auto peer = std::ranges::find(config_.peers, name, &node::PeerAddress::name);
    if (peer == config_.peers.end())
      return fail(Errc::kConfig, name + " is no peer of the reviewer");
    LM_ASSIGN(auto client,
              http::Client::make({peer->url, config_.peer_tls.ca, config_.peer_tls.cert,
                                  config_.peer_tls.key, std::chrono::seconds(10)}));
    LM_ASSIGN(const auto self, e2e::config_of(a_.home, name));
    cli::ProfileChoice choice;
    choice.control = "http://127.0.0.1:" + std::to_string(self.control_port);
    choice.node_kid = to_hex(peer->kid);
    choice.key = self.key;
    choice.anchor = self.anchor;
    LM_ASSIGN(auto control, cli::Control::open(choice));
    if (name == a_.primary) target_ = supervisors_.size();
    supervisors_.push_back({peer->kid, std::move(client), std::move(control)});
    return {};
  }

  // What every one of them calls final.
  Result<std::uint64_t> final_size() const {
    std::uint64_t least = ~std::uint64_t{0};
    for (const auto& s : supervisors_) {
      LM_ASSIGN(auto status, s.control.get("/control/v1/status"));
      least = std::min(least, cli::number_of(status, "final_size"));
    }
    return least;
  }

  void submit_all() {
    for (std::size_t n = next_++; n < releases_.size() && !stop_; n = next_++) {
      const auto begin = Clock::now();
      while (!stop_ && !submit(releases_[n]))
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
      const double ms = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
      const std::lock_guard guard(lock_);
      promised_ms_.push_back(ms);
    }
  }

  bool submit(const Bytes& object) {
    const std::size_t to = target_;
    const Supervisor& s = supervisors_[to];
    const auto response = e2e::submit_release(s.client, s.kid, signers_, object);
    if (response && response->status == 200) return true;
    // A full pool is no reason to ask another one.
    const bool full =
        response && as_text(response->body).find("wait for their block") != std::string::npos;
    if (!full) target_ = (to + 1) % supervisors_.size();
    return false;
  }

  const Arguments a_;
  node::NodeConfig config_;  // the reviewer's
  e2e::Signers signers_;
  std::vector<Bytes> releases_;
  std::vector<Supervisor> supervisors_;
  std::atomic<std::size_t> target_ = 0;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> stop_ = false;
  std::mutex lock_;
  std::vector<double> promised_ms_;
};

}  // namespace
}  // namespace lotmark::bench

int main(int argc, char** argv) {
  lotmark::bench::Arguments a;
  CLI::App app("Blocks to finality a second, at supervisory nodes that run");
  app.add_option("home", a.home, "folder of lotmark ca init")->required();
  app.add_option("--lots", a.lots)->check(CLI::Range(1, 100000));
  app.add_option("--callers", a.callers, "calls at once")->check(CLI::Range(1, 64));
  app.add_option("--primary", a.primary, "asked first");
  app.add_option("--prefix", a.prefix, "of the lots' names");
  app.add_option("--patience-s", a.patience_s)->check(CLI::Range(1, 3600));
  CLI11_PARSE(app, argc, argv);
  lotmark::log::setup("bench", lotmark::log::Level::kWarn);
  auto run = lotmark::bench::Run::prepare(a);
  const lotmark::Status done = run ? (*run)->all() : lotmark::Status(run.error());
  if (done) return 0;
  std::fprintf(stderr, "bench: %s\n", done.error().message().c_str());
  return 1;
}
