// Entries of the access log, and what an API process brings of them: the bytes between the two (docs/format/access.md;
// docs/operate/peer.md, POST /control/v1/accesses).
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::node {

inline constexpr std::size_t kAccessBatchMax = 1024;      // entries
inline constexpr std::size_t kAccessEntryMax = 8 * 1024;  // bytes
inline constexpr std::size_t kAccessTextMax = 2 * 1024;   // bytes, of each field

struct AccessEntry {
  Fixed<8, struct AccessRunTag> run;  // of the API process, or of the node that reports
  std::uint64_t number = 0;           // in it, from 1
  std::uint64_t count = 1;            // requests it stands for
  std::uint64_t time = 0;             // ms UTC, by the API's clock
  std::string caller;
  std::string organisation;
  std::string roles;  // names, joined by blanks
  std::string how;    // nobody, certificate, token or subscription
  std::string address;
  std::string method;
  std::string route;         // pattern
  std::string target;        // path and query
  std::uint64_t status = 0;  // HTTP's
  std::string why;
  bool operator==(const AccessEntry&) const = default;
};

// cbor([run, number, count, time, caller, ..., target, status, why]), texts as bstrs: who calls chooses their bytes.
Bytes encode_access(const AccessEntry& entry);
// The CBOR errors, field-type, field-range, too-large above a bound.
Result<AccessEntry> decode_access(ByteView bytes);

}  // namespace lotmark::node
