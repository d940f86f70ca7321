#include "cli/node/reading_proof.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/merkle/tree.h"
#include "core/wire/codec.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

Error malformed(const std::string& what) {
  return fail(Errc::kFieldType, "the node's answer: " + what + " is missing or of another type");
}

template <class T>
Result<T> number(const json& j, const char* key) {
  if (!j.is_object() || !j.contains(key) || !j[key].is_number_integer()) return malformed(key);
  return j[key].get<T>();
}

template <class F>
Result<F> fixed(const json& j, const char* key) {
  if (j.is_object() && j.contains(key) && j[key].is_string()) {
    if (auto f = fixed_from_hex<F>(j[key].get<std::string>())) return *f;
  }
  return malformed(key);
}

Result<Bytes> bytes(const json& j, const char* key) {
  if (j.is_object() && j.contains(key) && j[key].is_string()) {
    if (auto b = from_hex(j[key].get<std::string>())) return *b;
  }
  return malformed(key);
}

Result<merkle::Annotation> annotation(const json& j) {
  merkle::Annotation a;
  LM_ASSIGN(a.count, number<std::uint64_t>(j, "count"));
  LM_ASSIGN(a.min, number<std::int64_t>(j, "min"));
  LM_ASSIGN(a.max, number<std::int64_t>(j, "max"));
  LM_ASSIGN(a.t_first, number<std::uint64_t>(j, "t_first"));
  LM_ASSIGN(a.t_last, number<std::uint64_t>(j, "t_last"));
  LM_ASSIGN(a.gap_max, number<std::uint64_t>(j, "gap_max"));
  return a;
}

Result<merkle::AnnotatedNode> node(const json& j, const char* hash_key) {
  if (!j.is_object() || !j.contains("annotation")) return malformed("annotation");
  merkle::AnnotatedNode n;
  LM_ASSIGN(n.annotation, annotation(j["annotation"]));
  LM_ASSIGN(n.hash, fixed<Digest>(j, hash_key));
  return n;
}

Result<merkle::AnnotatedPath> path(const json& j, const char* key) {
  if (!j.is_object() || !j.contains(key) || !j[key].is_array()) return malformed(key);
  merkle::AnnotatedPath out;
  for (const auto& sibling : j[key]) {
    LM_ASSIGN(auto n, node(sibling, "hash"));
    out.push_back(n);
  }
  return out;
}

Status folds_to(const merkle::AnnotatedNode& leaf, std::uint64_t index, std::uint64_t size,
                const merkle::AnnotatedPath& siblings, const merkle::AnnotatedNode& root) {
  LM_ASSIGN(const auto top, merkle::fold_annotated(leaf, index, size, siblings));
  if (top == root) return {};
  return fail(Errc::kSamplePath, "the path ends in another root or annotation");
}

}  // namespace

Status check_finding(const json& finding, const json& claim) {
  if (!finding.contains("proof") || !finding.contains("reading")) {
    return fail(Errc::kNotFound, "the finding shows no reading");
  }
  const json& proof = finding["proof"];
  LM_ASSIGN(const Bytes entry_bytes, bytes(proof, "entry"));
  LM_ASSIGN(const auto entry, decode<ReadingEntry>(entry_bytes));
  LM_ASSIGN(const auto shown_value, number<std::int64_t>(finding["reading"], "value"));
  LM_ASSIGN(const auto shown_time, number<std::uint64_t>(finding["reading"], "t_ms"));
  if (entry.value != shown_value || entry.t != shown_time) {
    return fail(Errc::kSamplePath, "the reading shown is not the one in its entry");
  }
  LM_ASSIGN(const Bytes channel_bytes, bytes(proof, "channel_entry"));
  LM_ASSIGN(const auto channel, decode<EvidenceEntry>(channel_bytes));
  LM_ASSIGN(const auto index, number<std::uint64_t>(proof, "index"));
  LM_ASSIGN(const auto within, path(proof, "path"));
  const merkle::AnnotatedNode leaf{{1, entry.value, entry.value, entry.t, entry.t, 0},
                                   merkle::leaf_hash(entry_bytes)};
  LM_TRY(
      folds_to(leaf, index, channel.annotation.count, within, {channel.annotation, channel.root}));

  LM_ASSIGN(const auto tree_size, number<std::uint64_t>(claim, "tree_size"));
  LM_ASSIGN(const auto claimed, node(claim, "root"));
  LM_ASSIGN(const auto evidence_index, number<std::uint64_t>(proof, "evidence_index"));
  LM_ASSIGN(const auto evidence, path(proof, "evidence_path"));
  return folds_to({channel.annotation, merkle::leaf_hash(channel_bytes)}, evidence_index, tree_size,
                  evidence, claimed);
}

}  // namespace lotmark::cli
