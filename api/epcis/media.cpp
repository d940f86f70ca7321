#include "api/epcis/media.h"

#include <cctype>

namespace lotmark::api::epcis {

Media media_of(const http::Request& r) {
  std::string type(r.header("content-type"));
  for (char& c : type) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto semicolon = type.find(';');
  std::string media = type.substr(0, semicolon);
  while (!media.empty() && media.back() == ' ') media.pop_back();
  if (const auto charset = type.find("charset"); charset != std::string::npos) {
    std::string value;
    for (const char c : std::string_view(type).substr(charset + 7)) {
      if (c != ' ' && c != '\t' && c != '"') value += c;
    }
    if (!value.starts_with("=utf-8")) return Media::kOther;
  }
  if (media == "application/json" || media == "application/ld+json") return Media::kJson;
  if (media == "application/xml" || media == "text/xml") return Media::kXml;
  return Media::kOther;
}

}  // namespace lotmark::api::epcis
