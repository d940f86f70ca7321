#include "ledger-node/chain/private/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::chain {

Bytes encode_told(std::uint64_t at, ByteView birth) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(2);
    w.uint(at);
    w.bytes(birth);
  });
}

Result<ToldBirth> read_told(ByteView content, const Digest& chain) {
  LM_ASSIGN(auto doc, CborDoc::parse(content));
  const CborValue root = doc.root();
  if (root.type() != CborType::kArray || root.count() != 2) return Errc::kFieldType;
  const CborValue at = root.first();
  const CborValue object = at.next();
  if (at.type() != CborType::kInt || object.type() != CborType::kBytes) return Errc::kFieldType;
  if (at.integer() < 0) return Errc::kFieldRange;
  LM_ASSIGN(auto birth, open<Birth>(object.bytes(), chain));
  return ToldBirth{static_cast<std::uint64_t>(at.integer()), std::move(birth)};
}

bool same(const Calibration& a, const Calibration& b) {
  return std::tie(a.certificate, a.date, a.offset, a.accuracy, a.exp.value) ==
         std::tie(b.certificate, b.date, b.offset, b.accuracy, b.exp.value);
}

const Calibration* calibration_in(const Birth& birth, std::string_view channel) {
  for (const auto& s : birth.sources) {
    if (s.channel == channel && s.calibration) return &*s.calibration;
  }
  return nullptr;
}

const Calibration* calibration_in(const std::vector<EnrolledChannel>& enrolled,
                                  std::string_view channel) {
  for (const auto& c : enrolled) {
    if (c.name == channel && c.calibration) return &*c.calibration;
  }
  return nullptr;
}

std::optional<std::size_t> in_force(std::span<const ToldBirth> births, const LifeId& life,
                                    std::uint64_t boot, std::uint64_t t) {
  std::optional<std::size_t> of_boot;
  std::optional<std::size_t> before;
  for (std::size_t i = 0; i < births.size(); ++i) {
    const Birth& b = births[i].birth.body;
    if (births[i].at <= t) before = i;
    if (b.life == life && b.boot == boot && (!of_boot || births[i].at <= t)) of_boot = i;
  }
  return of_boot ? of_boot : before;
}

std::string plain_text(std::string_view text) {
  std::string out(text);
  for (char& x : out) {
    if (static_cast<unsigned char>(x) < 0x20 || x == 0x7f) x = '?';
  }
  return out;
}

std::string shown_day(std::uint64_t yyyymmdd) {
  return fmt::format("{:04}-{:02}-{:02}", yyyymmdd / 10000, yyyymmdd / 100 % 100, yyyymmdd % 100);
}

std::string shown(const Calibration& c, std::string_view unit) {
  const std::string u = plain_text(unit);
  return fmt::format("certificate {} of {}, offset {}{}, accuracy {}{}", plain_text(c.certificate),
                     shown_day(c.date), to_decimal(c.offset, c.exp.value), u,
                     to_decimal(static_cast<std::int64_t>(c.accuracy), c.exp.value), u);
}

std::string calibration_line(const SensorName& sensor, std::span<const ToldBirth> births,
                             const std::vector<EnrolledChannel>& enrolled, bool& named) {
  std::vector<const Calibration*> list;
  const auto add = [&](const Calibration* c) {
    const auto is_c = [&](const Calibration* x) { return same(*x, *c); };
    if (c != nullptr && std::none_of(list.begin(), list.end(), is_c)) list.push_back(c);
  };
  for (const auto& b : births) add(calibration_in(b.birth.body, sensor.channel));
  const bool by_births = !list.empty();
  if (!by_births) add(calibration_in(enrolled, sensor.channel));
  named = named || !list.empty();
  std::string out = sensor.device + " " + sensor.channel + ": ";
  if (list.empty()) return out + "no calibration named";
  for (std::size_t i = 0; i < list.size(); ++i)
    out += (i == 0 ? "" : "; then ") + shown(*list[i], sensor.unit);
  return by_births ? out : out + ", as enrolled";
}

}  // namespace lotmark::chain
