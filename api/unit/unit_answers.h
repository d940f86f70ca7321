// The verdict on a lot, and beside it what is known of one of its units: whether its serial is listed, with the proof, what
// was said to have become of it, and whether it is seen in many places (docs/operate/api.md, "One unit").
#pragma once

#include <atomic>

#include "api/access/caller.h"
#include "api/answers.h"
#include "api/sightings/sightings.h"
#include "api/unit/unit_source.h"
#include "core/http/message.h"

namespace lotmark::api {

// Safe to share between threads.
class UnitAnswers {
 public:
  // All outlive it. `source` null: nothing is known of any unit; `sightings` null: none are kept.
  UnitAnswers(Answers& answers, const Clock& clock, UnitSource* source, Sightings* sightings)
      : answers_(answers), clock_(clock), source_(source), sightings_(sightings) {}

  // The verdict never depends on the serial. 404 where it is unknown. Not to be kept by anybody.
  http::Response verify(const http::Request& request, const access::Caller& caller,
                        const UnitKey& unit);

 private:
  enum class ItemState : std::uint8_t { kKnown, kNotListed, kNotCheckable, kNoSerials };
  static std::string_view name(ItemState state);
  struct Item {
    ItemState state = ItemState::kNotCheckable;
    std::optional<std::uint64_t> index;
    std::optional<std::uint64_t> count;
    Bytes proof;  // lotmark/item/1; of kKnown alone
  };
  Result<Item> item_of(const Answer& answer, const UnitKey& unit);
  // At most once a minute: anybody's question leads here.
  void say_items_differ(const UnitKey& unit, std::string_view why);
  bool seen_often(const http::Request& request, const access::Caller& caller, const UnitKey& unit);

  Answers& answers_;
  const Clock& clock_;
  UnitSource* source_;
  Sightings* sightings_;
  std::atomic<std::int64_t> say_again_{0};  // ms of the clock
};

}  // namespace lotmark::api
