// What an enterprise keeps to itself and its reviewer checks (docs/format/private.md).
#pragma once

#include "core/wire/device.h"

namespace lotmark {

struct Limits {
  std::int64_t min = 0;  // in the channel's exp
  std::int64_t max = 0;
  std::uint64_t gap_max = 0;  // ms
  bool operator==(const Limits&) const = default;
};

struct LineStep {
  std::string label;
  std::vector<KeyId> devices;
  std::vector<std::string> channels;
  Limits limits;
  KeyId author;
  std::uint64_t interval = 0;  // ms between readings: what "expected" is counted by
};

// Hashed, not signed; the programme lists the hashes it allows.
struct LineFile {
  std::string magic = "lotmark/line/1";
  std::string name;
  std::vector<LineStep> steps;
};

struct Claim {
  std::string step;
  KeyId device;
  KeyId enroller;
  std::string channel;
  std::string unit;
  Exponent exp;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  merkle::Annotation annotation;
  std::uint64_t tree_size = 0;
  Digest root;
  std::uint64_t gap_edge = 0;
  std::vector<DeclaredGap> gaps;
  std::uint64_t expected = 0;
  Limits limits;
};

inline constexpr std::string_view kClaimMedia = "application/vnd.lotmark.claim.v1+cbor";
inline constexpr std::string_view kClaimName = "claim";
inline constexpr std::string_view kDecoyMedia = "application/octet-stream";

struct Segment {
  Salt salt;
  std::string name;
  Audience audience = Audience::kRegulator;
  std::string media;
  Bytes content;
};

// The author's signature over a commitment; a handover nests the other party's.
struct Record {
  Digest commitment;
  std::optional<ObjectBytes> inner;
};

struct Transaction {
  Digest commitment;
  Digest prev;
  std::uint64_t time = 0;
};

// What a commitment binds besides scope and segments: the head of a record as a receipt shows it.
struct RecordHead {
  std::optional<std::string> step;
  RecordKind kind = RecordKind::kStep;
  std::uint64_t time = 0;
  KeyId author;
  std::optional<Digest> corrects;
  std::uint64_t segments = 0;
};

struct PeriodScope {
  std::string organisation;
  std::uint64_t period = 0;
};
// The start signal's id, or organisation and period of records outside a lot.
using Scope = std::variant<Digest, PeriodScope>;

// SHA-256(cbor(["lotmark/record/1", chain, scope, step, kind, time, author, corrects, segments, root])).
Digest commitment(const Digest& chain, const Scope& scope, const RecordHead& head,
                  const Digest& root);
// Root of the plain tree over encoded segments.
Digest segments_root(const std::vector<Bytes>& entries);
// SHA-256(cbor([commitment, time, previous hash])): one row of a private chain.
Digest row_hash(const Digest& commitment, std::uint64_t time, const Digest& previous);

}  // namespace lotmark
