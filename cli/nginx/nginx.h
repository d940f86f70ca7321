// `lotmark nginx`: nginx's configuration for one API or several processes of it (docs/operate/nginx.md).
#pragma once

#include "cli/nginx/site.h"
#include "cli/output.h"

namespace lotmark::cli {

struct NginxArguments {
  std::string api;  // api.toml: where the API listens, and what it takes
  std::string server_name;
  std::vector<std::string> upstreams;  // empty: where the API listens
  std::string certificate;
  std::string key;
  std::string client_ca;
  std::vector<std::string> listen;  // empty: 443
  std::uint16_t redirect_port = 0;
  unsigned connections = 32;
  unsigned reads_per_second = 50;
  unsigned captures_per_second = 10;
  bool server_only = false;  // for conf.d of a nginx that is there
  std::string prefix;        // folder for what a whole nginx keeps; empty: the system's places
  std::string pid;           // each in place of the prefix's
  std::string temp;
  std::string logs;
  std::string out;  // file, replaced if it is there; empty: standard output
};
Exit run_nginx(const NginxArguments& arguments, Output& out);

}  // namespace lotmark::cli
