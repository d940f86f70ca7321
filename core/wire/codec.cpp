#include "core/wire/codec.h"

#include "core/crypto/p256.h"
#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "core/wire/checks.h"
#include "core/wire/limits.h"
#include "core/wire/rollover.h"
#include "core/wire/schema.h"

namespace lotmark {

namespace {

// ---- writing -------------------------------------------------------------------------------------

void put(CborWriter& w, std::uint64_t v) { w.uint(v); }
void put(CborWriter& w, std::int64_t v) { w.integer(v); }
void put(CborWriter& w, bool v) { w.boolean(v); }
void put(CborWriter& w, const std::string& v) { w.text(v); }
void put(CborWriter& w, const Bytes& v) { w.bytes(v); }
void put(CborWriter& w, const ObjectBytes& v) { w.bytes(v.bytes); }
void put(CborWriter& w, const Gtin& v) { w.text(v.text); }
void put(CborWriter& w, const LotNumber& v) { w.text(v.text); }
void put(CborWriter& w, const Expiry& v) { w.uint(v.yyyymmdd); }
void put(CborWriter& w, const Exponent& v) { w.integer(v.value); }

template <std::size_t N, class Tag>
void put(CborWriter& w, const Fixed<N, Tag>& v) {
  w.bytes(v.view());
}
template <class E>
  requires std::is_enum_v<E>
void put(CborWriter& w, E v) {
  w.uint(static_cast<std::uint64_t>(v));
}
template <schema::Shaped S>
void put(CborWriter& w, const S& v);
template <class T>
void put(CborWriter& w, const std::optional<T>& v);
template <class T>
void put(CborWriter& w, const std::vector<T>& v);

void put(CborWriter& w, const ChannelAnnotation& v) {
  if (const auto* a = std::get_if<merkle::Annotation>(&v)) put(w, *a);
  else if (const auto* c = std::get_if<CountAnnotation>(&v)) put(w, *c);
  else w.null();
}
void put(CborWriter& w, const BlockBody& v) {
  if (const auto* o = std::get_if<ObjectBytes>(&v)) put(w, *o);
  else if (const auto* p = std::get_if<PeriodBody>(&v)) put(w, *p);
  else if (const auto* c = std::get_if<CutBody>(&v)) put(w, *c);
  else w.null();
}
void put(CborWriter& w, const EvidenceProof& v) {
  if (const auto* r = std::get_if<VoteRoots>(&v)) put(w, *r);
  else if (const auto* o = std::get_if<ObjectBytes>(&v)) put(w, *o);
  else w.null();
}
template <class T>
void put(CborWriter& w, const std::optional<T>& v) {
  if (v) put(w, *v);
  else w.null();
}
template <class T>
void put(CborWriter& w, const std::vector<T>& v) {
  w.array(v.size());
  for (const auto& x : v) put(w, x);
}
template <schema::Shaped S>
void put(CborWriter& w, const S& v) {
  constexpr auto n = std::tuple_size_v<decltype(schema::Shape<S>::kFields)>;
  if constexpr (schema::Shape<S>::kMap) w.map(n);
  else w.array(n);
  schema::each_field<S>([&]([[maybe_unused]] std::size_t place, const auto& field) {
    if constexpr (schema::Shape<S>::kMap) w.uint(place);
    put(w, v.*field.member);
  });
}

// ---- reading -------------------------------------------------------------------------------------

// Phase 1 (keys and types) and phase 2 (values) in one walk: it remembers the first error of each, and
// phase 1's comes first.
class Reader {
 public:
  explicit Reader(const KeyId* signer) : signer_(signer) {}

  Errc error() const { return shape_ != Errc::kOk ? shape_ : value_; }

