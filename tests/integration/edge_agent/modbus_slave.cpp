// A Modbus slave for tests, by libmodbus: modbus_slave tcp PORT|rtu TERMINAL SLAVE [TABLE:ADDRESS=VALUE ...], tables h, i
// (registers), c and d (bits), 32 of each. It answers for that one slave and is silent for others. l:0=MS answers the first
// request so late.
#include <modbus.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

int late_ms = 0;
constexpr std::size_t kReadRequest = 8;  // slave, function, address, count, CRC

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

void reply(modbus_t* m, modbus_mapping_t* map, const std::uint8_t* query, int size) {
  usleep(static_cast<unsigned>(late_ms) * 1000);
  late_ms = 0;
  modbus_reply(m, query, size, map);
}

// Until the connection ends.
void serve_tcp(modbus_t* m, modbus_mapping_t* map, int slave) {
  std::uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  for (;;) {
    const int got = modbus_receive(m, query);
    if (got < 0) return;
    if (got > 0 && query[6] == slave) reply(m, map, query, got);
  }
}

// Requests of eight bytes, or what a silence cut off. libmodbus takes what follows another slave's unanswered request for
// its answer instead: a slave of it is deaf for a second after each.
void serve_line(modbus_t* m, modbus_mapping_t* map, int slave) {
  constexpr int kSilenceMs = 50;
  const int line = modbus_get_socket(m);
  tcflush(line, TCIOFLUSH);  // what was asked before it was there
  for (;;) {
    std::uint8_t frame[kReadRequest];
    std::size_t size = 0;
    pollfd ready{line, POLLIN, 0};
    while (size < sizeof frame && poll(&ready, 1, size == 0 ? -1 : kSilenceMs) > 0) {
      const auto got = read(line, frame + size, sizeof frame - size);
      if (got <= 0) return;
      size += static_cast<std::size_t>(got);
    }
    if (size == kReadRequest && frame[0] == slave) reply(m, map, frame, static_cast<int>(size));
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
    if (modbus_connect(m) != 0) return 1;
    serve_line(m, map, slave);
    return 1;
  }
  modbus_t* m = modbus_new_tcp("127.0.0.1", std::atoi(argv[2]));
  int listener = modbus_tcp_listen(m, 4);
  if (listener < 0) return 1;
  for (;;) {
    if (modbus_tcp_accept(m, &listener) < 0) return 1;
    serve_tcp(m, map, slave);
    modbus_close(m);
  }
}
