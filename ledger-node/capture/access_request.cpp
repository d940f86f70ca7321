#include "ledger-node/capture/access_request.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kFields = 14;

// Takes the fields of an array in their order; the first error stays.
class AccessFields {
 public:
  AccessFields(const CborValue& first) : at_(first) {}

  void number(std::uint64_t& out, std::uint64_t min, std::uint64_t max) {
    if (at_.type() != CborType::kInt) return fault(Errc::kFieldType);
    const std::int64_t v = at_.integer();
    if (v < 0 || static_cast<std::uint64_t>(v) < min || static_cast<std::uint64_t>(v) > max)
      return fault(Errc::kFieldRange);
    out = static_cast<std::uint64_t>(v);
    at_ = at_.next();
  }
  void text(std::string& out) {
    if (at_.type() != CborType::kBytes) return fault(Errc::kFieldType);
    if (at_.bytes().size() > kAccessTextMax) return fault(Errc::kTooLarge);
    out = std::string(as_text(at_.bytes()));
    at_ = at_.next();
  }
  template <class F>
  void fixed(F& out) {
    if (at_.type() != CborType::kBytes) return fault(Errc::kFieldType);
    const auto f = F::from(at_.bytes());
    if (!f) return fault(Errc::kFieldRange);
    out = *f;
    at_ = at_.next();
  }
  Errc error() const { return error_; }

 private:
  void fault(Errc code) {
    if (error_ == Errc::kOk) error_ = code;
  }
  CborValue at_;
  Errc error_ = Errc::kOk;
};

constexpr std::uint64_t kMost = std::uint64_t{1} << 53;

}  // namespace

Bytes encode_access(const AccessEntry& e) {
  return cbor_bytes([&](CborWriter& w) {
    w.array(kFields);
    w.bytes(e.run.view());
    w.uint(e.number);
    w.uint(e.count);
    w.uint(e.time);
    for (const auto* text :
         {&e.caller, &e.organisation, &e.roles, &e.how, &e.address, &e.method, &e.route, &e.target})
      w.bytes(as_bytes(*text));
    w.uint(e.status);
    w.bytes(as_bytes(e.why));
  });
}

Result<AccessEntry> decode_access(ByteView bytes) {
  if (bytes.size() > kAccessEntryMax)
    return fail(Errc::kTooLarge, "an entry of the access log is of 8 KiB at most");
  LM_ASSIGN(auto doc, CborDoc::parse(bytes, kFields + 1));
  const CborValue v = doc.root();
  if (v.type() != CborType::kArray || v.count() != kFields) return Errc::kFieldType;
  AccessEntry e;
  AccessFields f(v.first());
  f.fixed(e.run);
  f.number(e.number, 1, kMost);
  f.number(e.count, 1, kMost);
  f.number(e.time, 0, kMost);
  for (auto* text :
       {&e.caller, &e.organisation, &e.roles, &e.how, &e.address, &e.method, &e.route, &e.target})
    f.text(*text);
  f.number(e.status, 0, 999);
  f.text(e.why);
  if (f.error() != Errc::kOk) return f.error();
  return e;
}

}  // namespace lotmark::node
