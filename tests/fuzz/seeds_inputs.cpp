// Files of refrigerator loggers, messages of MQTT devices, and EPCIS documents.
#include <fstream>
#include <iterator>

#include "tests/fuzz/seeds.h"

namespace lotmark::fuzz {

namespace {

const std::string kHead =
    "Device: Q-tag Fridge-tag 2\nVers: 0.5\nSensor: 1\nConf:\n Serial: 160400000001\n Temp unit: "
    "C\n"
    " Alarm:\n  0:\n   T AL: -0.5, t AL: 60\n  1:\n   T AL: +8.0, t AL: 600\nHist:\n"
    " TS Actv: 2026-01-01 08:00\n TS Report Creation: 2026-03-03 10:30\n";
const std::string kAlarms = "  Alarm:\n   0:\n    t Acc: 0\n   1:\n    t Acc: 20, TS A: 00:00\n";

const std::string kEvent =
    R"({"@context":[{"farm":"urn:farm:"}],"type":"ObjectEvent","eventTime":"2026-02-03T07:15:00Z",)"
    R"("eventTimeZoneOffset":"+01:00","action":"ADD","epcList":["urn:epc:id:sgtin:4012345.011122.7"],)"
    R"("readPoint":{"id":"urn:farm:gate"},"bizStep":"packing","ilmd":{"farm:a":[1.50,null,"\u0061"]},)"
    R"("sensorElementList":[{"sensorReport":[{"type":"Temperature","value":7.5,"uom":"CEL"}]}]})";

std::string day(const std::string& number, const std::string& date, const std::string& rest) {
  return " " + number + ":\n  Date: " + date + "\n" + rest + kAlarms;
}
std::string tail() {
  const std::string point =
      // the base point of P-256, lowest bytes first
      "96c298d84539a1f4a033eb2d817d0377f240a463e5e6bcf847422ce1f2d1176b"
      "f551bf376840b6cbce5e316b5733ce2b169e0f7c4aebe78e9b7f1afee242e34f";
  return "Cert:\n Vers: 1.0\n Public Key: " + point + "\nSig Cert: " + std::string(128, 'a') +
         "\nSig: " + std::string(126, '0') + "01\n";
}

void add(std::vector<Seed>& seeds, const std::string& target, const std::string& text) {
  seeds.push_back({target, std::to_string(seeds.size()), to_bytes(as_bytes(text))});
}

}  // namespace

std::vector<Seed> input_seeds() {
  std::vector<Seed> out;
  const std::string some =
      "  Min T: +4.0, TS Min T: 06:00\n  Max T: +5.0, TS Max T: 09:10\n  Avrg T: +4.5\n";
  const std::string none =
      "  Min T: ---, TS Min T: ---\n  Max T: ---, TS Max T: ---\n  Avrg T: ---\n";
  add(out, "fridge_log", kHead + day("1", "2026-03-03", some) + tail());
  add(out, "fridge_log",
      kHead + day("1", "2026-03-03", some) + day("2", "2026-03-01", none) + tail());
  std::string crlf;
  for (const char c : kHead + day("1", "2026-03-02", some) + tail())
    crlf += c == '\n' ? std::string("\r\n") : std::string(1, c);
  add(out, "fridge_log", crlf);
  const auto message = [&](char pick, const std::string& payload) {
    add(out, "mqtt_payload", pick + payload);
  };
  message('\0', " -12.50\n");
  message('\1', R"({"temperature":21.55,"a/b":{"m~n":[0,"7.5"]},"battery":null})");
  message('\2', "/a~1b/m~0n/1");
  for (const char* name :
       {"cold_chain", "commissioning", "error", "extensions", "packing", "receiving", "results",
        "shipping", "stock", "transaction", "transformation"}) {
    std::ifstream in(LOTMARK_SOURCE_DIR "/tests/unit/epcis_xml/cases/" + std::string(name) +
                     ".xml");
    add(out, "epcis_xml", {std::istreambuf_iterator<char>(in), {}});
  }
  const std::string context =
      R"({"@context":"https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",)";
  add(out, "epcis_door", kEvent);
  add(out, "epcis_door",
      context +
          R"("type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-02-03T09:00:00Z",)"
          R"("epcisBody":{"eventList":[)" +
          kEvent + ",\n" + kEvent + "]}}");
  add(out, "epcis_door",
      context +
          R"("type":"EPCISQueryDocument","epcisBody":{"queryResults":{"queryName":"q",)"
          R"("resultsBody":{"eventList":[)" +
          kEvent + ", 7]}}}}");
  return out;
}

}  // namespace lotmark::fuzz
