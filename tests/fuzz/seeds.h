// What the fuzzers start from: tests/vectors/contract taken apart, and one shape of each type and text.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"

namespace lotmark::fuzz {

struct Seed {
  std::string target;
  std::string name;  // of its file; one of a kind within the target
  Bytes bytes;
};

std::vector<Seed> make_seeds();
std::vector<Seed> rfid_seeds();  // part of those
std::vector<Seed> input_seeds();
std::vector<Seed> gs1_seeds();
std::vector<Seed> api_seeds();
std::vector<Seed> sealed_seeds();

}  // namespace lotmark::fuzz
