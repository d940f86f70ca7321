// Which node an operator speaks to, and as whom: lotmark.toml (docs/operate/cli.md).
#pragma once

#include <filesystem>
#include <memory>

#include "core/crypto/p256.h"

namespace lotmark::cli {

// What the command line says; what is empty comes from the profile file.
struct ProfileChoice {
  std::string file;  // --profile, else LOTMARK_PROFILE, else ./lotmark.toml if it is there
  std::string control;
  std::string node_kid;
  std::string key;
  std::string anchor;
};

struct Profile {
  std::string control;  // http://127.0.0.1:7511
  KeyId node;
  std::unique_ptr<Signer> signer;
  Digest chain;
  Bytes anchor;  // the file
};

// config names every value that is missing or wrong; the key's and anchor's own errors.
Result<Profile> open_profile(const ProfileChoice& choice);

}  // namespace lotmark::cli
