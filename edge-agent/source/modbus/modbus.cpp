#include "edge-agent/source/modbus/modbus.h"

#include <map>

namespace lotmark::agent {

namespace {

class ModbusProbe final : public Probe {
 public:
  ModbusProbe(std::shared_ptr<ModbusLine> line, int slave, std::vector<ModbusField> fields,
              bool one_each)
      : line_(std::move(line)),
        slave_(slave),
        fields_(std::move(fields)),
        requests_(plan_requests(fields_, one_each)) {}

  // The line is the slaves' together: it opens and closes itself.
  Status open() override { return {}; }
  void close() override {}

  // A request that the slave refuses loses its own channels only; where it refuses all, or does not answer, it failed.
  Status read(const PollContext& context, std::vector<Sample>& out) override {
    std::optional<Error> refused;
    std::size_t refusals = 0;
    for (const auto& request : requests_) {
      auto answer = line_->read(slave_, request, context);
      if (answer) {
        take(request, *answer, context.clock.now(), out);
      } else if (answer.code() == Errc::kNotFound) {
        refused = answer.error();
        ++refusals;
      } else {
        return answer.error();
      }
    }
    return refusals < requests_.size() ? Status() : Status(*refused);
  }

 private:
  void take(const ModbusRequest& request, const ModbusAnswer& answer, Time at,
            std::vector<Sample>& out) const {
    for (const std::size_t i : request.fields) {
      const auto& f = fields_[i];
      const auto begin = static_cast<std::size_t>(f.address - request.address);
      const auto size = static_cast<std::size_t>(width(f.type));
      auto value = decode(std::span(answer).subspan(begin, size), f.type, f.order);
      out[i] = {GapReason::kNotANumber, at};
      if (value) out[i].value = std::move(*value);
    }
  }

  const std::shared_ptr<ModbusLine> line_;
  const int slave_;
  const std::vector<ModbusField> fields_;
  const std::vector<ModbusRequest> requests_;
};

}  // namespace

std::vector<std::string> channels_of(const ModbusOptions& options) {
  std::vector<std::string> out;
  for (const auto& c : options.channels) out.push_back(c.is.channel);
  return out;
}

std::unique_ptr<Source> make_source(const ModbusOptions& options, const SourcePlace& place) {
  const auto line = std::make_shared<ModbusLine>(options.line);
  std::map<int, std::vector<ModbusField>> fields;
  std::map<int, PolledDevice> slaves;
  for (const auto& c : options.channels) {
    fields[c.slave].push_back(c.field);
    slaves[c.slave].channels.push_back(c.is);
  }
  std::vector<PolledDevice> devices;
  for (auto& [slave, device] : slaves) {
    device.name = "slave " + std::to_string(slave);
    device.probe =
        std::make_shared<ModbusProbe>(line, slave, fields[slave], options.one_request_per_field);
    // A request may be said twice, and wait for what a slave said late.
    const auto requests = static_cast<int>(device.channels.size());
    device.patience += (options.line.response_timeout * 3 + options.line.pause) * requests;
    devices.push_back(std::move(device));
  }
  return std::make_unique<Sampler>(options.name, options.timing, std::move(devices), place.clock);
}

}  // namespace lotmark::agent
