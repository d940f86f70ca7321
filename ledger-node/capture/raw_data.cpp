#include "ledger-node/capture/raw_data.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"

namespace lotmark::node {

using epcis::Json;

namespace {

constexpr std::string_view kBundleUri = "ni:///sha-256;";
constexpr std::string_view kCompared[] = {"value", "minValue", "maxValue", "meanValue"};

// SenML's units (RFC 8428) by their codes in Recommendation 20, of what is measured here.
constexpr std::pair<std::string_view, std::string_view> kUnits[] = {
    {"Cel", "CEL"}, {"K", "KEL"}, {"%RH", "P1"}, {"%", "P1"},   {"Pa", "PAL"},
    {"kg", "KGM"},  {"g", "GRM"}, {"m", "MTR"},  {"lx", "LUX"}, {"V", "VLT"},
    {"A", "AMP"},   {"W", "WTT"}, {"Hz", "HTZ"}, {"s", "SEC"},  {"l", "LTR"},
    {"m3", "MTQ"},  {"N", "NEW"}, {"J", "JOU"},  {"lm", "LUM"}, {"rad", "C81"}};

std::optional<Digest> bundle_of(const Json& object) {
  const auto at = object.find("rawData");
  if (at == object.end() || !at->is_string()) return std::nullopt;
  const std::string_view uri = at->get_ref<const std::string&>();
  if (!uri.starts_with(kBundleUri)) return std::nullopt;
  return fixed_from_hex<Digest>(uri.substr(kBundleUri.size()));
}

void add_report(const Json& report, std::optional<Digest> bundle, std::vector<NamedBundle>& out) {
  if (!report.is_object()) return;
  if (report.contains("rawData")) bundle = bundle_of(report);
  if (!bundle) return;
  NamedBundle named{*bundle, {}, {}};
  if (const auto uom = report.find("uom"); uom != report.end() && uom->is_string())
    named.uom = uom->get<std::string>();
  for (const auto key : kCompared) {
    const auto at = report.find(key);
    if (at != report.end() && at->is_number()) named.values.emplace_back(key, at->get<double>());
  }
  out.push_back(std::move(named));
}

// The double next to v * 10^exp, as the same decimal in an event's JSON is read.
double nearest(std::int64_t v, std::int64_t exp) {
  const std::string text = to_decimal(v, exp);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool same_unit(std::string_view senml, std::string_view uom) {
  return std::ranges::any_of(
      kUnits, [&](const auto& row) { return row.first == senml && row.second == uom; });
}

}  // namespace

std::vector<NamedBundle> named_bundles(const Json& event) {
  std::vector<NamedBundle> out;
  const auto elements = event.find("sensorElementList");
  if (elements == event.end() || !elements->is_array()) return out;
  for (const auto& element : *elements) {
    if (!element.is_object()) continue;
    const auto metadata = element.find("sensorMetadata");
    const auto of_all =
        metadata != element.end() && metadata->is_object() ? bundle_of(*metadata) : std::nullopt;
    const auto reports = element.find("sensorReport");
    if (reports == element.end()) continue;
    if (!reports->is_array()) add_report(*reports, of_all, out);
    else
      for (const auto& report : *reports) add_report(report, of_all, out);
  }
  return out;
}

std::vector<NamedBundle> named_bundles(std::string_view body) {
  if (body.find("rawData") == std::string_view::npos) return {};
  const Json event = Json::parse(body, nullptr, false);
  return event.is_object() ? named_bundles(event) : std::vector<NamedBundle>();
}

RawDataMatch compare(const NamedBundle& named, const Bundle& bundle) {
  if (named.values.empty()) return RawDataMatch::kNotCompared;
  bool compared = false;
  for (const auto& channel : bundle.channels) {
    const auto* a = std::get_if<merkle::Annotation>(&channel.annotation);
    if (a == nullptr || !same_unit(channel.unit, named.uom)) continue;
    const double low = nearest(a->min, channel.exp.value);
    const double high = nearest(a->max, channel.exp.value);
    compared = true;
    const bool within = std::ranges::all_of(
        named.values, [&](const auto& v) { return v.second >= low && v.second <= high; });
    if (within) return RawDataMatch::kWithin;
  }
  return compared ? RawDataMatch::kOutside : RawDataMatch::kNotCompared;
}

}  // namespace lotmark::node
