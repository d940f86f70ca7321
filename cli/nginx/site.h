// What nginx is to be in front of the API, and its configuration as text (docs/operate/nginx.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace lotmark::cli::nginx {

struct Site {
  std::string server_name;             // as callers know it: lot.example
  std::vector<std::string> upstreams;  // HOST:PORT of each API process
  std::string certificate;             // PEM files, absolute
  std::string key;
  std::string client_ca;            // empty: no client certificate is asked for
  std::vector<std::string> listen;  // PORT or ADDRESS:PORT, with TLS
  std::uint16_t redirect_port = 0;  // plain HTTP that sends callers to TLS; 0: none
  std::size_t capture_bytes = 0;    // of one captured document; 0: nothing is captured there
  bool takes_marks = false;         // POST /v1/marks
  std::string access_log = "/var/log/nginx/lotmark.log";
  std::string error_log = "/var/log/nginx/error.log";  // at its level crit: below, it names callers

  // Of one caller: an IPv4 address, the /64 a site has of IPv6.
  unsigned connections = 32;          // requests at a time
  unsigned capture_connections = 4;   // of those, that POST a document
  unsigned reads_per_second = 50;     // four seconds' worth may come at once
  unsigned captures_per_second = 10;  // POSTs of documents
};

// Where a whole nginx, that is nobody's system service, keeps its files.
struct Places {
  std::string pid;
  std::string temp;  // folder for bodies and answers on their way
  std::string error_log;
  std::string user;  // that workers run as; empty: who starts it
};

inline constexpr std::size_t kUpstreamsMax = 64;
inline constexpr std::size_t kListenMax = 16;

// usage, naming the field: what is empty or too many, a name that is none, or a path with characters that nginx would
// read as its own. What passes can be written into a configuration as it is.
Status check_site(const Site& site);
Status check_places(const Places& places);

// For conf.d: zones, maps, upstream and server, all of whose names begin with lotmark_. The site is checked.
std::string server_text(const Site& site);
// A whole nginx.conf.
std::string whole_text(const Site& site, const Places& places);

// Part of server_text: bodies of the errors that nginx answers itself, as RFC 9457 problems; EPCIS's own types where the
// path is EPCIS's. `problem_maps` stands outside of the server, `problem_pages` in it.
std::string problem_maps();
std::string problem_pages();

}  // namespace lotmark::cli::nginx
