// Signed objects of every type: what opens says the same as its label, encodes again to its payload, and its id
// does not depend on the signature (docs/format/cose.md).
#include "core/wire/sign1.h"

#include "core/wire/cbor_reader.h"
#include "core/wire/complaint.h"
#include "core/wire/usage.h"
#include "tests/fuzz/target.h"

namespace lotmark {
namespace {

template <class T>
void opened(ByteView object, const ObjectLabel& label, const Signed<T>& s) {
  LM_ASSERT(s.kid == label.kid && std::ranges::equal(s.bytes, object));
  Bytes other(object.begin(), object.end());
  other.back() = static_cast<std::uint8_t>(other.back() ^ 1);  // the signature stands last
  const auto again = open<T>(other, fuzz::contract_chain());
  LM_ASSERT(again && again->id == s.id && again->signature != s.signature);
  const auto doc = CborDoc::parse(object.subspan(1));
  LM_ASSERT(doc);
  LM_ASSERT(std::ranges::equal(encode(s.body), doc->root().first().next().next().bytes()));
}

template <class T>
bool try_open(ByteView object, const ObjectLabel& label) {
  const auto s = open<T>(object, fuzz::contract_chain());
  if (label.type != SignedName<T>::value) {
    LM_ASSERT(!s);
    return false;
  }
  if (s) opened(object, label, *s);
  return true;
}

template <class... T>
void open_as_labelled(ByteView object, const ObjectLabel& label) {
  (void)(try_open<T>(object, label) || ...);
}

void fuzz_sign1(ByteView in) {
  const auto label = peek(in);
  if (!label) {
    LM_ASSERT(!open<Start>(in, fuzz::contract_chain()));
    LM_ASSERT(!open_genesis(in));
    return;
  }
  open_as_labelled<Start, Birth, Bundle, Gap, Ack, Arrival, Command, Opening, Transaction, Record,
                   Application, Report, Release, Refusal, Block, Head, Enrolment, Membership,
                   Revocation, Recall, Promise, Turn, Delegation, Token, Complaint, Ruling, Usage,
                   Mark>(in, *label);
  if (const auto genesis = open_genesis(in)) {
    LM_ASSERT(!open<Block>(in, fuzz::contract_chain()));
  }
  if (const auto block = open_receipt_block(in, fuzz::contract_chain())) {
    LM_ASSERT(label->type == "block" && block->block.kid == label->kid);
  }
}

}  // namespace
LM_FUZZ_TARGET(sign1, fuzz_sign1);
}  // namespace lotmark
