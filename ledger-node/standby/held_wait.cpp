#include "ledger-node/standby/held_wait.h"

#include <thread>

namespace lotmark::node {

bool HeldWait::held(std::uint64_t moved, int most) {
  if (copies_.rows_held() >= moved) return true;
  bool done = false;
  if (++waiting_ <= most) {
    for (auto left = options_.longest; left.count() > 0 && !copies_.silent() && !done;
         left -= options_.look) {
      std::this_thread::sleep_for(options_.look);
      done = copies_.rows_held() >= moved;
    }
  }
  --waiting_;
  return done;
}

}  // namespace lotmark::node
