#include "core/gs1/epc.h"

#include <array>

#include "core/gs1/check.h"
#include "core/gs1/epc_bits.h"
#include "core/http/message.h"

namespace lotmark::gs1 {

namespace {

// Header values, TDS 14.2.
enum Header : std::uint8_t {
  kSgtin96 = 0x30,
  kSscc96 = 0x31,
  kSgln96 = 0x32,
  kGrai96 = 0x33,
  kGiai96 = 0x34,
  kSgtin198 = 0x36,
  kGrai170 = 0x37,
  kGiai202 = 0x38,
  kSgln195 = 0x39,
  kSglnPlus = 0xF2,
  kSgtinPlus = 0xF7,
  kSsccPlus = 0xF9,
  kDsgtinPlus = 0xFB,
};

constexpr std::string_view kHost = "https://id.gs1.org";
constexpr std::uint64_t kPartitions = 7;
// Bits and digits of the company prefix by partition, the same in all schemes (TDS 14.3.3).
constexpr std::array<std::uint8_t, kPartitions> kPrefixBits = {40, 37, 34, 30, 27, 24, 20};
constexpr std::array<std::uint8_t, kPartitions> kPrefixDigits = {12, 11, 10, 9, 8, 7, 6};
constexpr std::size_t kStringBits = 140;  // twenty characters of seven bits

std::string checked(std::string digits) {
  digits += mod10_digit(digits);
  return digits;
}

void need_check_digit(EpcBits& in, const std::string& digits) {
  if (in.ok() && !mod10_holds(digits)) in.refuse();
}

// The characters of set 82 that a URN does not take as they are (TDS 6.3, table of annex A).
std::string urn_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::string_view("\"%&/<>?").find(c) == std::string_view::npos) out += c;
    else out += http::percent_encode(std::string_view(&c, 1));
  }
  return out;
}

std::string link_of(std::string_view key, const std::string& value) {
  return std::string(kHost) + "/" + std::string(key) + "/" + http::percent_encode(value);
}

std::string qualifier(std::string_view key, const std::string& value) {
  return "/" + std::string(key) + "/" + http::percent_encode(value);
}

struct Partitioned {
  std::string prefix;
  std::string reference;  // what the company numbers itself; empty where it has no digit left
};

// `digits_in_all` of prefix and reference together, in `bits_in_all`; the filter, which is no part of the
// identity, stands before.
Partitioned partitioned(EpcBits& in, std::size_t bits_in_all, std::size_t digits_in_all) {
  in.number(3);
  const auto partition = in.number(3);
  if (partition >= kPartitions) {
    in.refuse();
    return {};
  }
  Partitioned p;
  p.prefix = in.digits(kPrefixBits[partition], kPrefixDigits[partition]);
  p.reference =
      in.digits(bits_in_all - kPrefixBits[partition], digits_in_all - kPrefixDigits[partition]);
  return p;
}

// TDS 14.6.1.1 and 14.6.1.2. The first digit of the reference is the GTIN's indicator, which stands in front.
EpcIdentity sgtin(EpcBits& in, bool with_text) {
  const auto p = partitioned(in, 44, 13);
  const std::string serial = with_text ? in.string(kStringBits) : std::to_string(in.number(38));
  if (!in.ok()) return {};
  const std::string gtin = checked(p.reference.substr(0, 1) + p.prefix + p.reference.substr(1));
  return {"urn:epc:id:sgtin:" + p.prefix + "." + p.reference + "." + urn_escaped(serial),
          link_of("01", gtin) + qualifier("21", serial)};
}

// TDS 14.6.2.1. The extension digit leads the reference.
EpcIdentity sscc(EpcBits& in) {
  const auto p = partitioned(in, 58, 17);
  if (in.number(24) != 0) in.refuse();
  if (!in.ok()) return {};
  return {"urn:epc:id:sscc:" + p.prefix + "." + p.reference,
          link_of("00", checked(p.reference.substr(0, 1) + p.prefix + p.reference.substr(1)))};
}

std::string location(const std::string& gln, const std::string& extension) {
  return link_of("414", gln) + (extension == "0" ? "" : qualifier("254", extension));
}

// TDS 14.6.3.1 and 14.6.3.2. The extension 0 is none.
EpcIdentity sgln(EpcBits& in, bool with_text) {
  const auto p = partitioned(in, 41, 12);
  const std::string extension = with_text ? in.string(kStringBits) : std::to_string(in.number(41));
  if (!in.ok()) return {};
  return {"urn:epc:id:sgln:" + p.prefix + "." + p.reference + "." + urn_escaped(extension),
          location(checked(p.prefix + p.reference), extension)};
}

// TDS 14.6.4.1 and 14.6.4.2. AI 8003 has a zero in front.
EpcIdentity grai(EpcBits& in, bool with_text) {
  const auto p = partitioned(in, 44, 12);
  const std::string serial = with_text ? in.string(112) : std::to_string(in.number(38));
  if (!in.ok()) return {};
  return {"urn:epc:id:grai:" + p.prefix + "." + p.reference + "." + urn_escaped(serial),
          link_of("8003", "0" + checked(p.prefix + p.reference) + serial)};
}

