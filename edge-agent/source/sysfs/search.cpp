#include "edge-agent/source/sysfs/search.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPatternMax = 256;
constexpr std::size_t kAttributeMax = 4096;  // a page: sysfs has no more

struct Bus {
  SysfsBus bus;
  const char* word;
  const char* folder;  // below the root
  const char* entry;   // what devices are called there
};
constexpr std::array kBuses = {Bus{SysfsBus::kIio, "iio", "bus/iio/devices", "iio:device*"},
                               Bus{SysfsBus::kHwmon, "hwmon", "class/hwmon", "hwmon*"},
                               Bus{SysfsBus::kW1, "w1", "bus/w1/devices", "*"}};

const Bus& about(SysfsBus bus) {
  return *std::ranges::find(kBuses, bus, [](const Bus& b) { return b.bus; });
}

bool matches(const std::string& pattern, const std::string& text) {
  return ::fnmatch(pattern.c_str(), text.c_str(), FNM_PATHNAME | FNM_PERIOD) == 0;
}

std::vector<fs::path> entries(const fs::path& folder, const std::string& pattern) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (matches(pattern, at->path().filename().string())) out.push_back(at->path());
  }
  return out;
}

std::vector<fs::path> folders_at(const fs::path& root, const std::string& pattern) {
  std::vector<fs::path> found = {root};
  for (const auto& part : fs::path(pattern)) {
    std::vector<fs::path> next;
    for (const auto& folder : found) {
      auto below = entries(folder, part.string());
      next.insert(next.end(), below.begin(), below.end());
    }
    found = std::move(next);
  }
  return found;
}

std::string name_of(const fs::path& folder) {
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return {};
  auto name = read_attribute(fd, "name");
  ::close(fd);
  return name ? *name : std::string();
}

}  // namespace

std::string SysfsDevice::text() const { return std::string(about(bus).word) + ":" + pattern; }

std::optional<SysfsDevice> read_sysfs_device(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.size() > kPatternMax) return std::nullopt;
  const auto bus = std::ranges::find(kBuses, text.substr(0, colon),
                                     [](const Bus& b) { return std::string_view(b.word); });
  SysfsDevice out;
  out.pattern = text.substr(colon + 1);
  if (bus == kBuses.end() || out.pattern.empty() || out.pattern.front() == '/') return std::nullopt;
  for (const auto& part : fs::path(out.pattern)) {
    if (part == ".." || part == "." || part.empty()) return std::nullopt;
  }
  out.bus = bus->bus;
  return out;
}

Result<fs::path> find_sysfs_device(const fs::path& root, const SysfsDevice& device) {
  const Bus& bus = about(device.bus);
  std::vector<fs::path> found;
  if (device.is_path()) {
    found = folders_at(root, device.pattern);
  } else {
    found = entries(root / bus.folder, device.bus == SysfsBus::kW1 ? device.pattern : bus.entry);
    if (device.bus != SysfsBus::kW1) {
      std::erase_if(found, [&](const fs::path& p) { return !matches(device.pattern, name_of(p)); });
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return fail(Errc::kUnavailable, "no device is " + device.text());
  return fail(Errc::kConflict, std::to_string(found.size()) + " devices are " + device.text() +
                                   ": name one by its path");
}

Result<std::string> read_attribute(int folder, const std::string& file) {
  const int fd = ::openat(folder, file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error(file);
  std::string text(kAttributeMax, '\0');
  const ssize_t got = ::read(fd, text.data(), text.size());
  const int error = errno;
  ::close(fd);
  if (got < 0) return fail(Errc::kIo, file + ": " + std::strerror(error));
  text.resize(static_cast<std::size_t>(got));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace lotmark::agent
