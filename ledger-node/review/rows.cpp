#include "ledger-node/review/rows.h"

#include <set>

#include "core/wire/cbor_reader.h"
#include "core/wire/limits.h"

namespace lotmark::review {

namespace {

// The elements of an array one after another; the first thing that does not fit is remembered and all that
// follows reads as empty.
class Places {
 public:
  // Of `count` places, or of up to `most` where more may follow.
  Places(CborValue array, std::size_t count, Errc& error, std::size_t most = 0)
      : error_(error), at_(array), left_(0) {
    if (array.type() != CborType::kArray || array.count() < count ||
        array.count() > std::max(count, most)) {
      wrong(Errc::kFieldType);
    } else {
      left_ = array.count();
      at_ = array.first();
    }
  }

  bool over() const { return left_ == 0; }
  Bytes bytes() {
    const auto v = take(CborType::kBytes);
    return v ? to_bytes(v->bytes()) : Bytes{};
  }
  Digest digest() {
    const auto v = take(CborType::kBytes);
    if (!v) return {};
    const auto d = Digest::from(v->bytes());
    if (!d) wrong(Errc::kFieldRange);
    return d.value_or(Digest{});
  }
  std::uint64_t number() {
    const auto v = take(CborType::kInt);
    if (!v) return 0;
    if (v->integer() < 0) wrong(Errc::kFieldRange);
    return v->integer() < 0 ? 0 : static_cast<std::uint64_t>(v->integer());
  }
  // Calls `each` with every element of the next place, an array of at most `max`.
  template <class Each>
  void list(std::size_t max, Each each) {
    const auto v = take(CborType::kArray);
    if (!v) return;
    if (v->count() > max) return wrong(Errc::kFieldRange);
    CborValue x = v->first();
    for (std::size_t i = 0; i < v->count() && error_ == Errc::kOk; ++i, x = x.next()) each(x);
  }

 private:
  std::optional<CborValue> take(CborType type) {
    if (error_ != Errc::kOk || left_ == 0) return std::nullopt;
    const CborValue v = at_;
    if (--left_ != 0) at_ = at_.next();
    if (v.type() != type) {
      wrong(Errc::kFieldType);
      return std::nullopt;
    }
    return v;
  }
  void wrong(Errc e) {
    if (error_ == Errc::kOk) error_ = e;
  }
  Errc& error_;
  CborValue at_;
  std::size_t left_;
};

ClaimEvidence read_evidence(CborValue v, std::size_t& total, Errc& error) {
  Places p(v, 2, error);
  ClaimEvidence out;
  out.segment = p.number();
  p.list(kEvidenceMax, [&](CborValue ref) {
    Places r(ref, 2, error);
    EvidenceRef e;
    e.bundle = r.digest();
    e.place = r.number();
    if (++total > kEvidenceMax && error == Errc::kOk) error = Errc::kFieldRange;
    out.bundles.push_back(e);
  });
  return out;
}

std::pair<std::uint64_t, Bytes> read_recipient(CborValue v, Errc& error) {
  Places p(v, 2, error);
  const std::uint64_t segment = p.number();
  Bytes recipient = p.bytes();
  if (recipient.size() > kRecipientBytesMax) error = Errc::kFieldRange;
  return {segment, std::move(recipient)};
}

LotRow read_row(CborValue v, std::size_t& total, Errc& error) {
  Places p(v, 6, error, 7);
  LotRow row;
  row.head = p.bytes();
  p.list(kSegmentsMax, [&](CborValue s) {
    if (s.type() != CborType::kBytes) error = Errc::kFieldType;
    else row.segments.push_back(to_bytes(s.bytes()));
  });
  row.record = p.bytes();
  row.transaction = p.bytes();
  row.hash = p.digest();
  p.list(kSegmentsMax,
         [&](CborValue e) { row.evidence.push_back(read_evidence(e, total, error)); });
  if (!p.over())
    p.list(kSegmentsMax, [&](CborValue r) { row.recipients.push_back(read_recipient(r, error)); });
  return row;
}

}  // namespace

std::vector<Bytes> LotRow::recipients_of(std::uint64_t segment) const {
  std::vector<Bytes> out;
  for (const auto& [of, recipient] : recipients) {
    if (of == segment) out.push_back(recipient);
  }
  return out;
}

Result<LotRows> read_rows(ByteView bytes) {
  if (bytes.size() > kRowsBytesMax) return fail(Errc::kTooLarge, "rows of a lot above 8 MiB");
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  Errc error = Errc::kOk;
  std::size_t total = 0;
  LotRows out;
  Places p(doc.root(), 3, error);
  out.opening = p.bytes();
  out.start = p.bytes();
  p.list(kRowsMax, [&](CborValue r) { out.rows.push_back(read_row(r, total, error)); });
  if (error != Errc::kOk) return error;
  return out;
}

Result<BundleFile> read_bundle_file(ByteView bytes) {
  if (bytes.size() > kBundleFileBytesMax) return fail(Errc::kTooLarge, "bundle file above 1 MiB");
  LM_ASSIGN(auto doc, CborDoc::parse(bytes));
  Errc error = Errc::kOk;
  BundleFile out;
  Places p(doc.root(), 3, error);
  out.wire = p.bytes();
  out.index = p.number();
  p.list(limits::kPath, [&](CborValue h) {
    const auto d = h.type() == CborType::kBytes ? Digest::from(h.bytes()) : std::nullopt;
    if (!d) error = Errc::kFieldType;
    else out.path.push_back(*d);
  });
  if (error != Errc::kOk) return error;
  return out;
}

std::vector<Digest> bundles_named(const LotRows& rows) {
  std::vector<Digest> out;
  std::set<Digest> seen;
  for (const auto& row : rows.rows) {
    for (const auto& claim : row.evidence) {
      for (const auto& ref : claim.bundles) {
        if (seen.insert(ref.bundle).second) out.push_back(ref.bundle);
      }
    }
  }
  return out;
}

}  // namespace lotmark::review
