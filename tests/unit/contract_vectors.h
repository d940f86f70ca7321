// The contract's vectors (tests/vectors/contract), made by an independent implementation.
#pragma once

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"

namespace lotmark::test {

// Read once and kept: a part of it may be gone over, for (const auto& c : contract("cbor.json")["accept"]).
inline const nlohmann::json& contract(const std::string& file) {
  static std::map<std::string, nlohmann::json> read;
  const auto [at, anew] = read.try_emplace(file);
  if (anew) {
    std::ifstream in(std::string(LOTMARK_SOURCE_DIR "/tests/vectors/contract/") + file);
    at->second = nlohmann::json::parse(in);
  }
  return at->second;
}
inline Bytes hex(const nlohmann::json& j) { return from_hex(j.get<std::string>()).value(); }
template <class F>
F fixed(const nlohmann::json& j) {
  return fixed_from_hex<F>(j.get<std::string>()).value();
}

}  // namespace lotmark::test
