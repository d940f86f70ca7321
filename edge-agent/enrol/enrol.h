// A new gateway: makes its keys here, asks for a certificate with a one-time code, and takes the answer
// (docs/operate/enrolment.md). Private keys never leave the folder, or the token.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::agent {

struct EnrolRequest {
  std::string name;           // organisation/device
  std::string code;           // as `lotmark ca invite` showed it
  std::filesystem::path dir;  // /etc/lotmark
  std::string key_uri;        // of a token; empty: DIR/record.key
};
// Makes DIR/record.key (or the token's key), DIR/tls.key, and keeps the code's key in DIR/enrolment.key until the answer
// is there; keys that are there are used. What it gives is the file to send.
Result<std::string> request_enrolment(const EnrolRequest& request);

// Writes DIR/tls.crt, DIR/ca.crt and DIR/agent.toml (conflict if that is there). denied if the answer was not made with
// this code; key-bad if its certificate is another key's or name's. Nothing is written then.
Status accept_enrolment(const std::filesystem::path& dir, std::string_view answer, Time now);

// The configuration with the files of its brokers in `dir`. config: no TOML, or a file that is more than a name.
Result<std::string> place_files(std::string_view config, const std::filesystem::path& dir);

}  // namespace lotmark::agent
