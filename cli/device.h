// `lotmark device command`: what an operator may ask of a gateway of the own organisation.
#pragma once

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct DeviceCommandArguments {
  ProfileChoice profile;
  std::string device;  // name or kid
  std::string command;
  std::uint64_t from = 0;  // 0: not given
  std::uint64_t valid_s = 600;
};
// Exit: 1 if the node's broker is not connected.
Exit run_device_command(const DeviceCommandArguments& arguments, Output& out);

}  // namespace lotmark::cli
