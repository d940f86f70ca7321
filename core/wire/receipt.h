// Files: the receipt a consumer's own browser checks, and the anchor it starts from (docs/format/receipt.md).
#pragma once

#include "core/wire/public_level.h"

namespace lotmark {

struct DisclosedSegment {
  std::uint64_t index = 0;
  Bytes segment;  // the segment entry
  std::vector<Digest> path;
};

struct Disclosure {
  ObjectBytes transaction;
  std::vector<Digest> path;
  RecordHead record;
  std::vector<DisclosedSegment> segments;
};

struct Sample {
  std::uint64_t segment = 0;  // index of the claim in the release record
  std::uint64_t i = 0;
  Bytes entry;
  merkle::AnnotatedPath path;
  std::uint64_t evidence_index = 0;
  Bytes channel_entry;
  merkle::AnnotatedPath evidence_path;
};

struct Receipt {
  std::string magic = "lotmark/receipt/1";
  ObjectBytes block;                    // unprotected {394: votes}
  std::vector<Bytes> statements;        // those after the anchor's
  std::vector<Disclosure> disclosures;  // at most one
  std::vector<Sample> samples;
};

// A block as files carry it that are checked from the anchor alone.
struct ShownBlock {
  Digest chain;
  ObjectBytes block;              // with the newest votes that cover it; none while it is not final
  std::vector<Bytes> statements;  // epochs 1, 2, ... up to the votes'
};

struct Anchor {
  std::string magic = "lotmark/anchor/1";
  ObjectBytes genesis;
  PublicKey root_key;
  std::vector<Bytes> statements;  // 1, 2, ... pinned
  std::vector<ObjectBytes>
      links;  // of a lotmark/anchor/2: from the root key on (core/wire/rollover.h)
};

// cbor([salt, serial]): a leaf of a lot's items tree.
struct SerialEntry {
  Salt salt;  // first half of SHA-256 of the lot's salt and the serial
  std::string serial;
};

// [index, serial entry, path] in the items tree that an application names.
struct ItemPath {
  std::uint64_t index = 0;
  Bytes entry;
  std::vector<Digest> path;
};

// That a serial is one of a lot's; says nothing without the lot's receipt (core/proof/item.h).
struct ItemProof {
  std::string magic = "lotmark/item/1";
  Digest block;  // id of the lot block
  ItemPath proof;
};

// [size, index, path] of a vote in a receipt (RFC 9942, key -1 of header 396).
struct InclusionProof {
  std::uint64_t size = 0;
  std::uint64_t index = 0;
  std::vector<Digest> path;
};

// cbor([salt, t, value]) of a quantity reading, as a sample shows it.
struct ReadingEntry {
  Salt salt;
  std::uint64_t t = 0;
  std::int64_t value = 0;
};

// cbor([bundle id, channel place, annotation, root]): a leaf of an evidence tree.
struct EvidenceEntry {
  Digest bundle;
  std::uint64_t channel = 0;
  merkle::Annotation annotation;
  Digest root;
};

}  // namespace lotmark
