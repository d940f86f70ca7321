#include "core/epcis/xml/decode.h"

#include <algorithm>

#include "core/base/utf8.h"

namespace lotmark::epcis::xml {

namespace {

constexpr std::string_view kMarkUtf8 = "\xEF\xBB\xBF";
constexpr std::string_view kMarkHighFirst = "\xFE\xFF";
constexpr std::string_view kMarkLowFirst = "\xFF\xFE";

void put_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

// `in` behind its mark.
Result<std::string> from_utf16(std::string_view in, bool high_first) {
  const Error broken = fail(Errc::kUsage, "XML: the text is no well-formed UTF-16");
  if (in.size() % 2 != 0) return broken;
  const auto unit = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(in[i]);
    const auto second = static_cast<unsigned char>(in[i + 1]);
    return static_cast<std::uint32_t>(high_first ? first << 8 | second : second << 8 | first);
  };
  std::string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size(); i += 2) {
    std::uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      if (c >= 0xDC00 || i + 2 == in.size()) return broken;
      const std::uint32_t low = unit(i += 2);
      if (low < 0xDC00 || low >= 0xE000) return broken;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    put_utf8(out, c);
  }
  return out;
}

// The encoding that an XML declaration at the start names; empty if none does.
std::string declared(std::string_view text) {
  if (!text.starts_with("<?xml")) return {};
  std::string_view head = text.substr(0, std::min(text.find("?>"), std::size_t{256}));
  const auto at = head.find("encoding");
  if (at == std::string_view::npos) return {};
  const auto open = head.find_first_of("\"'", at);
  if (open == std::string_view::npos) return {};
  const auto close = head.find(head[open], open + 1);
  if (close == std::string_view::npos) return {};
  std::string name(head.substr(open + 1, close - open - 1));
  for (char& c : name) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return name;
}

Status check_characters(std::string_view text) {
  const bool control = std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
  });
  if (control || text.find("\xEF\xBF\xBE") != std::string_view::npos ||
      text.find("\xEF\xBF\xBF") != std::string_view::npos) {
    return fail(Errc::kUsage, "XML: the text has a control character, which XML does not allow");
  }
  return {};
}

}  // namespace

Result<std::string> decode_xml(std::string_view bytes) {
  const bool high_first = bytes.starts_with(kMarkHighFirst);
  const bool wide = high_first || bytes.starts_with(kMarkLowFirst);
  std::string text;
  if (wide) {
    LM_ASSIGN(text, from_utf16(bytes.substr(2), high_first));
  } else {
    text = bytes.substr(bytes.starts_with(kMarkUtf8) ? kMarkUtf8.size() : 0);
  }
  // The charset first: what was written in another is likely no UTF-8 either.
  const std::string name = declared(text);
  const bool as_declared = name.empty() || name == (wide ? "UTF-16" : "UTF-8") ||
                           (wide && name == (high_first ? "UTF-16BE" : "UTF-16LE"));
  if (!as_declared) {
    const bool printable = std::ranges::all_of(name, [](char c) { return c > ' ' && c < '\x7F'; });
    return fail(Errc::kUsage, "XML: the charset " + (printable ? name.substr(0, 40) : "declared") +
                                  " is not read here: UTF-8 is, and UTF-16 with a byte order mark");
  }
  if (!is_utf8(text)) return fail(Errc::kUsage, "XML: the text is not well-formed UTF-8");
  LM_TRY(check_characters(text));
  return text;
}

}  // namespace lotmark::epcis::xml
