#include "edge-agent/source/probe.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace lotmark::agent {

namespace {

Status may(const std::string& path, int how) {
  if (::access(path.c_str(), how) == 0) return {};
  return fail(Errc::kIo, path + ": " + std::generic_category().message(errno));
}

// As execvp looks for it.
Status program(const std::string& name) {
  if (name.find('/') != std::string::npos) return may(name, X_OK);
  const char* path = std::getenv("PATH");
  std::string_view rest = path != nullptr ? path : "/bin:/usr/bin";
  while (!rest.empty()) {
    const auto end = std::min(rest.find(':'), rest.size());
    if (may(std::string(rest.substr(0, end)) + "/" + name, X_OK)) return {};
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return fail(Errc::kIo, name + ": no such program in PATH");
}

}  // namespace

Status probe(const ReplayOptions& o) { return may(o.file.string(), R_OK); }

Status probe(const ExecOptions& o) { return program(o.command.at(0)); }

Status probe(const FramesOptions& o) {
  return o.command.empty() ? may(o.path.string(), R_OK | W_OK) : program(o.command[0]);
}

Status probe(const SysfsOptions& o) {
  for (const auto& channel : o.channels) {
    LM_ASSIGN(const auto folder, find_sysfs_device(o.root, channel.device));
    LM_TRY(may(folder.string(), R_OK | X_OK));
  }
  return {};
}

std::optional<Status> probe(const ModbusOptions& o) {
  if (o.line.serial.empty()) return std::nullopt;
  return may(o.line.serial, R_OK | W_OK);
}

Status probe(const SerialOptions& o) { return may(o.port.path, R_OK | W_OK); }

Status probe(const WedgeOptions& o) { return may(o.path, R_OK); }

Status probe(const FridgeLogOptions& o) { return may(o.folder, R_OK | X_OK); }

}  // namespace lotmark::agent
