// [sealing] of a node's configuration: its own opening key, and of an enterprise for whom segments are sealed beside it.
// docs/operate/running.md (sealed segments).
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::chain {
struct SealingRules;
}
namespace lotmark::sealed {
class OpeningKey;
}

namespace lotmark::node {

// [[sealing.readers]]
struct SealingReaderEntry {
  std::string name;
  PublicKey key;
  std::optional<KeyId> member;            // a reviewer: of lots whose opening names it
  bool partner = true, regulator = true;  // segments of which audience
  std::optional<std::uint64_t> until;     // ms UTC
};

struct SealingConfig {
  std::filesystem::path key;  // P-256 key for opening, PEM, 0600; no record key
  std::vector<SealingReaderEntry> readers;
  // Operators of the organisation that may add readers to what is sealed already, and take them away: name or kid. The
  // node's own key always may.
  std::vector<std::string> rewrappers;
};

// The section as it is in force, as TOML.
std::string print_sealing(const SealingConfig& config);

// The private key of [sealing] key. config, naming the file, if it cannot be used, or is the record key as well.
Result<std::shared_ptr<const sealed::OpeningKey>> load_opening_key(const SealingConfig& config,
                                                                   const KeyId& record_kid);
// With the readers. config, naming the reader, if one's key is no point of the curve.
Result<std::shared_ptr<const chain::SealingRules>> load_sealing(
    const SealingConfig& config, std::shared_ptr<const sealed::OpeningKey> own);

}  // namespace lotmark::node
