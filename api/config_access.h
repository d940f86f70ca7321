// The tables of [access]. Included by the configuration's own sources only.
#pragma once

#include "api/config.h"
#include "api/config_table.h"

namespace lotmark::api {

AccessConfig read_access(ConfigTable& table);
toml::table access_toml(const AccessConfig& config);

}  // namespace lotmark::api
