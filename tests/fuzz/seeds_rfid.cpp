// What RFID readers send, and what stands on tags: written down byte by byte from the standards.
#include "core/base/hex.h"
#include "tests/fuzz/seeds.h"
#include "tests/fuzz/target.h"

namespace lotmark::fuzz {

namespace {

// One byte that picks how the input is taken, then a message or several.
constexpr const char* kLlrp[] = {
    // a connection event, then a keepalive
    "ff043f000000200000000100f600160080000c0006479f721ae000010000060000043e0000000a00000007",
    // uptime in place of UTC, and an antenna that went
    "00043f000000270000000100f6001d0081000c00000000000f424000ff0007000002010000060000",
    // buffer level, overflow, an exception in words, the end
    "07043f000000310000000100f600270080000c0006479f721ae00000fa00056200fb000400fc000a0004626f"
    "6f6d01010004",
    // a report: EPC-96, antenna, RSSI, first and last seen, PC
    "03043d000000350000000100f0002b8d3066c4409047e140075bcd1581000186d0820006479f721ae0008400"
    "06479f721ae0018c3000",
    // 208 bits as EPCData with a vendor's parameter, then one with what changed
    "10043d0000004f0000000100f0003400f1002000d03666c4409047e159b2c2bf100000000000000000000000"
    "00000081000203ff000d0000651a0000002a0500f000118de2801160600002084cd1a1b2",
    // success
    "01041f0000001200000001011f000800000000",
    // a refusal in words
    "01041e0000001900000001011f000f0065000762616420696421",
    // capabilities: general and LLRP
    "01040b0000004600000001011f00080000000000890018000440000000651a001e886a0006352e31342e3000"
    "8e001c08010000000000010000002000000001000003e800000008",
    // a ROSpec that runs
    "0104240000001c00000001011f00080000000000b1000a123456790002",
    // a length below the header's
    "00043d0000000900000001",
    // a version nobody has
    "000c3d0000000a00000001",
};

// One byte of bits to leave out, then the memory: the examples of TDS 2.3 annex E.3 and assets.
constexpr const char* kEpc[] = {
    "003066C4409047E140075BCD15",
    "003666C4409047E159B2C2BF1000000000000000000000000000",
    "00F73795211411234538566CB0AFC4",
    "00FB342CDE795211411234538566CB0AFC4000",
    "00311BA1B300CE0A6A83000000",
    "00F90095201234567891235000",
    "003276451FD46072000000162E",
    "003976451FD46072CD9615F88000000000000000000000000000",
    "00F2395211411234548566CB0AFC40",
    "003316451FD40C0E40000002A6",
    "00370376B9B19D6420AF62000000000000000000000000",
    "00341BA1CC800000000000002A",
    "00381BA1CCBC2E50C5480000000000000000000000000000000000",
    "01E2801160600002084CD1A1B2",
};

constexpr const char* kConfig = R"([agent]
organisation = "acme"
device = "gw-1"
state_dir = "state"
chain = "f07e25659ab47773b7c7f25eabc1e8cf75b10675adfc701370b12e09ba714b0a"
[key]
file = "gw-1.pem"
[broker]
url = "tcp://127.0.0.1:1883"
[node]
enterprise = ["047d3c9e91665fac7f21d19184df2edd918edf300236b10329fcca4cfa0b2a8405608cc9df2bd5e14d1bb6a6190a9dd269fb21bcde08e2b9061be6cf2391356bb1"]
[[source]]
name = "dock"
type = "llrp"
host = "10.0.0.7"
antennas = [{antenna = 1, channel = "in"}, {antenna = 2, channel = "out"}]
session = 1
min_rssi_dbm = -70
form = "link"
)";

Bytes bytes_of(std::string hex) {
  std::erase(hex, ' ');
  const auto bytes = from_hex(hex);
  LM_ASSERT(bytes);
  return *bytes;
}

}  // namespace

std::vector<Seed> rfid_seeds() {
  std::vector<Seed> out;
  std::size_t count = 0;
  for (const auto* hex : kLlrp) out.push_back({"llrp", std::to_string(count++), bytes_of(hex)});
  for (const auto* hex : kEpc) out.push_back({"epc", std::to_string(count++), bytes_of(hex)});
  out.push_back({"agent_config", "rfid", to_bytes(as_bytes(kConfig))});
  return out;
}

}  // namespace lotmark::fuzz
