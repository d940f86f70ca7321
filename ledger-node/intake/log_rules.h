// Steps 2 to 8 of "What a node accepts" (docs/format/device.md): where in its device's log an object belongs
// whose signer and signature were checked.
#pragma once

#include "core/base/result.h"
#include "ledger-node/intake/device_logs.h"

namespace lotmark::node {

// What an object says of its place.
struct Claimed {
  KeyId device;
  LifeId life;
  std::uint64_t seq = 0;
  std::uint64_t last = 0;  // of a gap; of a bundle its seq
  std::optional<Digest> prev;
  Digest id;
  bool gap = false;
};

// An object of the log that covers a seq.
struct Held {
  std::uint64_t last = 0;
  std::optional<Digest> end;  // id at `last`: of the bundle, or the one the gap calls lost
  Bytes wire;
};

// What the rules ask of the log. Errors are the store's.
class HeldObjects {
 public:
  virtual ~HeldObjects() = default;
  virtual Result<bool> holds(const KeyId& device, const Digest& id) = 0;
  virtual Result<std::optional<Held>> covering(LifeNumber life, std::uint64_t seq) = 0;
};

struct Placed {
  enum Kind { kNext, kAgain, kRefused };
  Kind kind = kNext;
  Errc error = Errc::kOk;  // of kRefused
  LifeNumber life = 0;     // the device's open one; 0 of a closed life's object without an open one
  std::uint64_t seq = 0;   // of kNext: the first it stands for, a gap cut where it reaches below
  std::optional<Bytes> against;  // of seq-conflict: the object it contradicts
};

// Opens the object's life if it is a new one, whatever becomes of the object; moves no position.
Result<Placed> place(const Claimed& object, DeviceLogs& logs, HeldObjects& held, std::uint64_t now);

}  // namespace lotmark::node
