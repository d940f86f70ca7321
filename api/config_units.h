// The tables [units] and [sightings]. Included by the configuration's own sources only.
#pragma once

#include "api/config.h"
#include "api/config_table.h"

namespace lotmark::api {

UnitsConfig read_units(ConfigTable& table);
toml::table units_toml(const UnitsConfig& config);

SightingRules read_sightings(ConfigTable& table);
toml::table sightings_toml(const SightingRules& rules);

}  // namespace lotmark::api
