// The evidence files of tests/vectors/evidence/cases.json, made by make.py beside it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "tests/unit/contract_vectors.h"

namespace lotmark::test {

struct EvidenceVector {
  std::string name;
  Bytes file;
  Bytes anchor;
  nlohmann::json expected;
};

inline void PrintTo(const EvidenceVector& v, std::ostream* out) { *out << v.name; }

inline std::vector<EvidenceVector> evidence_vectors() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/evidence/cases.json");
  const auto all = nlohmann::json::parse(in);
  std::vector<EvidenceVector> out;
  for (const auto& c : all["cases"]) {
    EvidenceVector v{c["name"], hex(c["file"]), hex(c.value("anchor", all["anchor"])),
                     c["expected"]};
    if (c.contains("fill")) {  // [byte, count] behind the bytes given
      v.file.insert(v.file.end(), c["fill"][1].get<std::size_t>(),
                    c["fill"][0].get<std::uint8_t>());
    }
    out.push_back(std::move(v));
  }
  return out;
}

inline std::vector<EvidenceVector> proven_vectors() {
  std::vector<EvidenceVector> out;
  for (auto& v : evidence_vectors()) {
    if (v.expected["outcome"] == "proven") out.push_back(std::move(v));
  }
  return out;
}

}  // namespace lotmark::test
