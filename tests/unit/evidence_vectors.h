// The evidence files of tests/vectors/evidence/cases.json, made by make.py beside it.
#pragma once

#include "tests/unit/proof_vectors.h"

namespace lotmark::test {

using EvidenceVector = ProofVector;

inline std::vector<EvidenceVector> evidence_vectors() { return proof_vectors("evidence"); }

inline std::vector<EvidenceVector> proven_vectors() {
  std::vector<EvidenceVector> out;
  for (auto& v : evidence_vectors()) {
    if (v.expected["outcome"] == "proven") out.push_back(std::move(v));
  }
  return out;
}

}  // namespace lotmark::test
