#include "api/epcis/gs1_headers.h"

#include <algorithm>
#include <vector>

namespace lotmark::api::epcis {

namespace {

using Version = std::vector<unsigned>;

// "2.0.0"; nothing for another form.
std::optional<Version> version_of(std::string_view text) {
  Version out{0};
  if (text.empty() || text.size() > 32) return std::nullopt;
  bool digit = false;
  for (const char c : text) {
    if (c == '.') {
      if (!digit) return std::nullopt;
      out.push_back(0);
      digit = false;
    } else if (c >= '0' && c <= '9' && out.back() < 100'000) {
      out.back() = out.back() * 10 + static_cast<unsigned>(c - '0');
      digit = true;
    } else {
      return std::nullopt;
    }
  }
  if (!digit) return std::nullopt;
  while (out.size() > 1 && out.back() == 0) out.pop_back();  // 2.0.0 is 2
  return out;
}

// EPCIS 2.0 and CBV 2.0 are spoken here, patch levels of them too.
bool is_ours(const Version& v) { return v[0] == 2 && (v.size() < 2 || v[1] == 0); }
bool is_of_xml(const Version& v) { return v[0] == 1 && (v.size() < 2 || v[1] <= 2); }

Problem not_acceptable(std::string_view header, std::string_view value) {
  return {406, "NotAcceptableException",
          std::string(header) + ": " + std::string(value.substr(0, 80)) + " cannot be met here",
          std::string(header)};
}

std::optional<Problem> check_versions(const http::Request& r, bool captures_xml) {
  for (const std::string standard : {"GS1-EPCIS", "GS1-CBV"}) {
    for (const std::string what : {"-Version", "-Min", "-Max"}) {
      std::string lower = standard + what;
      std::ranges::transform(lower, lower.begin(),
                             [](char c) { return static_cast<char>(std::tolower(c)); });
      const auto text = r.header(lower);
      if (text.empty()) continue;
      const auto v = version_of(text);
      const Version ours{2};
      const bool met = v && (what == "-Version" ? is_ours(*v) || (captures_xml && is_of_xml(*v))
                             : what == "-Min"   ? *v <= ours || is_ours(*v)
                                                : *v >= ours);
      if (!met) return not_acceptable(standard + what, text);
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<Wanted, Problem> read_gs1_headers(const http::Request& r, bool captures_xml) {
  if (auto fault = check_versions(r, captures_xml)) return *std::move(fault);
  Wanted out;
  const auto format = r.header("gs1-epc-format");
  if (format == "Always_GS1_Digital_Link") out.format = EpcFormat::kDigitalLink;
  else if (format == "Always_EPC_URN") out.format = EpcFormat::kUrn;
  else if (format == "No_Preference" || format == "Never_Translates")
    out.format = EpcFormat::kAsSent;
  else if (!format.empty()) return not_acceptable("GS1-EPC-Format", format);
  const auto behaviour = r.header("gs1-capture-error-behaviour");
  if (behaviour == "proceed") out.proceed = true;
  else if (!behaviour.empty() && behaviour != "rollback")
    return not_acceptable("GS1-Capture-Error-Behaviour", behaviour);
  return out;
}

void add_gs1_headers(http::Response& response, const CaptureLimits* limits) {
  auto& h = response.headers;
  for (const char* standard : {"GS1-EPCIS", "GS1-CBV"}) {
    for (const char* what : {"-Version", "-Min", "-Max"}) h[std::string(standard) + what] = "2.0.0";
  }
  // One word each by GS1's OpenAPI file: any form can be asked for, either behaviour.
  h["GS1-EPC-Format"] = "No_Preference";
  h["GS1-Vendor-Version"] = LOTMARK_VERSION;
  h["GS1-Extensions"] = "";
  if (limits == nullptr) return;
  h["GS1-EPCIS-Capture-Limit"] = std::to_string(limits->events);
  h["GS1-EPCIS-Capture-File-Size-Limit"] = std::to_string(limits->bytes);
  h["GS1-Capture-Error-Behaviour"] = "all";
}

}  // namespace lotmark::api::epcis
