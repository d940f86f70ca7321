#include "tests/integration/edge_agent/guest/guest.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <thread>

namespace lotmark::agent::test {

namespace {

namespace fs = std::filesystem;

constexpr int kHoldMs = 30;  // the keyboard keeps 16 events that the guest has not fetched
constexpr int kAnswerMs = 30000;

fs::path kernel_folder() { return fs::path(LOTMARK_SOURCE_DIR) / "build/sources/guest-kernel"; }

std::string kernel_image() {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(kernel_folder() / "boot", none)) {
    if (entry.path().filename().string().starts_with("vmlinuz-")) return entry.path();
  }
  return {};
}

// QEMU's names of the keys that write a character.
std::vector<std::string> keys_of(char c) {
  if (c == '\r') return {"ret"};
  if (c == '\t') return {"tab"};
  if (c == '\x1d') return {"ctrl", "bracket_right"};
  if (c == ']') return {"bracket_right"};
  if (c == '-') return {"minus"};
  if (c == '_') return {"shift", "minus"};
  if (c == '/') return {"slash"};
  if (c == '(') return {"shift", "9"};
  if (c == ')') return {"shift", "0"};
  if (c >= 'A' && c <= 'Z') return {"shift", std::string(1, static_cast<char>(c + 32))};
  return {std::string(1, c)};  // digits and small letters
}

}  // namespace

Guest::~Guest() {
  if (qmp_ >= 0) ::close(qmp_);
}

std::string Guest::missing() {
  for (const char* program : {"qemu-system-x86_64", "busybox", "cpio"}) {
    if (!lotmark::test::shell("command -v " + std::string(program) + " >/dev/null")) return program;
  }
  return kernel_image().empty() ? "the kernel (scripts/guest-kernel)" : "";
}

bool Guest::start(const std::string& config, const std::vector<std::string>& files) {
  const std::string image = dir_ / "guest.cpio";
  std::string make = std::string(LOTMARK_SOURCE_DIR) +
                     "/tests/integration/edge_agent/guest/make_guest.sh " +
                     kernel_folder().string() + " " + LOTMARK_BIN_DIR + "/lotmark-edge-agent " +
                     config + " " + image;
  for (const auto& file : files) make += " " + file;
  if (!lotmark::test::shell(make)) return false;
  const std::string socket = dir_ / "qmp";
  qemu_.start({"qemu-system-x86_64",
               "-accel",
               "tcg",
               "-cpu",
               "max",
               "-m",
               "512",
               "-nodefaults",
               "-no-reboot",
               "-display",
               "none",
               "-kernel",
               kernel_image(),
               "-initrd",
               image,
               "-append",
               "console=ttyS0 quiet panic=-1",
               "-serial",
               "file:" + (dir_ / "console").string(),
               "-nic",
               "user,model=virtio-net-pci",
               "-device",
               "qemu-xhci",
               "-device",
               "usb-kbd,id=scanner",
               "-qmp",
               "unix:" + socket + ",server=on,wait=off"});
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(socket, address.sun_path);
  const bool there = eventually([&] {
    if (qmp_ >= 0) ::close(qmp_);
    qmp_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return ::connect(qmp_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  });
  const timeval limit{kAnswerMs / 1000, 0};
  ::setsockopt(qmp_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  return there && ask(R"({"execute":"qmp_capabilities"})");
}

// Each line is an object: the answer, or something else that QEMU tells.
bool Guest::ask(const std::string& command) {
  if (::send(qmp_, command.data(), command.size(), MSG_NOSIGNAL) < 0) return false;
  std::string line;
  char c = 0;
  while (::recv(qmp_, &c, 1, 0) == 1) {
    if (c != '\n') {
      line += c;
      continue;
    }
    if (line.starts_with("{\"return\"")) return true;
    if (line.starts_with("{\"error\"")) {
      ADD_FAILURE() << command << ": " << line;
      return false;
    }
    line.clear();
  }
  return false;
}

bool Guest::plug_in() {
  return ask(R"({"execute":"device_add","arguments":{"driver":"usb-kbd","id":"scanner"}})");
}
bool Guest::unplug() { return ask(R"({"execute":"device_del","arguments":{"id":"scanner"}})"); }

bool Guest::press(const std::vector<std::string>& keys) {
  std::string list;
  for (const auto& key : keys) {
    list += (list.empty() ? "" : ",") + (R"({"type":"qcode","data":")" + key + "\"}");
  }
  if (!ask(fmt::format(R"({{"execute":"send-key","arguments":{{"hold-time":{},"keys":[{}]}}}})",
                       kHoldMs, list)))
    return false;
  std::this_thread::sleep_for(std::chrono::milliseconds(kHoldMs) * (2 * keys.size()));
  return true;
}

bool Guest::type(std::string_view text) {
  return std::ranges::all_of(text, [this](char c) { return press(keys_of(c)); });
}

std::string Guest::console() const {
  std::ifstream in(dir_ / "console");
  return {std::istreambuf_iterator<char>(in), {}};
}

int Guest::said(const std::string& line) const {
  const std::string all = console();
  int count = 0;
  for (auto at = all.find(line); at != std::string::npos; at = all.find(line, at + 1)) ++count;
  return count;
}

}  // namespace lotmark::agent::test
