// Reader of the deterministic CBOR profile (docs/format/cbor.md): bounded, depth-limited, exact about
// which error comes first. What it accepts re-encodes to the same bytes.
#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/result.h"

namespace lotmark {

enum class CborType : std::uint8_t { kInt, kBytes, kText, kArray, kMap, kBool, kNull };

class CborValue;

// One parsed item as a flat list of nodes. It points into the bytes it was parsed from, which must
// outlive it; no allocation but that list.
class CborDoc {
 public:
  static constexpr std::size_t kAnyCount = static_cast<std::size_t>(-1);

  // The one item in `bytes` and nothing after it. An item above max_items, map keys counted, is
  // object-too-large.
  static Result<CborDoc> parse(ByteView bytes, std::size_t max_items = kAnyCount);
  // The same into this doc, which keeps its memory from one item to the next.
  Errc read(ByteView bytes, std::size_t max_items = kAnyCount);

  CborValue root() const;

 private:
  friend class CborValue;
  friend class CborParser;
  struct Node {
    CborType type;
    std::uint32_t next;   // index of the node after this one's last descendant
    std::int64_t number;  // integer, bool, count of elements, or count of pairs
    ByteView content;     // of a bstr or text; else the item's whole encoding
  };
  std::vector<Node> nodes_;
};

// A place in a CborDoc; as cheap to copy as a pointer, valid while the doc lives.
class CborValue {
 public:
  CborType type() const { return node().type; }
  bool is_null() const { return type() == CborType::kNull; }
  std::int64_t integer() const { return node().number; }             // kInt
  bool boolean() const { return node().number != 0; }                // kBool
  ByteView bytes() const { return node().content; }                  // kBytes
  ByteView encoded() const { return node().content; }                // kArray, kMap: all its bytes
  std::string_view text() const { return as_text(node().content); }  // kText
  ByteView encoding() const { return node().content; }               // kArray, kMap: all of it
  std::size_t count() const {
    return static_cast<std::size_t>(node().number);
  }  // kArray, kMap: pairs

  // Walks the children of an array, or keys and values of a map in turn.
  CborValue first() const { return {doc_, index_ + 1}; }
  CborValue next() const { return {doc_, node().next}; }
  // The value of an integer key of a map, if there.
  std::optional<CborValue> find(std::int64_t key) const;

 private:
  friend class CborDoc;
  CborValue(const CborDoc* doc, std::uint32_t index) : doc_(doc), index_(index) {}
  const CborDoc::Node& node() const { return doc_->nodes_[index_]; }
  const CborDoc* doc_;
  std::uint32_t index_;
};

inline CborValue CborDoc::root() const { return {this, 0}; }

}  // namespace lotmark
