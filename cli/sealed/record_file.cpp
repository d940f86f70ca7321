#include "cli/sealed/record_file.h"

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/merkle/tree.h"
#include "core/wire/limits.h"

namespace lotmark::cli {

namespace {

using nlohmann::json;

Error malformed(const std::string& key, const char* wanted) {
  return fail(Errc::kFieldType, "record: " + key + " is not " + wanted);
}

Result<json> member(const json& of, const std::string& key) {
  if (of.is_object() && of.contains(key)) return of[key];
  return fail(Errc::kFieldType, "record: " + key + " is missing");
}

template <class F>
Result<F> fixed_member(const json& of, const std::string& key) {
  LM_ASSIGN(const json value, member(of, key));
  const auto out = value.is_string() ? fixed_from_hex<F>(value.get<std::string>()) : std::nullopt;
  if (!out) return malformed(key, "hex of the right length");
  return *out;
}

Result<std::uint64_t> number_member(const json& of, const std::string& key) {
  LM_ASSIGN(const json value, member(of, key));
  if (!value.is_number_unsigned() ||
      value.get<std::uint64_t>() > static_cast<std::uint64_t>(limits::kIntMax)) {
    return malformed(key, "a whole number");
  }
  return value.get<std::uint64_t>();
}

Result<std::string> text_member(const json& of, const std::string& key) {
  LM_ASSIGN(const json value, member(of, key));
  if (!value.is_string() || value.get_ref<const std::string&>().size() > limits::kText)
    return malformed(key, "a text");
  return value.get<std::string>();
}

Result<RecordKind> kind_member(const json& head) {
  LM_ASSIGN(const std::string word, text_member(head, "kind"));
  for (std::int64_t i = 0; i < kEnumCount<RecordKind>; ++i) {
    if (name(static_cast<RecordKind>(i)) == word) return static_cast<RecordKind>(i);
  }
  return malformed("kind", "a kind of record");
}

Result<RecordHead> read_head(const json& record) {
  LM_ASSIGN(const json head, member(record, "head"));
  RecordHead out;
  LM_ASSIGN(const json step, member(head, "step"));
  if (!step.is_null()) {
    LM_ASSIGN(out.step, text_member(head, "step"));
  }
  LM_ASSIGN(out.kind, kind_member(head));
  LM_ASSIGN(out.time, number_member(head, "time"));
  LM_ASSIGN(out.author, fixed_member<KeyId>(head, "author"));
  LM_ASSIGN(const json corrects, member(head, "corrects"));
  if (!corrects.is_null()) {
    LM_ASSIGN(out.corrects, fixed_member<Digest>(head, "corrects"));
  }
  LM_ASSIGN(out.segments, number_member(head, "segments"));
  return out;
}

Result<Scope> read_scope(const json& record) {
  LM_ASSIGN(const json scope, member(record, "scope"));
  if (scope.is_object() && scope.contains("start")) {
    LM_ASSIGN(const Digest start, fixed_member<Digest>(scope, "start"));
    return Scope(start);
  }
  PeriodScope out;
  LM_ASSIGN(out.organisation, text_member(scope, "organisation"));
  LM_ASSIGN(out.period, number_member(scope, "period"));
  return Scope(out);
}

Result<std::vector<Digest>> read_leaves(const json& record) {
  LM_ASSIGN(const json list, member(record, "segments"));
  if (!list.is_array() || list.empty() || list.size() > limits::kSegments)
    return malformed("segments", "a list of 1 to 256");
  std::vector<Digest> out;
  for (const auto& one : list) {
    LM_ASSIGN(const std::uint64_t index, number_member(one, "index"));
    if (index != out.size()) return malformed("index", "the segment's place");
    LM_ASSIGN(const Digest leaf, fixed_member<Digest>(one, "leaf"));
    out.push_back(leaf);
  }
  return out;
}

}  // namespace

Result<RecordFile> read_record_file(ByteView bytes, const Digest& chain) {
  const auto record = json::parse(bytes.begin(), bytes.end(), nullptr, false);
  if (!record.is_object()) return fail(Errc::kFieldType, "record: no JSON object");
  RecordFile out;
  LM_ASSIGN(out.commitment, fixed_member<Digest>(record, "commitment"));
  LM_ASSIGN(const Digest of_chain, fixed_member<Digest>(record, "chain"));
  if (of_chain != chain) return fail(Errc::kCoseChain, "the record is of another chain");
  LM_ASSIGN(const Scope scope, read_scope(record));
  LM_ASSIGN(const RecordHead head, read_head(record));
  LM_ASSIGN(out.leaves, read_leaves(record));
  merkle::CompactRange tree;
  for (const auto& leaf : out.leaves) tree.append(leaf);
  if (head.segments != out.leaves.size() ||
      commitment(chain, scope, head, tree.root()) != out.commitment) {
    return fail(Errc::kCommitmentMismatch, "head and segments do not give the record's commitment");
  }
  return out;
}

}  // namespace lotmark::cli
