// The alarm desk in force. A reload puts another in its place while sources hand over readings: what is raised, or counts
// already, goes on at the new one.
#pragma once

#include <memory>
#include <mutex>

#include "edge-agent/alarm/desk.h"

namespace lotmark::agent {

struct AlarmStaff {
  std::shared_ptr<ActionRunner> runner;  // stays over reloads: what it was told is done
  std::unique_ptr<AlarmDesk> desk;       // speaks to the runner: goes first
};

class AlarmPost {
 public:
  // As AlarmDesk::note(); nothing without alarms. No desk changes meanwhile, so that none judges a reading after it left.
  std::vector<SignedAlarm> note(const std::vector<Reading>& readings, bool recorded) const {
    std::lock_guard lock(mutex_);
    if (!staff_) return {};
    return staff_->desk->note(readings, recorded);
  }
  // Null without alarms. From any thread.
  std::shared_ptr<AlarmStaff> staff() const {
    std::lock_guard lock(mutex_);
    return staff_;
  }
  // The desk of `staff` succeeds the one there is.
  void set(std::shared_ptr<AlarmStaff> staff) {
    {
      std::lock_guard lock(mutex_);
      if (staff && staff_) staff->desk->succeed(*staff_->desk);
      staff_.swap(staff);
    }  // the old one goes outside of the lock
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<AlarmStaff> staff_;
};

}  // namespace lotmark::agent
