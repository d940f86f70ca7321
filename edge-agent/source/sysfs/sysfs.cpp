#include "edge-agent/source/sysfs/sysfs.h"

#include <fcntl.h>
#include <unistd.h>

#include "edge-agent/source/sysfs/attribute.h"

namespace lotmark::agent {

namespace {

// The files that make up one channel; which there are is settled when the device is opened, so that one that goes
// missing later is a failure and not a scale of 1.
struct Files {
  std::string attribute;
  std::int64_t power = 0;
  std::string value;
  std::string offset;  // empty: none
  std::string scale;
  std::string fault;
};

class SysfsProbe final : public Probe {
 public:
  SysfsProbe(std::filesystem::path root, SysfsDevice device)
      : root_(std::move(root)), device_(std::move(device)) {}
  ~SysfsProbe() override { close(); }

  void add(const SysfsChannel& channel) {
    Files f;
    f.attribute = channel.attribute;
    if (const auto q = sysfs_quantity(device_.bus, channel.attribute)) f.power = q->power;
    channels_.push_back(std::move(f));
  }

  // The folder stays the device's own: when it goes, so do its files, whoever gets its number next.
  Status open() override {
    LM_ASSIGN(const auto path, find_sysfs_device(root_, device_));
    folder_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder_ < 0) return system_error(path.string());
    for (auto& f : channels_) LM_TRY(lay_out(f));
    return {};
  }

  Status read(const PollContext& context, std::vector<Sample>& out) override {
    std::optional<Error> error;
    bool any = false;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
      auto sample = read_channel(channels_[i]);
      if (sample) {
        any = true;
        out[i] = std::move(*sample);
        out[i].at = context.clock.now();
      } else if (!error) {
        error = sample.error();
      }
    }
    return any ? Status() : Status(*error);
  }

  void close() override {
    if (folder_ >= 0) ::close(folder_);
    folder_ = -1;
  }

 private:
  bool has(const std::string& file) const {
    return ::faccessat(folder_, file.c_str(), F_OK, 0) == 0;
  }
  // The channel's own file, or the one it shares with others of its type; empty if there is neither.
  std::string own_or_shared(const std::string& attribute, const char* end) const {
    for (const auto& name : {attribute + end, shared_name(attribute) + end}) {
      if (has(name)) return name;
    }
    return {};
  }

  Status lay_out(Files& f) const {
    f.offset.clear();
    f.scale.clear();
    f.fault.clear();
    if (device_.bus == SysfsBus::kW1) {
      f.value = has("w1_slave") ? "w1_slave" : "temperature";
    } else if (f.value = f.attribute + "_input"; device_.bus == SysfsBus::kIio && !has(f.value)) {
      f.value = f.attribute + "_raw";
      f.offset = own_or_shared(f.attribute, "_offset");
      f.scale = own_or_shared(f.attribute, "_scale");
    } else if (device_.bus == SysfsBus::kHwmon && has(f.attribute + "_fault")) {
      f.fault = f.attribute + "_fault";
    }
    return has(f.value) ? Status() : fail(Errc::kUnavailable, device_.text() + ": no " + f.value);
  }

  Result<Sample> read_channel(const Files& f) const {
    if (!f.fault.empty()) {
      LM_ASSIGN(const auto fault, read_attribute(folder_, f.fault));
      if (fault != "0") return Sample{};
    }
    LM_ASSIGN(const auto text, read_attribute(folder_, f.value));
    if (f.value == "w1_slave") return w1_sample(text);
    if (device_.bus == SysfsBus::kW1) return w1_thousandths(text);
    auto value = Exact::read(text);
    for (const auto& [file, is_scale] : {std::pair(&f.offset, false), {&f.scale, true}}) {
      if (file->empty() || !value) continue;
      LM_ASSIGN(const auto factor, read_attribute(folder_, *file));
      const auto number = Exact::read(factor);
      if (!number) value.reset();
      else value = is_scale ? *value * *number : *value + *number;
    }
    if (!value) return Sample{GapReason::kNotANumber, {}};
    return Sample{*value * Exact::ten_to(f.power), {}};
  }

  const std::filesystem::path root_;
  const SysfsDevice device_;
  std::vector<Files> channels_;
  int folder_ = -1;
};

}  // namespace

std::vector<std::string> channels_of(const SysfsOptions& options) {
  std::vector<std::string> out;
  for (const auto& c : options.channels) out.push_back(c.is.channel);
  return out;
}

std::unique_ptr<Source> make_source(const SysfsOptions& options, const SourcePlace& place) {
  std::vector<PolledDevice> devices;
  std::vector<SysfsProbe*> probes;
  for (const auto& c : options.channels) {
    const std::string name = c.device.text();
    std::size_t at = 0;
    while (at < devices.size() && devices[at].name != name) ++at;
    if (at == devices.size()) {
      auto probe = std::make_shared<SysfsProbe>(options.root, c.device);
      probes.push_back(probe.get());
      devices.push_back({name, {}, std::move(probe), static_cast<int>(at), options.patience});
    }
    probes[at]->add(c);
    devices[at].channels.push_back(c.is);
  }
  return std::make_unique<Sampler>(options.name, options.timing, std::move(devices), place.clock);
}

}  // namespace lotmark::agent
