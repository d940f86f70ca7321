#include "api/service.h"

#include <algorithm>

#include "api/bounded_file.h"
#include "api/key_fetch.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/private/private_store.h"

namespace lotmark::api {

static Result<Bytes> read_anchor_file(const std::filesystem::path& file) {
  auto bytes = read_bounded(file, limits::kAnchor);
  if (!bytes) return fail(Errc::kConfig, "no anchor: " + bytes.error().message());
  return bytes;
}

static constexpr std::size_t kBodyMax = 4096;  // of what nothing here takes
static constexpr std::size_t kQueryMax = 128 * 1024;
// A site starts its node and its API together; the node's databases may be a moment later.
static constexpr Millis kNodePatience{10'000};

static http::ServerOptions server_options(const ApiConfig& config) {
  http::ServerOptions o;
  o.address = config.address;
  o.port = config.port;
  o.certificate = config.tls_cert;
  o.key = config.tls_key;
  o.threads = config.threads;
  o.body_max = kBodyMax;
  if (!config.epcis.node.empty()) {
    o.body_max = std::max(config.epcis.capture_bytes, kQueryMax);
    o.body_max_of = [capture = config.epcis.capture_bytes](auto method, auto path) {
      if (method != "POST") return kBodyMax;
      if (path == "/capture" || path == "/events") return capture;
      return path.starts_with("/queries") ? kQueryMax : kBodyMax;
    };
  }
  if (!config.units.node.empty()) {
    o.body_max = std::max(o.body_max, MarkIntake::kBodyMax);
    o.body_max_of = [others = o.body_max_of](auto method, auto path) {
      if (method == "POST" && path == "/v1/marks") return MarkIntake::kBodyMax;
      return others ? others(method, path) : kBodyMax;
    };
  }
  // Without TLS it stands behind a proxy of this host, and all callers come from there.
  if (config.tls_cert.empty()) o.proxies = {"127.0.0.1", "::1"};
  if (config.access) {
    const auto& named = config.access->callers.proxies;
    o.proxies.insert(o.proxies.end(), named.begin(), named.end());
  }
  return o;
}

Status Service::open_epcis(const ApiConfig& config, const Clock& clock) {
  const EpcisConfig& e = config.epcis;
  if (e.private_db.empty()) return {};
  LM_TRY(chain::await_private(e.private_db, kNodePatience));
  readers_ = std::make_unique<epcis::ReaderPool>(e.private_db);
  // A file of another program or version is said now, not at the first query.
  LM_TRY(readers_->with([](node::EventReader&) { return Status(); }));
  if (!e.node.empty()) {
    // Half of the handlers: a node that hangs leaves the others to who reads.
    LM_ASSIGN(keeper_, epcis::open_node_line({e.node, e.node_kid, lots_->chain_id(), e.key,
                                              std::max<std::size_t>(1, config.threads / 2)}));
  }
  epcis::EpcisOptions options;
  options.origin = config.origin;
  options.capture = {e.capture_events, e.capture_bytes};
  options.prefixes = lots_->prefixes();
  options.anchor = lots_->anchor();
  epcis_ = std::make_unique<epcis::EpcisApi>(*readers_, keeper_.get(), *lots_, clock,
                                             std::move(options));
  records_ = std::make_unique<records::RecordsApi>(
      *readers_, clock, lots_->chain_id(),
      config.access ? config.access->callers.organisation : std::string());
  return {};
}

Status Service::open_units(const ApiConfig& config) {
  UnitFilePaths paths{config.units.private_dbs, config.units.marks_db};
  const auto& own = config.epcis.private_db;
  if (!own.empty() && std::ranges::find(paths.private_dbs, own) == paths.private_dbs.end())
    paths.private_dbs.insert(paths.private_dbs.begin(), own);
  for (const auto& file : paths.private_dbs) LM_TRY(chain::await_private(file, kNodePatience));
  LM_ASSIGN(units_, UnitFiles::open(paths, *lots_));
  const UnitsConfig& u = config.units;
  if (!u.node.empty()) {
    LM_ASSIGN(mark_line_,
              epcis::open_mark_line({u.node, u.node_kid, lots_->chain_id(), u.key, {}}));
  }
  sightings_ = std::make_unique<Sightings>(config.sightings);
  const bool all_are_one =
      config.tls_cert.empty() && (!config.access || config.access->callers.proxies.empty());
  if (config.sightings.enabled && all_are_one)
    log::warn("sightings.no_proxy",
              {{"hint", "behind a proxy all scans come from one place: name it in [access]"}});
  return {};
}

Result<std::unique_ptr<access::AccessControl>> Service::open_access(const ApiConfig& config,
                                                                    const Clock& clock) {
  if (!config.access) return std::unique_ptr<access::AccessControl>();
  const AccessConfig& a = *config.access;
  if (config.tls_cert.empty() && a.callers.proxies.empty())
    log::warn("access.no_proxy", {{"hint", "behind a proxy all callers count as one: name it"}});
  const EpcisConfig& e = config.epcis;
  if (!e.node.empty()) {
    LM_ASSIGN(access_line_,
              epcis::open_access_line({e.node, e.node_kid, lots_->chain_id(), e.key, {}}));
  }
  return access::AccessControl::open({a.callers, a.issuers, a.rates()}, clock, access_line_.get(),
                                     fetch_keys);
}

Result<std::unique_ptr<Service>> Service::start(const ApiConfig& config, const Clock& clock) {
  std::unique_ptr<Service> s(new Service);
  LM_ASSIGN(auto anchor, read_anchor_file(config.anchor));
  LM_ASSIGN(auto page, PageFiles::read(config.page_dir));
  LM_ASSIGN(s->lots_,
            ChainLots::open(config.chain_db, std::move(anchor), Millis(config.refresh_ms)));
  LM_TRY(s->open_epcis(config, clock));
  LM_TRY(s->open_units(config));
  LM_ASSIGN(auto links, link::Links::read(config.links));
  LM_ASSIGN(auto access, s->open_access(config, clock));
  s->routes_ = std::make_unique<Routes>(
      *s->lots_, clock, std::move(page), config.origin, std::move(links),
      s->epcis_ ? "/events" : "", s->epcis_.get(), std::move(access), s->records_.get(),
      UnitParts{s->units_.get(), s->sightings_.get(), s->mark_line_.get()});
  auto options = server_options(config);
  auto* routes = s->routes_.get();
  options.refusal = [routes](const http::Request& head, int status, const Error& error) {
    return routes->refuse(head, status, error);
  };
  options.logged_as = Routes::logged_as;
  options.judge_head = [routes](const http::Request& head) { return routes->judge_head(head); };
  LM_ASSIGN(s->server_, http::Server::start(options, [routes](const http::Request& r) {
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
