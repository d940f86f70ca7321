// What texts of the configuration must be like: each says what is wrong, or nothing.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "edge-agent/config/section.h"

namespace lotmark::agent {

std::string check_name(const std::string& s);
std::string check_not_empty(const std::string& s);
std::string check_digest(const std::string& s);
std::string check_point(const std::string& s);
std::string check_time(const std::string& s);
std::string check_url(const std::string& s);
// "127.0.0.1:9273"
std::string check_listen(const std::string& s);
std::optional<std::uint16_t> loopback_port(const std::string& s);
// A text of the formats: 1 to 256 bytes.
std::string check_text(const std::string& s);
std::string check_channel(const std::string& s);
Section::Check one_of(std::vector<std::string> words);

}  // namespace lotmark::agent
