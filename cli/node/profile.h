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

// Who signs, and for which chain: all that is needed where no node is asked.
struct SigningProfile {
  std::unique_ptr<Signer> signer;
  Digest chain;
  Bytes anchor;  // the file
};

struct Profile : SigningProfile {
  std::string control;  // http://127.0.0.1:7511
  KeyId node;
};

// config names every value that is missing or wrong; the key's and anchor's own errors.
Result<Profile> open_profile(const ProfileChoice& choice);
// The same of key and anchor alone: what a profile says of a node is not looked at.
Result<SigningProfile> open_signing_profile(const ProfileChoice& choice);

}  // namespace lotmark::cli