  void get(CborValue v, std::uint64_t& out) {
    if (!expect(v, CborType::kInt)) return;
    if (v.integer() < 0) bad_value(Errc::kFieldRange);
    else out = static_cast<std::uint64_t>(v.integer());
  }
  void get(CborValue v, std::int64_t& out) {
    if (expect(v, CborType::kInt)) out = v.integer();
  }
  void get(CborValue v, bool& out) {
    if (expect(v, CborType::kBool)) out = v.boolean();
  }
  void get(CborValue v, std::string& out) {
    if (expect(v, CborType::kText)) out = v.text();
  }
  void get(CborValue v, Bytes& out) {
    if (expect(v, CborType::kBytes)) out = to_bytes(v.bytes());
  }
  void get(CborValue v, ObjectBytes& out) { get(v, out.bytes); }
  void get(CborValue v, Gtin& out) { get_checked(v, out.text, out, Errc::kGtin); }
  void get(CborValue v, LotNumber& out) { get_checked(v, out.text, out, Errc::kLot); }
  void get(CborValue v, Exponent& out) { get_checked(v, out.value, out, Errc::kExpRange); }
  void get(CborValue v, Expiry& out) {
    if (!expect(v, CborType::kInt)) return;
    out.yyyymmdd = v.integer() < 0 ? 0 : static_cast<std::uint64_t>(v.integer());
    if (!valid(out)) bad_value(Errc::kExpires);
  }
  template <std::size_t N, class Tag>
  void get(CborValue v, Fixed<N, Tag>& out) {
    if (!expect(v, CborType::kBytes)) return;
    if (v.bytes().size() != N) return bad_value(Errc::kFieldRange);
    std::copy(v.bytes().begin(), v.bytes().end(), out.bytes.begin());
    if constexpr (std::is_same_v<Fixed<N, Tag>, PublicKey>) {
      if (value_ == Errc::kOk && !Verifier::from(out)) bad_value(Errc::kKeyBad);
    }
  }
  template <class E>
    requires std::is_enum_v<E>
  void get(CborValue v, E& out) {
    if (!expect(v, CborType::kInt)) return;
    enum_unknown_ = v.integer() < 0 || v.integer() >= kEnumCount<E>;
    if (enum_unknown_) return bad_value(Errc::kEnumUnknown);
    out = static_cast<E>(v.integer());
  }
  template <class T>
  void get(CborValue v, std::optional<T>& out) {
    if (v.is_null()) return;
    get(v, out.emplace());
  }
  template <class T>
  void get(CborValue v, std::vector<T>& out) {
    if (!expect(v, CborType::kArray)) return;
    out.reserve(v.count());
    CborValue c = v.first();
    for (std::size_t i = 0; i < v.count(); ++i, c = c.next()) get(c, out.emplace_back());
  }
  template <schema::Shaped S>
  void get(CborValue v, S& out) {
    if constexpr (schema::Shape<S>::kMap) get_map(v, out);
    else get_tuple(v, out);
    if (error() == Errc::kOk) bad_value(checks::joined(out, signer_));
  }

 private:
  template <class S>
  void get_map(CborValue v, S& out) {
    constexpr auto n = std::tuple_size_v<decltype(schema::Shape<S>::kFields)>;
    if (!expect(v, CborType::kMap)) return;
    CborValue k = v.first();
    for (std::size_t i = 0; i < v.count(); ++i, k = k.next().next()) {
      if (k.integer() < 0 || k.integer() >= static_cast<std::int64_t>(n)) {
        return bad_shape(Errc::kKeyUnknown);
      }
    }
    k = v.first();  // keys ascend: walk them beside the fields
    std::size_t seen = 0;
    schema::each_field<S>([&](std::size_t place, const auto& field) {
      if (shape_ != Errc::kOk) return;
      if (seen == v.count() || k.integer() != static_cast<std::int64_t>(place)) {
        return bad_shape(Errc::kKeyMissing);
      }
      get_place(out, k.next(), field);
      k = k.next().next();
      ++seen;
    });
  }
  template <class S>
  void get_tuple(CborValue v, S& out) {
    constexpr auto n = std::tuple_size_v<decltype(schema::Shape<S>::kFields)>;
    if (!expect(v, CborType::kArray)) return;
    if (v.count() != n) return bad_shape(Errc::kFieldType);
    CborValue c = v.first();
    schema::each_field<S>([&](std::size_t, const auto& field) {
      if (shape_ != Errc::kOk) return;
      get_place(out, c, field);
      c = c.next();
    });
  }

