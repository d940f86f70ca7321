// `lotmark nginx` and its options.
#include "cli/commands.h"
#include "cli/nginx/nginx.h"

namespace lotmark::cli {

void add_nginx_command(CLI::App& app, Session& session) {
  auto* nginx = app.add_subcommand("nginx", "nginx's configuration in front of the API");
  nginx->footer(
      examples({"lotmark nginx --api api.toml --server-name lot.example --cert lot.pem --key "
                "lot.key \\\n"
                "    --client-ca consortium/ca.pem --server-only --out "
                "/etc/nginx/conf.d/lotmark.conf",
                "lotmark nginx --api api.toml --server-name lot.example --cert lot.pem --key "
                "lot.key \\\n"
                "    --upstream 127.0.0.1:8080 --upstream 127.0.0.1:8081 --listen 8443 --prefix "
                "/srv/proxy --out nginx.conf",
                "nginx -t -c $PWD/nginx.conf"}) +
      "\n\nWhat each limit is for, and what is lost without nginx: docs/operate/nginx.md.");
  auto a = bind(nginx, session, run_nginx);
  nginx->add_option("--api", a->api, "the API's api.toml")->required();
  nginx->add_option("--server-name", a->server_name, "name that callers use")->required();
  nginx->add_option("--cert", a->certificate, "certificate of that name, with its chain, PEM")
      ->required();
  nginx->add_option("--key", a->key, "its key, PEM")->required();
  nginx->add_option("--client-ca", a->client_ca,
                    "CA of client certificates; default: none is asked for");
  nginx->add_option("--upstream", a->upstreams,
                    "HOST:PORT of an API process; more than once for several; default: "
                    "where api.toml says");
  nginx->add_option("--listen", a->listen,
                    "PORT or ADDRESS:PORT for TLS; more than once for several; default: 443");
  nginx->add_option("--redirect-port", a->redirect_port,
                    "plain HTTP there sends callers to https; default: none");
  nginx->add_option("--connections", a->connections, "requests of one caller at a time; 32")
      ->check(CLI::Range(1, 65535));
  nginx->add_option("--rate", a->reads_per_second, "requests of one caller a second; 50")
      ->check(CLI::Range(1, 100000));
  nginx
      ->add_option("--capture-rate", a->captures_per_second, "documents of one caller a second; 10")
      ->check(CLI::Range(1, 100000));
  nginx->add_flag("--server-only", a->server_only,
                  "what goes into conf.d of a nginx that is there; default: a whole nginx.conf");
  nginx->add_option("--prefix", a->prefix,
                    "folder for pid, logs and temporary files of a nginx run by anybody");
  nginx->add_option("--pid", a->pid, "its pid file; default: PREFIX/nginx.pid");
  nginx->add_option("--temp", a->temp, "folder of temporary files; default: PREFIX/temp");
  nginx->add_option("--logs", a->logs, "folder of logs; default: PREFIX/logs");
  nginx->add_option("--out", a->out, "file, replaced if it is there; default: standard output");
}

}  // namespace lotmark::cli
