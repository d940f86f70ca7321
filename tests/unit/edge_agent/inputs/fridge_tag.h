// A refrigerator logger for tests: writes its files from what it measured, and signs them as the real one does.
#pragma once

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/crypto/p256.h"
#include "edge-agent/source/fridge_log/signature.h"
#include "tests/unit/edge_agent/fixture.h"

namespace lotmark::agent::test {

struct LoggedDay {
  std::string date;
  std::string min = "+4.1", min_at = "03:05";
  std::string max = "+6.9", max_at = "14:40";
  std::string average = "+5.2";
  int below = 0;
  int above = 0;
};

class FridgeTag {
 public:
  explicit FridgeTag(std::string serial = "160400000001") : serial_(std::move(serial)) {}

  std::string key_hex() const { return little_endian(signer_->public_key().view().subspan(1)); }

  // The newest day first, as the logger has them.
  std::string unsigned_file(const std::string& created, const std::vector<LoggedDay>& days) const {
    std::string out = fmt::format(
        "Device: Q-tag Fridge-tag 2\nVers: 0.5\nFw Vers: 4.0p1o\nSensor: 1\nConf:\n Serial: {}\n"
        " Lot: T_01\n Measurement delay: 10\n Temp unit: C\n Alarm:\n  0:\n   T AL: -0.5, t AL: "
        "60\n"
        "  1:\n   T AL: +8.0, t AL: 600\n Int Sensor:\n  Timeout: 1, Offset: +0.0\nHist:\n"
        " TS Actv: 2026-01-01 08:00\n TS Report Creation: {}\n",
        serial_, created);
    int number = 0;
    for (const auto& d : days) {
      out += fmt::format(
          " {}:\n  Date: {}\n  Min T: {}, TS Min T: {}\n  Max T: {}, TS Max T: {}\n  Avrg T: {}\n"
          "  Alarm:\n   0:\n    t Acc: {}\n   1:\n    t Acc: {}, TS A: 00:00, C A: 0\n"
          "  Int Sensor timeout:\n   t AccST: 0\n  Events: 0\n",
          ++number, d.date, d.min, d.min_at, d.max, d.max_at, d.average, d.below, d.above);
    }
    out += fmt::format("Cert:\n Vers: 1.0\n Lot: T_01\n Issuer: Test & Co. AG\n Public Key: {}\n",
                       key_hex());
    return out + "Sig Cert: " + std::string(128, 'a') + "\n";
  }
  std::string sign(const std::string& text) const {
    const auto signature = signer_->sign(fridge::signed_digest(text));
    return text + "Sig: " + little_endian(signature->view()) + "\n";
  }
  std::string file(const std::string& created, const std::vector<LoggedDay>& days) const {
    return sign(unsigned_file(created, days));
  }
  // As the logger's own stick has it.
  static std::string with_crlf(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return out;
  }

 private:
  static std::string little_endian(ByteView pair) {
    Bytes out(pair.begin(), pair.end());
    std::reverse(out.begin(), out.begin() + 32);
    std::reverse(out.begin() + 32, out.end());
    return to_hex(out);
  }
  std::string serial_;
  std::unique_ptr<Signer> signer_ = new_signer();
};

}  // namespace lotmark::agent::test
