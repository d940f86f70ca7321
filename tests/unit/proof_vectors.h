// The cases of files that prove something, tests/vectors/{event_proof,archived,evidence}/cases.json, made by make.py beside
// each and written as tests/vectors/cases_file.py says.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/unit/contract_vectors.h"

namespace lotmark::test {

struct ProofVector {
  std::string name;
  Bytes file;
  Bytes anchor;
  nlohmann::json expected;  // the whole result, without prose
  nlohmann::json given;     // the case as it is written
};

inline void PrintTo(const ProofVector& v, std::ostream* out) { *out << v.name; }

// What the pieces give, of which some are taken from the files before.
inline Bytes joined(const nlohmann::json& pieces, const std::vector<ProofVector>& before) {
  Bytes out;
  for (const auto& p : pieces) {
    if (p.is_string()) {
      const Bytes bytes = hex(p);
      out.insert(out.end(), bytes.begin(), bytes.end());
    } else if (p.size() == 2) {
      out.insert(out.end(), p[1].get<std::size_t>(), p[0].get<std::uint8_t>());
    } else {
      const Bytes& of = before.at(p[0].get<std::size_t>()).file;
      const ByteView part = ByteView(of).subspan(p[1].get<std::size_t>(), p[2].get<std::size_t>());
      out.insert(out.end(), part.begin(), part.end());
    }
  }
  return out;
}

// A case's expected result whole: `plain` but for what it says otherwise, and its checks.
inline nlohmann::json whole_result(const nlohmann::json& all, const nlohmann::json& said) {
  auto out = all["plain"];
  out.update(said);
  if (!all.contains("checks")) return out;
  const auto failed = out["failed"];
  out.erase("failed");
  out["checks"] = nlohmann::json::array();
  nlohmann::json ok = true;
  for (const auto& name : all["checks"]) {
    const bool fails = !failed.is_null() && failed[0] == name;
    if (fails) ok = false;
    out["checks"].push_back(
        {{"name", name}, {"ok", ok}, {"error", fails ? failed[1] : nlohmann::json()}});
    if (fails) ok = nullptr;
  }
  return out;
}

inline std::vector<ProofVector> proof_vectors(const std::string& folder) {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/" + folder + "/cases.json");
  const auto all = nlohmann::json::parse(in);
  std::vector<ProofVector> out;
  for (const auto& c : all["cases"])
    out.push_back({c["name"], joined(c["file"], out), hex(c.value("anchor", all["anchor"])),
                   whole_result(all, c["expected"]), c});
  return out;
}

// A file with one bit flipped, again and again: every `step`th bit, by default one of every third byte; all of them with
// LOTMARK_MUTATIONS=all. `check` takes the file and where its bit is, in words.
template <class Check>
void for_flipped_bits(const Bytes& good, Check check, std::size_t step = 23) {
  const char* mutations = std::getenv("LOTMARK_MUTATIONS");
  const bool all = mutations != nullptr && std::string_view(mutations) == "all";
  for (std::size_t bit = 0; bit < good.size() * 8; bit += all ? 1 : step) {
    Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1u << (bit % 8)));
    check(bad, "byte " + std::to_string(bit / 8) + " bit " + std::to_string(bit % 8));
  }
}

}  // namespace lotmark::test
