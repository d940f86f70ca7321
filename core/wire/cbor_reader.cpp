#include "core/wire/cbor_reader.h"

#include "core/base/utf8.h"
#include "core/wire/limits.h"

namespace lotmark {

namespace {

enum Major : unsigned { kUint, kNegative, kBstr, kTstr, kArr, kMapping, kTagged, kSimple };

}  // namespace

class CborParser {
 public:
  CborParser(ByteView in, CborDoc& doc, std::size_t max_items)
      : in_(in), doc_(doc), max_items_(max_items) {}

  Errc whole() {
    doc_.nodes_.clear();
    doc_.nodes_.reserve(16);
    if (Errc e = item(0); e != Errc::kOk) return e;
    return at_ == in_.size() ? Errc::kOk : Errc::kCborTrailing;
  }

 private:
  struct Head {
    unsigned major;
    std::uint64_t arg;
  };

  std::size_t left() const { return in_.size() - at_; }
  bool full() const { return doc_.nodes_.size() >= max_items_; }

  // Steps 0 to 3 and 5 of the order of checks.
  Errc head(Head& h) {
    if (left() == 0) return Errc::kCborTruncated;
    const std::uint8_t b = in_[at_];
    h.major = b >> 5;
    const unsigned info = b & 31;
    if (h.major == kSimple) {
      if (info >= 25 && info <= 27) return Errc::kCborFloat;
      if (info >= 28 && info <= 30) return Errc::kCborReserved;
      if (info == 31) return Errc::kCborIndefinite;
      if (info < 20 || info > 22) return Errc::kCborSimple;
      h.arg = info;
      ++at_;
      return Errc::kOk;
    }
    if (info >= 28 && info <= 30) return Errc::kCborReserved;
    if (info == 31) {
      return h.major >= kBstr && h.major <= kMapping ? Errc::kCborIndefinite : Errc::kCborReserved;
    }
    if (info < 24) {
      h.arg = info;
      ++at_;
      return Errc::kOk;
    }
    const std::size_t size = std::size_t{1} << (info - 24);
    if (left() < 1 + size) return Errc::kCborTruncated;
    h.arg = 0;
    for (std::size_t i = 0; i < size; ++i) h.arg = h.arg << 8 | in_[at_ + 1 + i];
    const bool shorter = size == 1 ? h.arg < 24 : h.arg >> (size * 4) == 0;
    if (shorter) return Errc::kCborNotShortest;
    at_ += 1 + size;
    return Errc::kOk;
  }

  Errc item(unsigned depth) {
    const std::size_t start = at_;
    Head h{};
    if (Errc e = head(h); e != Errc::kOk) return e;
    if (full()) return Errc::kObjectTooLarge;
    const auto index = static_cast<std::uint32_t>(doc_.nodes_.size());
    doc_.nodes_.push_back({CborType::kNull, index + 1, 0, {}});
    switch (h.major) {
      case kUint:
      case kNegative: return integer(h, index);
      case kBstr:
      case kTstr: return string(h, index);
      case kArr:
      case kMapping: return container(h, index, depth + 1, start);
      case kTagged: return Errc::kCborTag;
      default:
        if (h.arg != 22) {
          doc_.nodes_[index].type = CborType::kBool;
          doc_.nodes_[index].number = h.arg == 21 ? 1 : 0;
        }
        return Errc::kOk;
    }
  }

  Errc integer(const Head& h, std::uint32_t index) {
    const auto max = static_cast<std::uint64_t>(limits::kIntMax) - (h.major == kNegative ? 1 : 0);
    if (h.arg > max) return Errc::kCborIntRange;
    auto& n = doc_.nodes_[index];
    n.type = CborType::kInt;
    n.number =
        h.major == kUint ? static_cast<std::int64_t>(h.arg) : -1 - static_cast<std::int64_t>(h.arg);
    return Errc::kOk;
  }

  Errc string(const Head& h, std::uint32_t index) {
    if (h.arg > left()) return Errc::kCborTruncated;
    auto& n = doc_.nodes_[index];
    n.content = in_.subspan(at_, static_cast<std::size_t>(h.arg));
    at_ += n.content.size();
    n.type = h.major == kBstr ? CborType::kBytes : CborType::kText;
    if (h.major == kTstr) {
      if (n.content.size() > limits::kText) return Errc::kTextTooLong;
      if (!is_utf8(as_text(n.content))) return Errc::kCborUtf8;
    }
    return Errc::kOk;
  }

  Errc container(const Head& h, std::uint32_t index, unsigned depth, std::size_t start) {
    if (depth > limits::kDepth) return Errc::kCborDepth;
    if (h.arg > (h.major == kArr ? left() : left() / 2)) return Errc::kCborTruncated;
    if (h.major == kArr) {
      for (std::uint64_t i = 0; i < h.arg; ++i) {
        if (Errc e = item(depth); e != Errc::kOk) return e;
      }
    } else if (Errc e = pairs(h.arg, depth); e != Errc::kOk) {
      return e;
    }
    auto& n = doc_.nodes_[index];
    n.type = h.major == kArr ? CborType::kArray : CborType::kMap;
    n.number = static_cast<std::int64_t>(h.arg);
    n.content = in_.subspan(start, at_ - start);
    n.next = static_cast<std::uint32_t>(doc_.nodes_.size());
    return Errc::kOk;
  }

  Errc pairs(std::uint64_t count, unsigned depth) {
    ByteView before;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::size_t start = at_;
      if (Errc e = key(depth); e != Errc::kOk) return e;
      const ByteView k = in_.subspan(start, at_ - start);
      if (i != 0) {
        if (std::equal(k.begin(), k.end(), before.begin(), before.end())) {
          return Errc::kCborKeyDuplicate;
        }
        if (std::lexicographical_compare(k.begin(), k.end(), before.begin(), before.end())) {
          return Errc::kCborKeyOrder;
        }
      }
      before = k;
      if (Errc e = item(depth); e != Errc::kOk) return e;
    }
    return Errc::kOk;
  }

  // A key's own steps; of an array or map only its head.
  Errc key(unsigned depth) {
    const std::size_t start = at_;
    Head h{};
    if (Errc e = head(h); e != Errc::kOk) return e;
    if (full()) return Errc::kObjectTooLarge;
    if (h.major == kArr || h.major == kMapping) {
      if (depth + 1 > limits::kDepth) return Errc::kCborDepth;
      if (h.arg > (h.major == kArr ? left() : left() / 2)) return Errc::kCborTruncated;
      return Errc::kCborKeyType;
    }
    at_ = start;
    if (Errc e = item(depth); e != Errc::kOk) return e;
    return doc_.nodes_.back().type == CborType::kInt ? Errc::kOk : Errc::kCborKeyType;
  }

  ByteView in_;
  CborDoc& doc_;
  std::size_t at_ = 0;
  std::size_t max_items_;
};

Result<CborDoc> CborDoc::parse(ByteView bytes, std::size_t max_items) {
  CborDoc doc;
  if (Errc e = doc.read(bytes, max_items); e != Errc::kOk) return e;
  return doc;
}

Errc CborDoc::read(ByteView bytes, std::size_t max_items) {
  return CborParser(bytes, *this, max_items).whole();
}

std::optional<CborValue> CborValue::find(std::int64_t key) const {
  CborValue k = first();
  for (std::size_t i = 0; i < count(); ++i) {
    const CborValue v = k.next();
    if (k.integer() == key) return v;
    k = v.next();
  }
  return std::nullopt;
}

}  // namespace lotmark