  // A list's count, the place and what is in it, its range, its rule.
  template <class S, class F>
  void get_place(S& out, CborValue v, const schema::Field<S, F>& field) {
    if constexpr (schema::kIsList<F>) {
      if (v.type() == CborType::kArray) bad_value(field.range.check(v.count()));
    }
    get_in(out, v, out.*field.member);
    if (error() != Errc::kOk) return;
    bad_value(schema::in_range(out.*field.member, field.range));
    if (field.rule != nullptr) bad_value(field.rule(out.*field.member));
  }

  // Places whose type depends on another place of the same map.
  template <class S, class F>
  void get_in(const S& /*parent*/, CborValue v, F& out) {
    get(v, out);
  }
  void get_in(const Channel& parent, CborValue v, Exponent& out) {
    get(v, out);
    if (parent.kind != ChannelKind::kQuantity && out.value != 0) bad_value(Errc::kExpRange);
  }
  void get_in(const Channel& parent, CborValue v, ChannelAnnotation& out) {
    if (v.is_null() || enum_unknown_) return;
    if (parent.kind == ChannelKind::kQuantity) get(v, out.emplace<merkle::Annotation>());
    else get(v, out.emplace<CountAnnotation>());
  }
  // tx_count, the one number of an application: every bad value has the same error, in its own turn.
  void get_in(const Application& /*parent*/, CborValue v, std::uint64_t& out) {
    if (!expect(v, CborType::kInt)) return;
    if (v.integer() < 2 || v.integer() > static_cast<std::int64_t>(limits::kTransactions)) {
      return bad_value(Errc::kTransactionCount);
    }
    out = static_cast<std::uint64_t>(v.integer());
  }
  void get_in(const Block& parent, CborValue v, BlockBody& out) {
    if (enum_unknown_) return;
    switch (parent.kind) {
      case BlockKind::kPeriod: return get(v, out.emplace<PeriodBody>());
      case BlockKind::kCut: return get(v, out.emplace<CutBody>());
      case BlockKind::kTerm:
        if (v.is_null()) return;
        [[fallthrough]];
      default: return get(v, out.emplace<ObjectBytes>());
    }
  }
  void get_in(const Evidence& parent, CborValue v, EvidenceProof& out) {
    if (enum_unknown_) return;
    if (parent.kind == EvidenceKind::kVoteInconsistent) return get(v, out.emplace<VoteRoots>());
    if (v.is_null()) return;
    if (parent.kind == EvidenceKind::kBundleFork) return get(v, out.emplace<ObjectBytes>());
    bad_shape(Errc::kFieldType);
  }

  template <class Raw, class Checked>
  void get_checked(CborValue v, Raw& raw, const Checked& whole, Errc error) {
    const Errc before = shape_;
    get(v, raw);
    if (shape_ == before && !valid(whole)) bad_value(error);
  }
  bool expect(CborValue v, CborType type) {
    if (v.type() == type) return true;
    bad_shape(Errc::kFieldType);
    return false;
  }
  void bad_shape(Errc e) {
    if (shape_ == Errc::kOk) shape_ = e;
  }
  void bad_value(Errc e) {
    if (value_ == Errc::kOk) value_ = e;
  }

  const KeyId* signer_;
  bool enum_unknown_ = false;  // the last enumeration read had no such number
  Errc shape_ = Errc::kOk;
  Errc value_ = Errc::kOk;
};

// A file whose magic is a text, but not ours, is of another version or kind: that is said first.
template <class T>
Errc magic_error(const CborDoc& doc, std::string_view magic, Errc other) {
  const CborValue root = doc.root();
  if (root.type() != CborType::kMap) return Errc::kOk;
  auto v = root.find(0);
  return v && v->type() == CborType::kText && v->text() != magic ? other : Errc::kOk;
}

template <class T>
Result<T> decode_doc(const CborDoc& doc, const KeyId* signer) {
  T out;
  Reader r(signer);
  r.get(doc.root(), out);
  if (r.error() != Errc::kOk) return r.error();
  return out;
}

template <class T>
Result<T> read_file(ByteView bytes, std::size_t max, Errc too_large, Errc other_magic,
                    std::size_t max_items = CborDoc::kAnyCount) {
  if (bytes.size() > max) return too_large;
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, max_items));
  if (Errc e = magic_error<T>(doc, T{}.magic, other_magic); e != Errc::kOk) return e;
  return decode_doc<T>(doc, nullptr);
}

}  // namespace

