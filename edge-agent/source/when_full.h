// What becomes of a source's bundles when the outbox is full or they are too old.
#pragma once

#include <cstdint>

namespace lotmark::agent {

// Numbers are stored (outbox.db, bundle.policy) and never reused; 3 is a gap over dropped bundles.
enum class WhenFull : std::uint8_t {
  kBlock = 0,       // never dropped: the source waits
  kDropOldest = 1,  // the oldest give way
  kThin = 2,        // every other of the oldest gives way: what is old gets thinner
};

}  // namespace lotmark::agent