// TDS 14.6.5.1 and 14.6.5.2: prefix, then an asset reference of no fixed length.
EpcIdentity giai(EpcBits& in, bool with_text) {
  in.number(3);
  const auto partition = in.number(3);
  if (partition >= kPartitions) {
    in.refuse();
    return {};
  }
  const std::string prefix = in.digits(kPrefixBits[partition], kPrefixDigits[partition]);
  const std::size_t bits = (with_text ? 188u : 82u) - kPrefixBits[partition];
  const std::string asset = with_text ? in.string(bits) : std::to_string(in.number(bits));
  if (prefix.size() + asset.size() > 30) in.refuse();
  if (!in.ok()) return {};
  return {"urn:epc:id:giai:" + prefix + "." + urn_escaped(asset), link_of("8004", prefix + asset)};
}

// Dates of a DSGTIN+: the application identifier of each type (TDS 14.6.1.4).
constexpr std::array<std::string_view, 7> kDateKeys = {"11", "13",   "15",  "16",
                                                       "17", "7006", "7007"};

std::string two(std::uint64_t v) {
  return std::string(1, static_cast<char>('0' + v / 10)) + static_cast<char>('0' + v % 10);
}

// Year 7 bits, month 4, day 5; day 0 is a month without a day (TDS 14.5.8).
std::string date(EpcBits& in) {
  const auto year = in.number(7);
  const auto month = in.number(4);
  const auto day = in.number(5);
  if (year > 99 || month < 1 || month > 12 || day > 31) in.refuse();
  return in.ok() ? two(year) + two(month) + two(day) : std::string();
}

// TDS 14.6.1.3.
EpcIdentity sgtin_plus(EpcBits& in) {
  const std::string gtin = in.nibbles(14);
  need_check_digit(in, gtin);
  const std::string serial = in.variable();
  return {{}, link_of("01", gtin) + qualifier("21", serial)};
}

EpcIdentity dsgtin_plus(EpcBits& in) {
  const auto kind = in.number(4);
  if (kind >= kDateKeys.size()) in.refuse();
  const std::string when = date(in);
  EpcIdentity id = sgtin_plus(in);
  if (in.ok()) id.link += "?" + std::string(kDateKeys[kind]) + "=" + when;
  return id;
}

EpcIdentity sscc_plus(EpcBits& in) {
  const std::string sscc = in.nibbles(18);
  need_check_digit(in, sscc);
  return {{}, link_of("00", sscc)};
}

EpcIdentity sgln_plus(EpcBits& in) {
  const std::string gln = in.nibbles(13);
  need_check_digit(in, gln);
  const std::string extension = in.variable();
  return {{}, location(gln, extension)};
}

std::optional<EpcIdentity> plus(EpcBits& in, std::uint64_t header) {
  const bool more_follows = in.number(1) != 0;
  in.number(3);  // filter
  EpcIdentity id;
  switch (header) {
    case kSgtinPlus: id = sgtin_plus(in); break;
    case kDsgtinPlus: id = dsgtin_plus(in); break;
    case kSsccPlus: id = sscc_plus(in); break;
    case kSglnPlus: id = sgln_plus(in); break;
    default: return std::nullopt;
  }
  if (!more_follows) in.only_zeros();
  return in.ok() ? std::optional(std::move(id)) : std::nullopt;
}

}  // namespace

std::optional<EpcIdentity> read_epc(const EpcMemory& memory) {
  EpcBits in(memory);
  EpcIdentity id;
  const auto header = in.number(8);
  switch (header) {
    case kSgtin96: id = sgtin(in, false); break;
    case kSgtin198: id = sgtin(in, true); break;
    case kSscc96: id = sscc(in); break;
    case kSgln96: id = sgln(in, false); break;
    case kSgln195: id = sgln(in, true); break;
    case kGrai96: id = grai(in, false); break;
    case kGrai170: id = grai(in, true); break;
    case kGiai96: id = giai(in, false); break;
    case kGiai202: id = giai(in, true); break;
    default: return plus(in, header);
  }
  in.only_zeros();
  return in.ok() ? std::optional(std::move(id)) : std::nullopt;
}

std::string raw_epc(const EpcMemory& memory, std::optional<std::uint8_t> afi) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text = "urn:epc:raw:" + std::to_string(memory.bits) + ".x";
  if (afi) text = text + kHex[*afi >> 4] + kHex[*afi & 15] + ".x";
  EpcBits in(memory);
  if (const std::size_t odd = memory.bits % 4; odd != 0) text += kHex[in.number(odd)];
  while (in.left() > 0) text += kHex[in.number(4)];
  return text;
}

std::string epc_text(const EpcMemory& memory, EpcForm form) {
  auto id = read_epc(memory);
  if (!id) return raw_epc(memory);
  const bool urn = form == EpcForm::kUrn && !id->urn.empty();
  return std::move(urn ? id->urn : id->link);
}

}  // namespace lotmark::gs1
