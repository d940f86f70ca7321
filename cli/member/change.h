// What is to be different in the next membership statement, from files and options (docs/operate/members.md).
#pragma once

#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/wire/public_level.h"

namespace lotmark::cli {

struct ChangeArguments {
  std::vector<std::string> add;     // files of members
  std::vector<std::string> remove;  // kids, or organisations that have one member
  std::vector<std::string> renew;   // OLD=FILE: OLD as in remove, the file holds the new public_key
  std::uint64_t quorum = 0;         // 0: as it is
  std::vector<std::string> programme;  // files of programmes, new or in place of the one of that id
  std::vector<std::string> drop_programme;  // ids

  bool empty() const {
    return add.empty() && remove.empty() && renew.empty() && quorum == 0 && programme.empty() &&
           drop_programme.empty();
  }
};

// The next epoch's body, without a place. config with every fault of a file; not-found, conflict.
Result<Membership> changed(const Membership& in_force, const ChangeArguments& change);

// What differs, a line each: "+ member prov-4 ...".
std::vector<std::string> differences(const Membership& before, const Membership& after);

}  // namespace lotmark::cli
