// The sealed segments of tests/vectors/sealed/cases.json, made by make.py beside it.
#pragma once

#include "core/sealed/cose_encrypt.h"
#include "core/wire/codec.h"
#include "tests/must.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::test {

inline const nlohmann::json& sealed_vectors() {
  static const nlohmann::json all = [] {
    std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/sealed/cases.json");
    return nlohmann::json::parse(in);
  }();
  return all;
}

inline Scalar scalar_from(ByteView bytes) {
  Scalar out;
  LM_ASSERT(bytes.size() == out.view().size());
  std::copy(bytes.begin(), bytes.end(), out.data());
  return out;
}

// The private key of one of the vectors' readers.
inline sealed::OpeningKey vector_reader(const std::string& name) {
  return must(
      sealed::OpeningKey::from(scalar_from(hex(sealed_vectors()["readers"][name]["scalar"]))));
}

inline Digest vector_chain() { return fixed<Digest>(sealed_vectors()["chain"]); }

inline Segment plain_of(const nlohmann::json& c) {
  return {fixed<Salt>(c["salt"]), c["plain"]["name"], static_cast<Audience>(c["audience"]),
          c["plain"]["media"], hex(c["plain"]["content"])};
}

inline bool same(const Segment& a, const Segment& b) { return encode(a) == encode(b); }

}  // namespace lotmark::test
