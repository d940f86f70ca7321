// The outbox as another process may look at it: read only, beside the agent that owns it.
#pragma once

#include <filesystem>
#include <optional>

#include "edge-agent/outbox/outbox.h"

namespace lotmark::agent {

struct OutboxGlance {
  KeyId device;
  std::uint64_t seq = 0;      // last sealed
  std::uint64_t unacked = 0;  // objects
  std::uint64_t bytes = 0;    // of them
  std::optional<Ack> ack;     // the newest that was taken
  bool conflict = false;      // as Outbox::conflict()
};
// not-found if there is none yet.
Result<OutboxGlance> glance_at(const std::filesystem::path& file, const Digest& chain);

}  // namespace lotmark::agent
