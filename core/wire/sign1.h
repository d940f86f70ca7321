// Signed objects: COSE_Sign1 in Lotmark's one form (docs/format/cose.md).
//
// The id of an object is the digest that was signed: the signature is not in it, so s -> n - s or a new
// nonce changes nothing. Everything links by ids.
#pragma once

#include "core/crypto/p256.h"
#include "core/wire/codec.h"
#include "core/wire/limits.h"

namespace lotmark {

// The type text's name: "bundle" for Bundle. Only types that are signed have one.
template <class T>
struct SignedName;
#define LM_SIGNED(T, NAME)                     \
  template <>                                  \
  struct SignedName<T> {                       \
    static constexpr const char* value = NAME; \
  };
// clang-format off
LM_SIGNED(Start, "start") LM_SIGNED(Birth, "birth") LM_SIGNED(Bundle, "bundle") LM_SIGNED(Gap, "gap")
LM_SIGNED(Ack, "ack") LM_SIGNED(Arrival, "arrival") LM_SIGNED(Command, "command")
LM_SIGNED(Opening, "opening") LM_SIGNED(Transaction, "transaction") LM_SIGNED(Record, "record")
LM_SIGNED(Application, "application") LM_SIGNED(Report, "report") LM_SIGNED(Release, "release")
LM_SIGNED(Refusal, "refusal") LM_SIGNED(Block, "block") LM_SIGNED(Head, "head")
LM_SIGNED(Enrolment, "enrolment") LM_SIGNED(Membership, "membership")
LM_SIGNED(Revocation, "revocation") LM_SIGNED(Recall, "recall") LM_SIGNED(Promise, "promise")
LM_SIGNED(Turn, "turn") LM_SIGNED(Delegation, "delegation") LM_SIGNED(Token, "token")
// clang-format on
#undef LM_SIGNED

    // What stands around a payload.
    struct VoteClaims {
  std::uint64_t seconds = 0;
  std::uint64_t size = 0;
  std::uint64_t epoch = 0;
  std::uint64_t term = 0;
  bool operator==(const VoteClaims&) const = default;
};

// What an unprotected map may hold: nothing, a receipt block's votes, or a receipt vote's proof.
enum class Unprotected { kEmpty, kVotes, kProof };

struct Expected {
  const char* type;     // "bundle"
  const Digest* chain;  // null: header 15 must not be there (genesis, statement 0)
  Unprotected unprotected = Unprotected::kEmpty;
  bool detached = false;  // payload nil
};

// The outside of an object, read and checked up to its payload's bytes. Views point into the object.
struct Sign1 {
  KeyId kid;
  ByteView protected_header;
  ByteView payload;  // empty when detached
  Signature signature;
  VoteClaims vote;              // of a vote
  std::vector<ByteView> votes;  // Unprotected::kVotes
  ByteView proof;               // Unprotected::kProof

  // The digest that was signed. Of a detached object `payload` is handed in.
  Digest id() const { return id(payload); }
  Digest id(ByteView detached_payload) const;
};

// Steps 1 to 13 of the order of checks.
Result<Sign1> read_sign1(ByteView object, const Expected& expected);
// The id of an object by steps 1 to 3 alone, whatever its header says: to look for it by id. cose-payload if it
// is detached.
Result<Digest> id_of(ByteView object, std::size_t max = limits::kObject);
// Only who signed it, what type it says and which chain; for routing, before it is opened for good.
struct ObjectLabel {
  KeyId kid;
  std::string type;
};
std::optional<ObjectLabel> peek(ByteView object);

// An opened object: what it says, who is said to have signed it, and its bytes as they came.
template <class T>
struct Signed {
  T body;
  KeyId kid;
  Digest id;
  Signature signature;
  Bytes bytes;

  bool verified_by(const PublicKey& key) const {
    return key_id(key) == kid && verify_once(key, id, signature);
  }
};

// Steps 1 to 16; the caller knows who may sign (17) and checks the signature (18).
template <class T>
Result<Signed<T>> open(ByteView object, const Digest& chain);
// The genesis block: no claim 15, and its id is the chain.
Result<Signed<Block>> open_genesis(ByteView object);
// A lot block as a receipt holds it, its votes still closed.
struct ReceiptBlock {
  Signed<Block> block;
  std::vector<Bytes> votes;
};
Result<ReceiptBlock> open_receipt_block(ByteView object, const Digest& chain);

// A sealed object and its id.
struct Sealed {
  Bytes bytes;
  Digest id;
};
// chain null: genesis only.
Result<Sealed> seal_payload(const char* type, ByteView payload, const Signer& signer,
                            const Digest* chain);
template <class T>
Result<Sealed> seal(const T& payload, const Signer& signer, const Digest& chain) {
  return seal_payload(SignedName<T>::value, encode(payload), signer, &chain);
}

// A signature over a statement's payload, which is not carried in it. chain null: statement 0.
Result<Sealed> seal_statement_signature(ByteView payload, const Signer& signer,
                                        const Digest* chain);

}  // namespace lotmark
