// A Modbus slave for tests, by libmodbus: modbus_slave tcp PORT|rtu TERMINAL SLAVE [TABLE:ADDRESS=VALUE ...], tables h, i
// (registers), c and d (bits), 32 of each. It answers for that one slave and is silent for others. l:0=MS answers the first
// request so late.
#include <modbus.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int late_ms = 0;

bool set(modbus_mapping_t* map, const char* text) {
  char table = 0;
  int address = 0;
  int value = 0;
  if (std::sscanf(text, "%c:%d=%d", &table, &address, &value) != 3 || address < 0 || address > 31)
    return false;
  switch (table) {
    case 'h': map->tab_registers[address] = static_cast<std::uint16_t>(value); break;
    case 'i': map->tab_input_registers[address] = static_cast<std::uint16_t>(value); break;
    case 'c': map->tab_bits[address] = value != 0; break;
    case 'l': late_ms = value; break;
    case 'd': map->tab_input_bits[address] = value != 0; break;
    default: return false;
  }
  return true;
}

// Until the connection ends.
void serve(modbus_t* m, modbus_mapping_t* map, int slave, bool tcp) {
  std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    const int got = modbus_receive(m, query);
    if (got < 0 && tcp) return;
    const bool ours = !tcp || query[6] == slave;
    if (got <= 0 || !ours) continue;
    usleep(static_cast<unsigned>(late_ms) * 1000);
    late_ms = 0;
    modbus_reply(m, query, got, map);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  modbus_mapping_t* map = modbus_mapping_new(32, 32, 32, 32);
  for (int i = 4; i < argc; ++i) {
    if (!set(map, argv[i])) return 2;
  }
  const int slave = std::atoi(argv[3]);
  if (std::strcmp(argv[1], "rtu") == 0) {
    modbus_t* m = modbus_new_rtu(argv[2], 9600, 'N', 8, 1);
    modbus_set_slave(m, slave);
    // It takes a request that follows one another slave left unanswered for that one's answer; then it must find its
    // place again.
    modbus_set_error_recovery(m, MODBUS_ERROR_RECOVERY_PROTOCOL);
    if (modbus_connect(m) != 0) return 1;
    serve(m, map, slave, false);
  }
  modbus_t* m = modbus_new_tcp("127.0.0.1", std::atoi(argv[2]));
  int listener = modbus_tcp_listen(m, 4);
  if (listener < 0) return 1;
  for (;;) {
    if (modbus_tcp_accept(m, &listener) < 0) return 1;
    serve(m, map, slave, true);
    modbus_close(m);
  }
}
