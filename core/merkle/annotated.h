// The annotated reading tree: a Merkle tree whose nodes also bind count, extremes, time span and largest gap.
//
// leaf = H(00 || entry), node = H(01 || left annotation || left hash || right annotation || right hash);
// split as RFC 9162. A root thus says "1440 readings, 2.31 to 7.62, at least one every 61 s" without one
// shown. It is its signer's claim until somebody recomputed it whole. docs/format/trees.md.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark::merkle {

struct Annotation {
  std::uint64_t count = 0;
  std::int64_t min = 0;  // units of 10^exp of the channel
  std::int64_t max = 0;
  std::uint64_t t_first = 0;  // ms UTC
  std::uint64_t t_last = 0;
  std::uint64_t gap_max = 0;  // ms; 0 for a single reading

  bool operator==(const Annotation&) const = default;
};

struct AnnotatedNode {
  Annotation annotation;
  Digest hash;

  bool operator==(const AnnotatedNode&) const = default;
};

using AnnotatedPath = std::vector<AnnotatedNode>;  // siblings, leaf to root

// annotation (120) unless it is possible: count at least 1, min <= max, t_first <= t_last, and so on.
Status check(const Annotation& a);
// Both, left before right. annotation (120) if time runs backwards or a sum leaves 2^53 - 1.
Result<Annotation> join(const Annotation& left, const Annotation& right);
Result<AnnotatedNode> join(const AnnotatedNode& left, const AnnotatedNode& right);

// cbor([leaf salt, t, value]) and its leaf. The salt is the first 16 bytes of
// SHA-256(bundle salt || channel place || leaf index), places and indexes as 4 bytes.
Salt leaf_salt(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index);
Bytes reading_entry(const Salt& salt, std::uint64_t t, std::int64_t value);
AnnotatedNode reading_leaf(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index,
                           std::uint64_t t, std::int64_t value);
// The same leaf from the encodings of t and value as they stand in a bundle wire, one behind the other.
AnnotatedNode reading_leaf_raw(const Digest& bundle_salt, std::uint32_t channel,
                               std::uint32_t index, std::uint64_t t, std::int64_t value,
                               ByteView t_and_value);
// H(00 || cbor([leaf salt, t, value])) of any kind of channel, from the encoding of t and value.
Digest leaf_hash_raw(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index,
                     ByteView t_and_value);
// cbor([bundle id, channel place, annotation, root]) and its leaf, which carries that annotation.
Bytes evidence_entry(const Digest& bundle_id, std::uint64_t channel,
                     const AnnotatedNode& channel_root);
AnnotatedNode evidence_leaf(const Digest& bundle_id, std::uint64_t channel,
                            const AnnotatedNode& channel_root);

// The root over leaves in time order; at least one. annotation (120) if they are not in order.
Result<AnnotatedNode> annotated_root(const std::vector<AnnotatedNode>& leaves);
// The same over leaves that may be written over: no allocation. At least one.
Result<AnnotatedNode> annotated_root_in(std::span<AnnotatedNode> leaves);
// Siblings of leaf `index`. index < leaves.size(), leaves as annotated_root takes them.
Result<AnnotatedPath> annotated_path(const std::vector<AnnotatedNode>& leaves, std::uint64_t index);
// Folds a path: annotations are recomputed upward, never taken from the proof.
// tree-path, path-length or annotation.
Result<AnnotatedNode> fold_annotated(const AnnotatedNode& leaf, std::uint64_t index,
                                     std::uint64_t size, const AnnotatedPath& path);

// Sums counts of all left siblings of a path: how many readings lie before the leaf's own.
// Same folding as fold_annotated; call it on a path that folded.
std::uint64_t count_before(std::uint64_t index, std::uint64_t size, const AnnotatedPath& path);

// Index of sample i: first 8 bytes of SHA-256(block id || i as 4 bytes), big-endian, mod count. count > 0.
std::uint64_t sample_index(const Digest& block_id, std::uint32_t i, std::uint64_t count);

}  // namespace lotmark::merkle
