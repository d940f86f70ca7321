#include "api/service.h"

#include "api/bounded_file.h"
#include "core/wire/limits.h"

namespace lotmark::api {

static Result<Bytes> read_anchor_file(const std::filesystem::path& file) {
  auto bytes = read_bounded(file, limits::kAnchor);
  if (!bytes) return fail(Errc::kConfig, "no anchor: " + bytes.error().message());
  return bytes;
}

static http::ServerOptions server_options(const ApiConfig& config) {
  http::ServerOptions o;
  o.address = config.address;
  o.port = config.port;
  o.certificate = config.tls_cert;
  o.key = config.tls_key;
  o.threads = config.threads;
  o.body_max = 4096;  // nothing here takes one
  // Without TLS it stands behind a proxy of this host, and all callers come from there.
  if (config.tls_cert.empty()) o.proxies = {"127.0.0.1", "::1"};
  return o;
}

Result<std::unique_ptr<Service>> Service::start(const ApiConfig& config, const Clock& clock) {
  std::unique_ptr<Service> s(new Service);
  LM_ASSIGN(auto anchor, read_anchor_file(config.anchor));
  LM_ASSIGN(auto page, PageFiles::read(config.page_dir));
  LM_ASSIGN(s->lots_,
            ChainLots::open(config.chain_db, std::move(anchor), Millis(config.refresh_ms)));
  s->routes_ = std::make_unique<Routes>(*s->lots_, clock, std::move(page), config.origin);
  LM_ASSIGN(s->server_, http::Server::start(server_options(config),
                                            [routes = s->routes_.get()](const http::Request& r) {
                                              return routes->handle(r);
                                            }));
  log::info("api.started", {{"url", s->server_->url()}, {"origin", config.origin}});
  if (config.tls_cert.empty() && config.address != "127.0.0.1" && config.address != "::1") {
    log::warn("api.plain_http",
              {{"address", config.address}, {"hint", "put nginx or tls_cert in front"}});
  }
  return s;
}

}  // namespace lotmark::api
