#include "core/merkle/annotated.h"

#include <bit>

#include "core/crypto/sha256.h"
#include "core/embedded/cbor.h"
#include "core/merkle/tree.h"

namespace lotmark::merkle {

namespace {

constexpr std::uint64_t kIntMax = (std::uint64_t{1} << 53) - 1;
constexpr std::size_t kAnnotationMax = 1 + 6 * 9;

// The head of an integer at `out`; returns where it ends. For trees a call a number is too slow.
std::uint8_t* put_head(std::uint8_t* out, unsigned major, std::uint64_t v) {
  const auto first = static_cast<std::uint8_t>(major << 5);
  if (v < 24) {
    *out = static_cast<std::uint8_t>(first | v);
    return out + 1;
  }
  const unsigned log = v < 0x100 ? 0 : v < 0x10000 ? 1 : v < 0x100000000 ? 2 : 3;
  *out++ = static_cast<std::uint8_t>(first | (24 + log));
  for (unsigned shift = 8u << log; shift != 0; shift -= 8) {
    *out++ = static_cast<std::uint8_t>(v >> (shift - 8));
  }
  return out;
}
std::uint8_t* put_int(std::uint8_t* out, std::int64_t v) {
  return v < 0 ? put_head(out, 1, ~static_cast<std::uint64_t>(v))
               : put_head(out, 0, static_cast<std::uint64_t>(v));
}

// The annotation and the hash behind it, as a node above hashes them.
std::uint8_t* put_node(std::uint8_t* out, const AnnotatedNode& n) {
  const Annotation& a = n.annotation;
  *out++ = 0x86;
  out = put_head(out, 0, a.count);
  out = put_int(out, a.min);
  out = put_int(out, a.max);
  out = put_head(out, 0, a.t_first);
  out = put_head(out, 0, a.t_last);
  out = put_head(out, 0, a.gap_max);
  std::memcpy(out, n.hash.data(), Digest::kSize);
  return out + Digest::kSize;
}

bool in_range(const Annotation& a) {
  const auto fits = [](std::int64_t v) {
    return v <= static_cast<std::int64_t>(kIntMax) && v >= -static_cast<std::int64_t>(kIntMax);
  };
  return a.count <= kIntMax && fits(a.min) && fits(a.max) && a.t_first <= kIntMax &&
         a.t_last <= kIntMax && a.gap_max <= kIntMax;
}

void write(lm_cbor& w, const Annotation& a) {
  lm_cbor_array(&w, 6);
  lm_cbor_uint(&w, a.count);
  lm_cbor_int(&w, a.min);
  lm_cbor_int(&w, a.max);
  lm_cbor_uint(&w, a.t_first);
  lm_cbor_uint(&w, a.t_last);
  lm_cbor_uint(&w, a.gap_max);
}

std::array<std::uint8_t, 4> be32(std::uint32_t n) {
  return {static_cast<std::uint8_t>(n >> 24), static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8), static_cast<std::uint8_t>(n)};
}

// Root of leaves [lo, hi); leaves_lo >= 1 of them.
Result<AnnotatedNode> range_root(const std::vector<AnnotatedNode>& leaves, std::size_t lo,
                                 std::size_t hi) {
  if (hi - lo == 1) return leaves[lo];
  const std::size_t k = split(hi - lo);
  LM_ASSIGN(auto left, range_root(leaves, lo, lo + k));
  LM_ASSIGN(auto right, range_root(leaves, lo + k, hi));
  return join(left, right);
}

// Walks a path as RFC 9162 folds it; `step(sibling, sibling_is_left)` is called leaf to root and returns
// false to stop. False if index, size and path do not fit each other.
template <class Step>
bool walk(std::uint64_t index, std::uint64_t size, const AnnotatedPath& path, Step step) {
  if (index >= size) return false;
  std::uint64_t fn = index;
  std::uint64_t sn = size - 1;
  for (const auto& p : path) {
    if (sn == 0) return false;
    if ((fn & 1) != 0 || fn == sn) {
      if (!step(p, true)) return false;
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else if (!step(p, false)) {
      return false;
    }
    fn >>= 1;
    sn >>= 1;
  }
  return sn == 0;
}

}  // namespace

Status check(const Annotation& a) {
  const bool single = a.count == 1;
  if (a.count < 1 || a.min > a.max || a.t_first > a.t_last || a.gap_max > a.t_last - a.t_first ||
      (single && (a.min != a.max || a.t_first != a.t_last || a.gap_max != 0))) {
    return fail(Errc::kAnnotation, "impossible annotation");
  }
  return {};
}

// As join, into `a`; false where it refuses.
static bool join_into(const Annotation& l, const Annotation& r, Annotation& a) {
  if (r.t_first < l.t_last || l.count > kIntMax || r.count > kIntMax ||
      l.count + r.count > kIntMax) {
    return false;
  }
  a.gap_max = std::max({l.gap_max, r.gap_max, r.t_first - l.t_last});
  a.count = l.count + r.count;
  a.min = std::min(l.min, r.min);
  a.max = std::max(l.max, r.max);
  a.t_first = l.t_first;
  a.t_last = r.t_last;
  return true;
}

// The same of nodes; `out` may be `l`.
static bool join_into(const AnnotatedNode& l, const AnnotatedNode& r, AnnotatedNode& out) {
  Annotation a;
  if (!join_into(l.annotation, r.annotation, a) || !in_range(l.annotation) ||
      !in_range(r.annotation)) {
    return false;
  }
  std::uint8_t buffer[1 + 2 * (kAnnotationMax + Digest::kSize)];
  buffer[0] = 0x01;
  const std::uint8_t* end = put_node(put_node(buffer + 1, l), r);
  out.hash = sha256(ByteView{buffer, static_cast<std::size_t>(end - buffer)});
  out.annotation = a;
  return true;
}

Result<Annotation> join(const Annotation& l, const Annotation& r) {
  Annotation a;
  if (!join_into(l, r, a)) {
    return fail(Errc::kAnnotation,
                r.t_first < l.t_last ? "time runs backwards" : "count beyond 2^53 - 1");
  }
  return a;
}

Result<AnnotatedNode> join(const AnnotatedNode& l, const AnnotatedNode& r) {
  LM_TRY(join(l.annotation, r.annotation));
  AnnotatedNode out;
  if (!join_into(l, r, out)) return fail(Errc::kAnnotation, "number beyond 2^53 - 1");
  return out;
}

Salt leaf_salt(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index) {
  std::uint8_t in[40];
  std::copy(bundle_salt.bytes.begin(), bundle_salt.bytes.end(), in);
  const auto c = be32(channel);
  const auto i = be32(index);
  std::copy(c.begin(), c.end(), in + 32);
  std::copy(i.begin(), i.end(), in + 36);
  return *Salt::from(sha256(ByteView{in}).view().first(Salt::kSize));
}

static std::size_t write_reading(std::uint8_t* out, std::size_t cap, const Salt& salt,
                                 std::uint64_t t, std::int64_t value) {
  lm_cbor w;
  lm_cbor_init(&w, out, cap);
  lm_cbor_array(&w, 3);
  lm_cbor_bytes(&w, salt.data(), Salt::kSize);
  lm_cbor_uint(&w, t);
  lm_cbor_int(&w, value);
  LM_ASSERT(lm_cbor_ok(&w));
  return w.len;
}

Bytes reading_entry(const Salt& salt, std::uint64_t t, std::int64_t value) {
  std::uint8_t buffer[48];
  const auto n = write_reading(buffer, sizeof buffer, salt, t, value);
  return {buffer, buffer + n};
}

AnnotatedNode reading_leaf(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index,
                           std::uint64_t t, std::int64_t value) {
  std::uint8_t buffer[48];
  const auto n =
      write_reading(buffer, sizeof buffer, leaf_salt(bundle_salt, channel, index), t, value);
  return {{1, value, value, t, t, 0}, leaf_hash({buffer, n})};
}

Digest leaf_hash_raw(const Digest& bundle_salt, std::uint32_t channel, std::uint32_t index,
                     ByteView t_and_value) {
  const Salt salt = leaf_salt(bundle_salt, channel, index);
  std::uint8_t head[3 + Salt::kSize] = {0x00, 0x83, 0x50};
  std::memcpy(head + 3, salt.data(), Salt::kSize);
  std::uint8_t buffer[96];
  const std::size_t size = sizeof head + t_and_value.size();
  if (size > sizeof buffer) return sha256({ByteView{head}, t_and_value});
  std::memcpy(buffer, head, sizeof head);
  std::memcpy(buffer + sizeof head, t_and_value.data(), t_and_value.size());
  return sha256(ByteView{buffer, size});
}

AnnotatedNode reading_leaf_raw(const Digest& bundle_salt, std::uint32_t channel,
                               std::uint32_t index, std::uint64_t t, std::int64_t value,
                               ByteView t_and_value) {
  return {{1, value, value, t, t, 0}, leaf_hash_raw(bundle_salt, channel, index, t_and_value)};
}

Bytes evidence_entry(const Digest& bundle_id, std::uint64_t channel,
                     const AnnotatedNode& channel_root) {
  std::uint8_t buffer[160];
  lm_cbor w;
  lm_cbor_init(&w, buffer, sizeof buffer);
  lm_cbor_array(&w, 4);
  lm_cbor_bytes(&w, bundle_id.data(), Digest::kSize);
  lm_cbor_uint(&w, channel);
  write(w, channel_root.annotation);
  lm_cbor_bytes(&w, channel_root.hash.data(), Digest::kSize);
  LM_ASSERT(lm_cbor_ok(&w));
  return {buffer, buffer + w.len};
}

AnnotatedNode evidence_leaf(const Digest& bundle_id, std::uint64_t channel,
                            const AnnotatedNode& channel_root) {
  return {channel_root.annotation, leaf_hash(evidence_entry(bundle_id, channel, channel_root))};
}

Result<AnnotatedNode> annotated_root(const std::vector<AnnotatedNode>& leaves) {
  auto nodes = leaves;
  return annotated_root_in(nodes);
}

// Level by level, an odd last node going up as it is: the same tree as splitting from above gives.
Result<AnnotatedNode> annotated_root_in(std::span<AnnotatedNode> nodes) {
  LM_ASSERT(!nodes.empty());
  std::size_t n = nodes.size();
  while (n > 1) {
    for (std::size_t i = 0; i + 1 < n; i += 2) {
      if (!join_into(nodes[i], nodes[i + 1], nodes[i / 2])) {
        return fail(Errc::kAnnotation, "readings that cannot stand side by side");
      }
    }
    if (n % 2 != 0) nodes[n / 2] = nodes[n - 1];
    n = n / 2 + n % 2;
  }
  return nodes[0];
}

Result<AnnotatedPath> annotated_path(const std::vector<AnnotatedNode>& leaves,
                                     std::uint64_t index) {
  LM_ASSERT(index < leaves.size());
  AnnotatedPath path;
  std::size_t lo = 0;
  std::size_t hi = leaves.size();
  while (hi - lo > 1) {
    const std::size_t k = split(hi - lo);
    const bool left = index < lo + k;
    LM_ASSIGN(auto sibling, left ? range_root(leaves, lo + k, hi) : range_root(leaves, lo, lo + k));
    path.push_back(sibling);
    if (left) {
      hi = lo + k;
    } else {
      lo += k;
    }
  }
  std::reverse(path.begin(), path.end());
  return path;
}

Result<AnnotatedNode> fold_annotated(const AnnotatedNode& leaf, std::uint64_t index,
                                     std::uint64_t size, const AnnotatedPath& path) {
  if (path.size() > kPathMax) return Errc::kPathLength;
  LM_TRY(check(leaf.annotation));
  AnnotatedNode r = leaf;
  Errc wrong = Errc::kTreePath;
  const bool folded = walk(index, size, path, [&](const AnnotatedNode& p, bool left) {
    if (!check(p.annotation)) {
      wrong = Errc::kAnnotation;
      return false;
    }
    auto joined = left ? join(p, r) : join(r, p);
    if (!joined) {
      wrong = joined.code();
      return false;
    }
    r = *joined;
    return true;
  });
  if (!folded) return wrong;
  return r;
}

std::uint64_t count_before(std::uint64_t index, std::uint64_t size, const AnnotatedPath& path) {
  std::uint64_t sum = 0;
  walk(index, size, path, [&](const AnnotatedNode& p, bool left) {
    if (left) sum += p.annotation.count;
    return true;
  });
  return sum;
}

std::uint64_t sample_index(const Digest& block_id, std::uint32_t i, std::uint64_t count) {
  LM_ASSERT(count > 0);
  const auto n = be32(i);
  const Digest d = sha256({block_id.view(), ByteView{n}});
  std::uint64_t v = 0;
  for (int k = 0; k < 8; ++k) v = v << 8 | d.bytes[static_cast<std::size_t>(k)];
  return v % count;
}

}  // namespace lotmark::merkle
