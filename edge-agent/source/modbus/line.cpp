#include "edge-agent/source/modbus/line.h"

#include <modbus.h>

#include <algorithm>
#include <cerrno>

#include "edge-agent/source/address.h"

namespace lotmark::agent {

namespace {

constexpr std::chrono::seconds kNameLimit{5};

// 3.5 characters of 11 bits, rounded up.
Millis silence_of(const ModbusLineOptions& o) {
  return o.serial.empty() ? Millis(0) : Millis(1 + 38500 / std::max(o.baud, 1));
}

char parity_of(const std::string& word) { return word == "none" ? 'N' : word == "odd" ? 'O' : 'E'; }

// The slave lives and says that it has no such thing.
bool is_refusal(int error) {
  return error == EMBXILFUN || error == EMBXILADD || error == EMBXILVAL;
}
// Any other answer by an exception, from it or from a gateway before it: the line is sound.
bool is_exception(int error) { return error > MODBUS_ENOBASE && error <= EMBXGTAR; }

}  // namespace

struct ModbusLine::Context {
  explicit Context(modbus_t* m) : modbus(m) {}
  ~Context() {
    modbus_close(modbus);
    modbus_free(modbus);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  modbus_t* modbus;
};

ModbusLine::ModbusLine(ModbusLineOptions options)
    : options_(std::move(options)), pause_(std::max(options_.pause, silence_of(options_))) {}
ModbusLine::~ModbusLine() = default;
void ModbusLine::close() { context_.reset(); }

std::string ModbusLine::name() const {
  return rtu() ? options_.serial : options_.address + ":" + std::to_string(options_.port);
}

Status ModbusLine::open(const StopEvent& stop) {
  if (context_) return {};
  const auto& o = options_;
  if (rtu())
    return connect(modbus_new_rtu(o.serial.c_str(), o.baud, parity_of(o.parity), 8, o.stop_bits));
  LM_ASSIGN(const auto addresses, find_addresses(o.address, o.port, kNameLimit, stop));
  Status status;
  for (const auto& address : addresses) {  // numeric: libmodbus asks no name server
    status = connect(modbus_new_tcp_pi(address.text().c_str(), std::to_string(o.port).c_str()));
    if (status) break;
  }
  return status;
}

Status ModbusLine::connect(modbus_t* m) {
  if (m == nullptr) return fail(Errc::kIo, name() + ": " + modbus_strerror(errno));
  auto context = std::make_unique<Context>(m);
  const auto ms = options_.response_timeout.count();
  modbus_set_response_timeout(m, static_cast<std::uint32_t>(ms / 1000),
                              static_cast<std::uint32_t>(ms % 1000 * 1000));
  modbus_set_byte_timeout(m, 0,
                          0);  // else a slave that dribbles bytes would be waited for without end
  if (modbus_connect(m) != 0) return fail(Errc::kIo, name() + ": " + modbus_strerror(errno));
  context_ = std::move(context);
  return {};
}

// An answer of RTU does not say which request it is of. Nothing goes to a slave that let one time out until what it may
// say late has been said, and is thrown away.
Status ModbusLine::wait_for(int slave, const StopEvent& stop) {
  auto from = free_at_;
  if (const auto late = late_until_.find(slave); late != late_until_.end()) {
    from = std::max(from, late->second);
    late_until_.erase(late);
  }
  const auto wait = std::chrono::ceil<Millis>(from - std::chrono::steady_clock::now());
  if (wait.count() > 0 && !stop.pause_ms(static_cast<int>(wait.count()))) {
    return fail(Errc::kUnavailable, "stopped");
  }
  return {};
}

Result<ModbusAnswer> ModbusLine::read(int slave, const ModbusRequest& request,
                                      const PollContext& context) {
  LM_TRY(open(context.stop));
  LM_TRY(wait_for(slave, context.stop));
  auto answer = ask(slave, request);
  free_at_ = std::chrono::steady_clock::now() + pause_;
  return answer;
}

Result<ModbusAnswer> ModbusLine::ask(int slave, const ModbusRequest& request) {
  modbus_t* m = context_->modbus;
  if (modbus_set_slave(m, slave) != 0) return failed(slave, errno);
  const auto count = static_cast<std::size_t>(request.count);
  ModbusAnswer out(count);
  std::vector<std::uint8_t> bits(is_bit(request.table) ? count : 0);
  const auto once = [&] {
    if (rtu()) modbus_flush(m);
    switch (request.table) {
      case ModbusTable::kHolding:
        return modbus_read_registers(m, request.address, request.count, out.data());
      case ModbusTable::kInput:
        return modbus_read_input_registers(m, request.address, request.count, out.data());
      case ModbusTable::kCoil:
        return modbus_read_bits(m, request.address, request.count, bits.data());
      default: return modbus_read_input_bits(m, request.address, request.count, bits.data());
    }
  };
  // Where another slave was silent the time before, its late answer may come before this one's, and a slave that waited
  // for that answer may have taken this request for it: it is said again.
  const bool after_silence = rtu() && unanswered_ >= 0 && unanswered_ != slave;
  int got = once();
  if (got < 0 && (errno == EMBBADSLAVE || (errno == ETIMEDOUT && after_silence))) got = once();
  if (got < 0) return failed(slave, errno);
  unanswered_ = -1;
  if (got != request.count) return failed(slave, EMBBADDATA);
  std::ranges::copy(bits, out.begin());
  return out;
}

Error ModbusLine::failed(int slave, int error) {
  const std::string text =
      name() + " slave " + std::to_string(slave) + ": " + modbus_strerror(error);
  if (is_refusal(error)) return fail(Errc::kNotFound, text);
  if (is_exception(error)) return fail(Errc::kUnavailable, text);
  if (rtu() && (error == ETIMEDOUT || error == EMBBADCRC || error == EMBBADDATA)) {
    unanswered_ = slave;
    late_until_[slave] = std::chrono::steady_clock::now() + options_.response_timeout;
  } else {
    close();  // over TCP what comes late goes to a connection that is gone
  }
  return fail(Errc::kIo, text);
}

}  // namespace lotmark::agent
