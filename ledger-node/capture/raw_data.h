// What an event's sensor reports say they were computed from, against the bundles they name
// (docs/format/events.md, rawData). Pure functions; any thread.
#pragma once

#include "core/epcis/context.h"
#include "core/wire/device.h"

namespace lotmark::node {

// One sensorReport whose rawData, or its element's, is a bundle's id.
struct NamedBundle {
  Digest bundle;
  std::string uom;  // UN/ECE Recommendation 20; empty: none is said
  // value, minValue, maxValue and meanValue, as far as they are there.
  std::vector<std::pair<std::string_view, double>> values;
};
// In the order of the reports; URIs that are no bundle's id name none.
std::vector<NamedBundle> named_bundles(const epcis::Json& event);
// Of an event as it is stored; none of what is no JSON object.
std::vector<NamedBundle> named_bundles(std::string_view body);

enum class RawDataMatch : std::uint8_t {
  kWithin,      // each value lies within a quantity channel of that unit
  kOutside,     // one does not
  kNotCompared  // no channel has the unit, or no value is told
};
// Against the annotated roots that the device signed.
RawDataMatch compare(const NamedBundle& named, const Bundle& bundle);

}  // namespace lotmark::node
