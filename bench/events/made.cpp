#include "bench/events/made.h"

#include <fmt/format.h>

#include "core/base/clock.h"

namespace lotmark::bench {

namespace {

constexpr const char* kSteps[] = {"commissioning", "packing", "shipping", "receiving"};
constexpr const char* kPlaces[] = {"0", "1", "2", "3"};
constexpr std::int64_t kBegin = 1'735'689'600'000;  // 2025-01-01
constexpr std::uint64_t kOfAPack = 4;               // events
constexpr std::uint64_t kOfALot = 100;              // packs

// The same for an event each time; no two alike.
std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ n >> 31) * 0x9e3779b97f4a7c15;
  return n ^ n >> 29;
}

std::string event(std::uint64_t n) {
  const std::uint64_t step = n % kOfAPack;
  const std::uint64_t id = mixed(n);
  return fmt::format(
      R"({{"type":"ObjectEvent","eventID":"urn:uuid:{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}","eventTime":"{}",)"
      R"("eventTimeZoneOffset":"+08:00","action":"{}","bizStep":"{}","disposition":"{}","epcList":["{}"],)"
      R"("quantityList":[{{"epcClass":"{}","quantity":1}}],"readPoint":{{"id":"urn:epc:id:sgln:6901234.0000{}.0"}},)"
      R"("bizLocation":{{"id":"urn:epc:id:sgln:6901234.0000{}.{}"}},"bizTransactionList":[{{"type":"desadv",)"
      R"("bizTransaction":"urn:epcglobal:cbv:bt:6901234000016:{}"}}],"sensorElementList":[{{"sensorReport":[{{"type":"Temperature",)"
      R"("minValue":2.{},"maxValue":7.{},"meanValue":4.8,"uom":"CEL"}}]}}],"yh:van":"V{}"}})",
      id & 0xffffffff, n & 0xffff, id >> 32 & 0xfff, id >> 44 & 0xfff, n, time_of(n),
      step == 0 ? "ADD" : "OBSERVE", kSteps[step], step == 2 ? "in_transit" : "in_progress",
      epc_of(n), lot_of(n), kPlaces[step], kPlaces[step], n % 50, n / kOfAPack / 20, n % 10,
      (n + 3) % 10, n % 17);
}

}  // namespace

std::string epc_of(std::uint64_t n) {
  return fmt::format("urn:epc:id:sgtin:6901234.056789.{}", 1000 + n / kOfAPack);
}

std::string lot_of(std::uint64_t n) {
  return fmt::format("https://id.gs1.org/01/06901234567892/10/L{}", n / kOfAPack / kOfALot);
}

std::string time_of(std::uint64_t n) {
  const auto step = static_cast<std::int64_t>(n % kOfAPack);
  const auto pack = static_cast<std::int64_t>(n / kOfAPack);
  return to_iso(from_ms(kBegin + pack * 20'000 + step * 3'600'000));
}

std::string document(std::uint64_t n, int events) {
  std::string out =
      R"({"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"yh":"https://yunhe.example/epcis/"}],)"
      R"("type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z","epcisBody":{"eventList":[)";
  const auto count = static_cast<std::uint64_t>(events);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i != 0) out += ',';
    out += event(n * count + i);
  }
  return out + "]}}";
}

}  // namespace lotmark::bench
