// A new gateway: makes its keys here, asks for a certificate with a one-time code, and takes the answer
// (docs/operate/enrolment.md). Private keys never leave the folder, or the token.
#pragma once

#include <filesystem>
#include <string>

#include "core/base/clock.h"
#include "core/base/result.h"

namespace lotmark::agent {

struct EnrolRequest {
  std::string name;            // organisation/device
  std::string code;            // as `lotmark ca invite` showed it
  std::filesystem::path keys;  // the agent's own folder: /var/lib/lotmark-edge
  std::string key_uri;         // of a token; empty: KEYS/record.key
};
// Makes KEYS/record.key (or the token's key), KEYS/tls.key, and keeps the code's key in KEYS/enrolment.key until the answer
// is there; keys that are there are used. Run by root, the files belong to who owns KEYS. What it gives is the file to send.
Result<std::string> request_enrolment(const EnrolRequest& request);

struct EnrolFolders {
  std::filesystem::path config;  // gets agent.toml: /etc/lotmark
  std::filesystem::path keys;    // of the request; gets tls.crt and ca.crt
};
// Writes the certificates and agent.toml (conflict if that is there). denied if the answer was not made with
// this code; key-bad if its certificate is another key's or name's. Nothing is written then.
Status accept_enrolment(const EnrolFolders& folders, std::string_view answer, Time now);

}  // namespace lotmark::agent
