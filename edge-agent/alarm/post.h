// The alarm desk in force. A reload puts another in its place while sources hand over readings; the old one goes with
// whoever still uses it last.
#pragma once

#include <memory>
#include <mutex>

#include "edge-agent/alarm/desk.h"

namespace lotmark::agent {

struct AlarmStaff {
  std::unique_ptr<ActionRunner> runner;
  std::unique_ptr<AlarmDesk> desk;  // speaks to the runner: goes first
};

class AlarmPost {
 public:
  // Null without alarms. From any thread.
  std::shared_ptr<AlarmStaff> staff() const {
    std::lock_guard lock(mutex_);
    return staff_;
  }
  void set(std::shared_ptr<AlarmStaff> staff) {
    {
      std::lock_guard lock(mutex_);
      staff_.swap(staff);
    }  // the old one ends its threads outside of the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<AlarmStaff> staff_;
};

}  // namespace lotmark::agent
