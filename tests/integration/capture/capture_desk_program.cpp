// The captures' side of an enterprise's node over HTTP, to be killed: what it answers is what NodeCore::control answers
// once a token was looked at.
//   capture_desk_program PRIVATE_DB PORT_FILE CLOCK_MS       its clock stands at CLOCK_MS when it starts, and runs on
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "core/http/server.h"
#include "ledger-node/capture/capture_desk.h"

namespace {

using namespace lotmark;

int serve(const std::string& private_db, const std::string& port_file, Time begin) {
  auto desk = node::CaptureDesk::open(private_db, {});
  if (!desk) {
    std::fprintf(stderr, "%s\n", desk.error().message().c_str());
    return 1;
  }
  const auto started = std::chrono::steady_clock::now();
  http::ServerOptions options;
  options.body_max = node::kCaptureBytesMax;
  auto server = http::Server::start(options, [&](const http::Request& r) {
    const node::Call call{r.method, r.target(), r.body, {}};
    const auto route = node::parse_route(call.path);
    const auto passed =
        std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started);
    const auto reply = (*desk)->control(call, *route, KeyId{}, begin + passed);
    http::Response out;
    out.status = reply.status;
    out.content_type = reply.content_type;
    out.body = reply.body;
    return out;
  });
  if (!server) return 1;
  {
    std::ofstream port(port_file + ".part");
    port << server->port() << "\n";
  }
  if (std::rename((port_file + ".part").c_str(), port_file.c_str()) != 0) return 1;
  while (true) ::pause();
}

}  // namespace

int main(int count, char** words) {
  if (count != 4) return 2;
  return serve(words[1], words[2], from_ms(std::strtoll(words[3], nullptr, 10)));
}