template <class T>
Bytes encode(const T& value) {
  return cbor_bytes([&](CborWriter& w) { put(w, value); });
}

template <class T>
Result<T> decode(ByteView bytes, const KeyId* signer) {
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  return decode_doc<T>(doc, signer);
}

Result<Receipt> read_receipt(ByteView bytes) {
  return read_file<Receipt>(bytes, limits::kReceipt, Errc::kReceiptTooLarge, Errc::kReceiptVersion);
}
Result<Anchor> read_anchor(ByteView bytes) {
  if (bytes.size() <= limits::kAnchor) {
    LM_ASSIGN(auto doc, CborDoc::parse(bytes));
    if (magic_error<Anchor2>(doc, Anchor{}.magic, Errc::kAnchor) != Errc::kOk &&
        magic_error<Anchor2>(doc, Anchor2{}.magic, Errc::kAnchor) == Errc::kOk) {
      LM_ASSIGN(auto a, decode_doc<Anchor2>(doc, nullptr));
      return Anchor{a.magic, a.genesis, a.root_key, std::move(a.statements), std::move(a.links)};
    }
  }
  return read_file<Anchor>(bytes, limits::kAnchor, Errc::kObjectTooLarge, Errc::kAnchor);
}
Result<LineFile> read_line_file(ByteView bytes) {
  return read_file<LineFile>(bytes, limits::kObject, Errc::kObjectTooLarge, Errc::kReceiptVersion);
}
Result<Evidence> read_evidence(ByteView bytes) {
  return read_file<Evidence>(bytes, limits::kEvidence, Errc::kObjectTooLarge, Errc::kReceiptVersion,
                             limits::kEvidenceItems);
}
Result<Archived> read_archived(ByteView bytes) {
  return read_file<Archived>(bytes, limits::kReceipt, Errc::kReceiptTooLarge,
                             Errc::kReceiptVersion);
}
Result<ItemProof> read_item_proof(ByteView bytes) {
  return read_file<ItemProof>(bytes, limits::kItemProof, Errc::kObjectTooLarge,
                              Errc::kReceiptVersion);
}
Result<SnapshotHead> read_snapshot(ByteView bytes) {
  return read_file<SnapshotHead>(bytes, limits::kCutHead, Errc::kObjectTooLarge,
                                 Errc::kReceiptVersion);
}
Result<CutState> read_state(ByteView bytes) {
  return read_file<CutState>(bytes, limits::kState, Errc::kObjectTooLarge, Errc::kReceiptVersion,
                             limits::kStateItems);
}
Result<ArchiveHeader> read_archive_header(ByteView bytes) {
  return read_file<ArchiveHeader>(bytes, limits::kCutHead, Errc::kObjectTooLarge,
                                  Errc::kReceiptVersion);
}

Result<EventProof> read_event_proof(ByteView bytes) {
  return read_file<EventProof>(bytes, limits::kEventProof, Errc::kObjectTooLarge,
                               Errc::kReceiptVersion);
}

Bytes encode_anchor(const Anchor& a) {
  if (a.links.empty()) return encode(a);
  return encode(Anchor2{Anchor2{}.magic, a.genesis, a.root_key, a.statements, a.links});
}

Result<RolloverFile> read_rollover(ByteView bytes) {
  return read_file<RolloverFile>(bytes, limits::kObject, Errc::kObjectTooLarge,
                                 Errc::kReceiptVersion);
}
Result<Proposal> read_proposal(ByteView bytes) {
  return read_file<Proposal>(bytes, limits::kAnchor, Errc::kObjectTooLarge, Errc::kReceiptVersion);
}

#define LM_INSTANTIATE(T)             \
  template Bytes encode<T>(const T&); \
  template Result<T> decode<T>(ByteView, const KeyId*);
LM_WIRE_TYPES(LM_INSTANTIATE)
#undef LM_INSTANTIATE

}  // namespace lotmark
