// The EPC memory of a tag, any bits. An identity by a classic scheme has in it all that was on the tag but the
// filter: from its pure identity URI and the tag's header the same bits are made again. Links of items are read by
// our own reader of links, and the raw form holds every bit. The first byte says how many bits of the last count.
#include "core/gs1/epc.h"

#include <charconv>

#include "core/base/hex.h"
#include "core/gs1/digital_link.h"
#include "core/http/message.h"
#include "core/wire/limits.h"
#include "tests/fuzz/target.h"

namespace lotmark::gs1 {
namespace {

class BitWriter {
 public:
  void number(std::uint64_t v, std::size_t bits) {
    for (std::size_t i = bits; i-- > 0;) bits_.push_back((v >> i & 1) != 0);
  }
  void decimal(std::string_view text, std::size_t bits) {
    std::uint64_t v = 0;
    if (!text.empty()) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), v);
      LM_ASSERT(error == std::errc{} && end == text.data() + text.size());
    }
    number(v, bits);
  }
  void text(std::string_view escaped, std::size_t bits) {
    const auto plain = http::percent_decode(escaped);
    LM_ASSERT(plain && plain->size() * 7 <= bits);
    for (const char c : *plain) number(static_cast<std::uint64_t>(c), 7);
    number(0, 0);
    bits_.insert(bits_.end(), bits - plain->size() * 7, false);
  }
  // Equal to the tag, where that is longer all zeros.
  bool is(const EpcMemory& tag) const {
    if (tag.bits < bits_.size()) return false;
    for (std::size_t i = 0; i < tag.bits; ++i) {
      const bool bit = (tag.bytes[i / 8] >> (7 - i % 8) & 1) != 0;
      if (bit != (i < bits_.size() && bits_[i])) return false;
    }
    return true;
  }

 private:
  std::vector<bool> bits_;
};

struct Scheme {
  std::uint8_t header;
  std::uint8_t both_bits;  // prefix and reference
  std::uint8_t last_bits;  // serial or extension
  bool text;
};
constexpr Scheme kSchemes[] = {{0x30, 44, 38, false}, {0x36, 44, 140, true}, {0x31, 58, 24, false},
                               {0x32, 41, 41, false}, {0x39, 41, 140, true}, {0x33, 44, 38, false},
                               {0x37, 44, 112, true}, {0x34, 82, 0, false},  {0x38, 188, 0, true}};
constexpr std::size_t kPrefixBits[] = {40, 37, 34, 30, 27, 24, 20};

std::vector<std::string_view> parts_of(std::string_view urn) {
  urn.remove_prefix(
      urn.rfind(':') == std::string_view::npos ? 0 : std::string_view("urn:epc:id:").size());
  urn.remove_prefix(urn.find(':') + 1);
  std::vector<std::string_view> parts;
  for (int i = 0; i < 2; ++i) {  // a serial may have dots of its own
    const auto dot = urn.find('.');
    if (dot == std::string_view::npos) break;
    parts.push_back(urn.substr(0, dot));
    urn.remove_prefix(dot + 1);
  }
  parts.push_back(urn);
  return parts;
}

void check_bits(const EpcMemory& tag, const std::string& urn) {
  const auto scheme = std::ranges::find(kSchemes, tag.bytes[0], &Scheme::header);
  LM_ASSERT(scheme != std::end(kSchemes));
  const bool two = scheme->header == 0x31 || scheme->last_bits == 0;
  auto parts = parts_of(urn);
  if (two && parts.size() == 3) {  // an asset reference with a dot
    parts[1] = std::string_view(parts[1].data(), parts[1].size() + 1 + parts[2].size());
    parts.pop_back();
  }
  LM_ASSERT(parts.size() == (two ? 2u : 3u));
  const std::size_t partition = 12 - parts[0].size();
  const std::size_t reference_bits = scheme->both_bits - kPrefixBits[partition];
  BitWriter out;
  out.number(scheme->header, 8);
  out.number(tag.bytes[1] >> 5, 3);
  out.number(partition, 3);
  out.decimal(parts[0], kPrefixBits[partition]);
  if (scheme->last_bits == 0 && scheme->text) out.text(parts[1], reference_bits);
  else out.decimal(parts[1], reference_bits);
  if (scheme->header == 0x31) out.number(0, 24);
  else if (!two && scheme->text) out.text(parts[2], scheme->last_bits);
  else if (!two) out.decimal(parts[2], scheme->last_bits);
  LM_ASSERT(out.is(tag));
}

void fuzz_epc(ByteView in) {
  const std::size_t less = fuzz::take_byte(in) % 8;
  in = in.first(std::min(in.size(), kEpcBitsMax / 8));
  if (in.empty()) return;
  const EpcMemory tag{in, in.size() * 8 - less};
  const std::string raw = raw_epc(tag, less == 0 ? std::nullopt : std::optional(in[0]));
  LM_ASSERT(raw.size() <= limits::kText);
  if (less == 0) {
    const auto hex = from_hex(raw.substr(raw.find(".x") + 2));
    LM_ASSERT(hex && std::ranges::equal(*hex, in));
  }
  for (const auto form : {EpcForm::kUrn, EpcForm::kLink}) {
    const std::string text = epc_text(tag, form);
    LM_ASSERT(!text.empty() && text.size() <= limits::kText);
  }
  const auto id = read_epc(tag);
  if (!id) return;
  if (id->link.starts_with("https://id.gs1.org/01/")) {
    const auto link = parse_uri(id->link);
    LM_ASSERT(link && link->serial);
    LM_ASSERT(id->link.starts_with("https://id.gs1.org" + path_of(*link)));
  }
  LM_ASSERT(id->urn.empty() == (in[0] >= 0xF0));
  if (!id->urn.empty()) check_bits(tag, id->urn);
}

}  // namespace
LM_FUZZ_TARGET(epc, fuzz_epc);
}  // namespace lotmark::gs1
