// Whether one unit is seen in too many places too fast, as a copied code is. In memory alone, and of nobody: what is kept
// names neither the unit nor who asked (docs/operate/sightings.md, docs/adr/0045).
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "api/unit/unit_key.h"
#include "core/base/bytes.h"
#include "core/base/random.h"

namespace lotmark::api {

struct SightingRules {
  bool enabled = true;
  std::size_t places = 5;             // different ones from which a unit is seen often; 2 to 16
  std::chrono::seconds window{3600};  // that they are seen within; 60 to 86,400
  std::size_t entries =
      1'000'000;  // units remembered, the one seen longest ago goes first; about 200 bytes each
};

// Where a caller is, as coarsely as it counts: the region that a proxy named, else the /24 of an IPv4 address or the /48 of
// an IPv6 one, given as access::Caller::address has it.
std::string sighting_place(std::string_view address, std::string_view region);

// Safe to share between threads. Time is handed in, and is a monotonic one.
class Sightings {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  // For so long a key of the hashes is used; then it is thrown away, and with it all that was seen.
  static constexpr std::chrono::hours kKeyLife{24};

  // Makes the keys; a test gives ones of which it knows what has the same hash.
  using MakeKey = std::function<Digest()>;

  explicit Sightings(const SightingRules& rules, MakeKey make_key = random_fixed<Digest>)
      : rules_(rules), make_key_(std::move(make_key)) {}

  // The unit was shown to somebody at this place. Whether it is seen often, this time among the others. Never where it is
  // not enabled.
  bool see(const UnitKey& unit, std::string_view place, Instant now);
  // The same without a sighting.
  bool is_often(const UnitKey& unit, Instant now);

  struct Counts {
    std::uint64_t seen = 0;       // calls of see
    std::uint64_t often = 0;      // of them, answered with true
    std::uint64_t forgotten = 0;  // units, for want of room
    std::size_t units = 0;        // remembered
  };
  Counts counts() const;
  // Of these, for Prometheus; empty where it is not enabled.
  std::string metrics_text() const;

 private:
  using UnitHash = Fixed<16, struct SightedUnitTag>;
  // Twelve bits of a hash: of the sixteen million networks of IPv4 some four thousand have the same one, and it is another
  // one for each unit. Two places of one unit count as one by chance, once in 4,096.
  using PlaceHash = std::uint16_t;
  struct Seen {
    PlaceHash place = 0;
    Instant at;
  };
  struct Sighted {
    UnitHash unit;
    std::vector<Seen>
        places;  // each place once, when it was last seen; newest last, at most rules.places
  };

  UnitHash hash_of(const UnitKey& unit) const;
  PlaceHash hash_of(const UnitHash& unit, std::string_view place) const;
  // Says what time it is: `now`, or the newest that came before. Calls wait for each other, so that a time comes out of
  // order; the list is by time.
  Instant let_go(Instant now);
  bool is_often(Sighted& sighted, Instant now) const;

  const SightingRules rules_;
  const MakeKey make_key_;
  mutable std::mutex mutex_;
  Digest key_;
  Instant key_made_{};
  bool has_key_ = false;
  Instant newest_{};
  std::list<Sighted> units_;  // the newest first
  std::unordered_map<UnitHash, std::list<Sighted>::iterator> by_unit_;
  Counts counts_;
};

}  // namespace lotmark::api
