// The API's own routes on a small chain, with events captured in this process in place of a node's:
//   nginx_api FOLDER
// makes the files in FOLDER, listens on a free port of loopback and says "PORT" in a line; ends with its standard input.
// For tests: /test/headers says what of a request's headers arrived, and /test/bodies how many bytes bodies hold.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>

#include "api/chain_lots.h"
#include "api/epcis/epcis_api.h"
#include "api/routes.h"
#include "ledger-node/capture/event_store.h"
#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"

namespace lotmark::api {
namespace {

using lotmark::test::BlockMaker;
using lotmark::test::Consortium;

constexpr std::size_t kCaptureBytes = 16u << 20;

// A node's store without the way to it.
class StoreKeeper final : public epcis::Keeper {
 public:
  explicit StoreKeeper(node::EventStore& store) : store_(store) {}
  Result<lotmark::epcis::Json> capture(const node::CaptureRequest& request) override {
    LM_ASSIGN(auto sent, node::decode_capture(node::encode_capture(request)));
    LM_ASSIGN(const auto outcome, store_.capture(std::move(sent), SystemClock().now()));
    auto events = lotmark::epcis::Json::array();
    for (const auto& item : outcome.items) {
      const bool stored = item.state == node::CaptureOutcome::State::kStored;
      events.push_back(
          {{"state", stored ? "stored" : "refused"}, {"id", item.id}, {"why", item.why}});
    }
    return lotmark::epcis::Json{
        {"job", outcome.job}, {"success", outcome.success}, {"events", std::move(events)}};
  }

 private:
  node::EventStore& store_;
};

void write_text(const std::filesystem::path& file, std::string_view text) {
  std::ofstream(file, std::ios::binary) << text;
}

// A chain without lots, and configurations of lotmark-api: one that reads alone, one that captures.
void make_files(const std::filesystem::path& dir, const Consortium& c) {
  write_text(dir / "anchor", as_text(c.anchor));
  auto chain = chain::PublicChain::open(dir / "chain.db", c.anchor);
  LM_ASSERT(chain);
  BlockMaker maker(c);
  LM_ASSERT(chain->append(maker.period_block(), c.clock.now()));
  for (const auto& vote : maker.votes()) LM_ASSERT(chain->add_vote(vote));
  std::filesystem::create_directories(dir / "page");
  write_text(dir / "page/index.html", "<!doctype html><title>t</title>");
  const std::string api =
      "[api]\nport = 0\nchain_db = \"chain.db\"\nanchor = \"anchor\"\npage_dir = \"page\"\n"
      "origin = \"https://lot.example\"\n";
  write_text(dir / "api.toml", api);
  write_text(dir / "operator.key", "");
  write_text(dir / "capture.toml",
             api +
                 "[epcis]\nprivate_db = \"private.db\"\nnode = \"http://127.0.0.1:1\"\n"
                 "node_kid = \"00112233445566778899aabbccddeeff\"\nkey = \"operator.key\"\n");
}

http::ServerOptions server_options() {
  http::ServerOptions o;
  o.body_max = kCaptureBytes;
  o.body_max_of = [](std::string_view method, std::string_view path) -> std::size_t {
    const bool captures = path == "/capture" || path == "/events";
    return captures && method == "POST" ? kCaptureBytes : 4096;
  };
  o.proxies = {"127.0.0.1"};
  return o;
}

std::string header_lines(const http::Request& r) {
  std::string out;
  for (const auto& [name, value] : r.headers) out.append(name).append(": ").append(value) += '\n';
  return out;
}

int serve(const std::filesystem::path& dir) {
  const Consortium c;
  make_files(dir, c);
  auto lots = ChainLots::open(dir / "chain.db", c.anchor, Millis(500));
  auto page = PageFiles::read(dir / "page");
  auto store = node::EventStore::open(dir / "private.db");
  LM_ASSERT(lots && page && store);
  StoreKeeper keeper(**store);
  epcis::ReaderPool readers(dir / "private.db");
  const SystemClock clock;
  epcis::EpcisOptions options;
  options.origin = "https://lot.example";
  epcis::EpcisApi events(readers, &keeper, **lots, clock, options);
  Routes routes(**lots, clock, *std::move(page), options.origin);
  http::Server* self = nullptr;
  auto server = http::Server::start(server_options(), [&](const http::Request& r) {
    if (r.path == "/test/headers") return http::text_response(200, "text/plain", header_lines(r));
    if (r.path == "/test/bodies")
      return http::text_response(200, "text/plain", std::to_string(self->bodies_held()));
    // Who may see events is not what is tried here: everybody may.
    auto answer = r.path == "/" ? std::nullopt : events.handle(r, {.all = true});
    return answer ? *std::move(answer) : routes.handle(r);
  });
  LM_ASSERT(server);
  self = &*server;
  std::printf("%u\n", unsigned{server->port()});
  std::fflush(stdout);
  while (std::cin.get() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace lotmark::api

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::signal(SIGPIPE, SIG_IGN);
  return lotmark::api::serve(argv[1]);
}
