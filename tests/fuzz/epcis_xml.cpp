// EPCIS documents in XML, any bytes. What is read can be written as JSON, names only what its own context explains, and
// is the same from UTF-16. What is refused is so as usage or too-large, in a sentence that is UTF-8; an event at fault
// has null in its place.
#include "core/base/utf8.h"
#include "core/epcis/xml/read.h"
#include "tests/fuzz/target.h"

namespace lotmark::epcis {
namespace {

void check_names(const Context& context, const Json& value) {
  if (value.is_array()) {
    for (const auto& item : value) check_names(context, item);
  }
  if (!value.is_object()) return;
  for (const auto& [name, inner] : value.items()) {
    LM_ASSERT(name.find(':') == std::string::npos || context.expand(name));
    LM_ASSERT(!name.empty() && name.find_first_of(" \"<>\\^`{|}") == std::string::npos);
    if (name != "@context") check_names(context, inner);
  }
}

void check_faults(const XmlDocument& read) {
  static const Json::json_pointer kLists[] = {
      Json::json_pointer("/epcisBody/eventList"),
      Json::json_pointer("/epcisBody/queryResults/resultsBody/eventList")};
  const Json* list = nullptr;
  for (const auto& pointer : kLists) {
    if (read.json.contains(pointer)) list = &read.json.at(pointer);
  }
  LM_ASSERT(list || read.faults.empty());
  for (const auto& fault : read.faults) {
    LM_ASSERT(list->at(fault.place).is_null() && !fault.detail.empty());
    LM_ASSERT(is_utf8(fault.detail) && is_utf8(fault.path) && fault.detail.size() < 1000);
    LM_ASSERT(fault.path.empty() || fault.path.starts_with('/'));
  }
}

// Of well-formed UTF-8: the units, the low byte first, behind a mark.
std::string to_utf16(std::string_view text) {
  std::string out = "\xFF\xFE";
  const auto put = [&](std::uint32_t unit) {
    out += static_cast<char>(unit & 0xFF);
    out += static_cast<char>(unit >> 8);
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i++]);
    std::uint32_t c = first;
    const int tail = first < 0xC0 ? 0 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (tail > 0) c = first & (0x3Fu >> tail);
    for (int k = 0; k < tail; ++k) c = c << 6 | (static_cast<unsigned char>(text[i++]) & 0x3Fu);
    if (c < 0x10000) {
      put(c);
    } else {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
  }
  return out;
}

void fuzz_epcis_xml(ByteView in) {
  XmlLimits limits;
  limits.bytes = std::size_t{1} << 20;
  limits.nodes = 10'000;
  limits.events = 50;
  limits.depth = 24;
  const auto read = read_xml(as_text(in), limits);
  if (!read) {
    LM_ASSERT(read.code() == Errc::kUsage || read.code() == Errc::kTooLarge);
    LM_ASSERT(is_utf8(read.error().text) && read.error().text.size() < 1000);
    return;
  }
  const Json& json = read->json;
  LM_ASSERT(Json::parse(json.dump()) == json);
  const auto context = Context::read(json.at("@context"));
  LM_ASSERT(context);
  check_names(*context, json);
  LM_ASSERT(json.at("schemaVersion") == "2.0" && json.at("epcisBody").is_object());
  check_faults(*read);
  std::string_view text = as_text(in);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_utf8(text) || text.substr(0, 256).find("encoding") != std::string_view::npos) return;
  const auto wide = read_xml(to_utf16(text), limits);
  LM_ASSERT((wide && wide->json == json) || 2 * text.size() + 2 > limits.bytes);
}

}  // namespace
LM_FUZZ_TARGET(epcis_xml, fuzz_epcis_xml);
}  // namespace lotmark::epcis
