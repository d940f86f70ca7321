// A whole small consortium in memory: keys that never change, one programme, one line, a genesis
// and an anchor.
//
// Enterprise `yunhe` keeps; `drug-east` and `drug-west` review; `prov-1..3` supervise with quorum
// 2, or as many as the options say. Devices and operators are enrolled in statement 0. Nothing here checks anything: it makes what
// honest parties would make.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/base/clock.h"
#include "core/wire/sign1.h"

namespace lotmark::test {

// Someone with a key. `scalar` is the secret number (1 to 255) the key is made from.
struct Party {
  std::string name;
  std::string organisation;
  std::unique_ptr<Signer> signer;

  const KeyId& kid() const { return signer->kid(); }
  const PublicKey& key() const { return signer->public_key(); }
};
Party make_party(std::string name, std::string organisation, std::uint8_t scalar);

// The 32 bytes behind make_party's key, for code that reads scalars or key files.
std::array<std::uint8_t, 32> party_scalar(std::uint8_t scalar);

struct ConsortiumOptions {
  std::uint64_t count = 6;               // transactions besides the release record
  std::uint64_t first_slot_ms = 600000;  // after the start signal's arrival
  std::uint64_t spacing_ms = 600000;
  std::uint64_t lateness_ms = 120000;
  std::uint64_t window_ms = 3600000;
  std::uint64_t period_s = 600;
  Time begin = from_ms(1767600000000);  // 2026-01-05T08:00:00Z
  std::size_t supervisors = 3;          // prov-1, prov-2, ...
  std::size_t later = 0;                // of them the last are no members yet
  std::uint64_t quorum = 2;
  std::uint64_t retention = 5;  // years
  bool agency = false;          // drug-west has that role too
  // A second programme, "kept", like the first but with this retention.
  std::optional<std::uint64_t> kept_retention{};
};

class Consortium {
 public:
  explicit Consortium(const ConsortiumOptions& options = {});

  ConsortiumOptions options;
  ManualClock clock;

  Party root = make_party("root", "root", 1);
  Party enterprise = make_party("yunhe", "yunhe", 2);
  Party east = make_party("drug-east", "drug-east", 3);  // first reviewer
  Party west = make_party("drug-west", "drug-west", 4);
  std::vector<Party> supervisors;
  Party starter = make_party("filler-1", "yunhe", 8);  // start-signal device
  Party fridge = make_party("fridge-1", "yunhe", 9);   // channel t
  Party room = make_party("room-1", "yunhe", 10);      // channels t and h
  Party qa = make_party("qa-1", "yunhe", 11);          // operators
  Party packer = make_party("packer-1", "yunhe", 12);
  Party examiner = make_party("examiner-1", "drug-east", 13);
  Party examiner_west = make_party("examiner-2", "drug-west", 14);
  Party regulator = make_party("regulator-1", "prov-1", 15);
  Party stranger = make_party("stranger", "nobody", 99);  // enrolled nowhere

  // GTIN 06901234567892, published: channel t, 2.00 to 8.00 Cel, a reading at least every 61 s.
  Programme programme;
  // Steps filling (fridge t, by qa), storage (room h, by qa) and packing (fridge and room t, by
  // packer).
  LineFile line;
  Bytes line_bytes;
  Digest line_hash;

  Membership statement;  // statement 0
  Bytes genesis;
  Bytes anchor;
  Digest chain;

  // The i-th supervisor, as a statement lists it.
  Member supervisor(std::size_t i) const;
  // The scalar of the i-th supervisor's key.
  static std::uint8_t supervisor_scalar(std::size_t i);
  static Gtin gtin() { return {"06901234567892"}; }

  // What the enterprise applies with for that lot of the programme: without opening, start and tree of transactions,
  // which the chain takes as they come.
  Application application(std::string lot) const;
  // A start signal of `starter`; each call another one.
  Sealed start_signal();
  // What a receiver answers to `object`.
  Bytes arrival(const Party& by, const Digest& object, Time at, std::uint64_t index = 0) const;

 private:
  void make_line();
  void make_programme();
  void make_genesis();
  std::uint64_t starts_ = 0;
};

}  // namespace lotmark::test
