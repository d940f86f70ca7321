// The contract's vectors (tests/vectors/contract), made by an independent implementation.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"

namespace lotmark::test {

inline nlohmann::json contract(const std::string& file) {
  std::ifstream in(std::string(LOTMARK_SOURCE_DIR "/tests/vectors/contract/") + file);
  return nlohmann::json::parse(in);
}
inline Bytes hex(const nlohmann::json& j) { return from_hex(j.get<std::string>()).value(); }
template <class F>
F fixed(const nlohmann::json& j) {
  return fixed_from_hex<F>(j.get<std::string>()).value();
}

}  // namespace lotmark::test
