#include "cli/nginx/nginx.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "api/config.h"
#include "core/base/whole_file.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;

std::string absolute_path(const std::string& path) {
  std::error_code ec;
  const auto whole = fs::absolute(path, ec).lexically_normal();
  return ec || path.empty() ? path : whole.string();
}

// A file that nginx will read at its start must be there now; a folder is as good as nothing.
Result<std::string> existing_file(const char* option, const std::string& path) {
  std::error_code ec;
  if (!fs::is_regular_file(path, ec))
    return fail(Errc::kUsage, std::string(option) + ": no such file: " + path);
  return absolute_path(path);
}

std::string listens_at(const api::ApiConfig& config) {
  const bool v6 = config.address.find(':') != std::string::npos;
  // A proxy cannot call 0.0.0.0; on the same machine loopback is where that listens.
  const std::string host = config.address == "0.0.0.0" ? "127.0.0.1"
                           : config.address == "::"    ? "[::1]"
                           : v6                        ? "[" + config.address + "]"
                                                       : config.address;
  return host + ":" + std::to_string(config.port);
}

Result<nginx::Site> site_of(const NginxArguments& a) {
  LM_ASSIGN(const auto config, api::read_api_config(a.api));
  if (!config.tls_cert.empty()) {
    return fail(Errc::kUsage, a.api +
                                  ": this API speaks TLS itself (tls_cert): behind nginx it "
                                  "listens in plain HTTP, at loopback");
  }
  nginx::Site s;
  s.upstreams = a.upstreams;
  if (s.upstreams.empty()) {
    if (config.port == 0)
      return fail(Errc::kUsage, a.api + ": port 0 is another one each time: name it by --upstream");
    s.upstreams = {listens_at(config)};
  }
  s.server_name = a.server_name;
  LM_ASSIGN(s.certificate, existing_file("--cert", a.certificate));
  LM_ASSIGN(s.key, existing_file("--key", a.key));
  if (!a.client_ca.empty()) {
    LM_ASSIGN(s.client_ca, existing_file("--client-ca", a.client_ca));
  }
  s.listen = a.listen.empty() ? std::vector<std::string>{"443"} : a.listen;
  s.redirect_port = a.redirect_port;
  if (!config.epcis.node.empty()) s.capture_bytes = config.epcis.capture_bytes;
  s.takes_marks = !config.units.node.empty();
  s.connections = a.connections;
  s.reads_per_second = a.reads_per_second;
  s.captures_per_second = a.captures_per_second;
  return s;
}

nginx::Places kept_at(const NginxArguments& a, nginx::Site& site) {
  const std::string prefix = absolute_path(a.prefix);
  const bool own = !prefix.empty();
  const auto place = [&](const std::string& given, const char* in_prefix, const char* systems) {
    if (!given.empty()) return absolute_path(given);
    return own ? prefix + "/" + in_prefix : std::string(systems);
  };
  const std::string logs = place(a.logs, "logs", "/var/log/nginx");
  site.access_log = logs + (own || !a.logs.empty() ? "/access.log" : "/lotmark.log");
  site.error_log = logs + "/error.log";
  return {place(a.pid, "nginx.pid", "/run/nginx.pid"), place(a.temp, "temp", "/var/lib/nginx"),
          site.error_log, own ? "" : "www-data"};
}

// nginx makes the last folder of a path alone, and the log's not at all.
Status make_folders(const nginx::Places& p) {
  for (const auto& folder : {fs::path(p.temp), fs::path(p.error_log).parent_path()}) {
    std::error_code ec;
    fs::create_directories(folder, ec);
    if (ec) return fail(Errc::kIo, "cannot make " + folder.string() + ": " + ec.message());
  }
  return {};
}

Result<std::string> configuration(const NginxArguments& a) {
  LM_ASSIGN(auto site, site_of(a));
  const auto places = kept_at(a, site);
  LM_TRY(nginx::check_site(site));
  if (a.server_only) return nginx::server_text(site);
  LM_TRY(nginx::check_places(places));
  if (!a.prefix.empty()) LM_TRY(make_folders(places));
  return nginx::whole_text(site, places);
}

}  // namespace

Exit run_nginx(const NginxArguments& a, Output& out) {
  const auto text = configuration(a);
  if (!text) return out.error(text.error());
  if (a.out.empty()) {
    if (out.json) return out.value({{"configuration", *text}});
    out.block(*text);
    return Exit::kDone;
  }
  if (const auto written = write_whole(a.out, as_bytes(*text), kReadByAll); !written)
    return out.error(written.error());
  if (out.json) return out.value({{"file", a.out}});
  out.line(a.out + ": try it by nginx -t" +
           (a.server_only ? std::string() : " -c " + absolute_path(a.out)));
  return Exit::kDone;
}

}  // namespace lotmark::cli
