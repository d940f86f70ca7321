// Which fields an EPCIS 2.0 event has and in which order they stand in the string that is hashed (CBV 2.0, canonical
// property order). Where the standard's table and its reference implementation (epcis-event-hash-generator 5d2f1c3)
// differ, the hashes that the latter gives are followed: certificationInfo comes before parentID and that before
// epcList; the lists of business transactions, sources and destinations and the ilmd stand behind the sensors, sorted
// as whole strings with the user extensions; and a type stands before what it is the type of.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace lotmark::epcis {

// What a value is and how it becomes text.
enum class Content : std::uint8_t {
  kText,      // canonical_text
  kVerbatim,  // a text, only trimmed
  kWord,      // a standard value, bare words behind `space`
  kTime,      // xsd:dateTimeStamp, as UTC
  kNumber,
  kBoolean,
  kObject,  // with `fields`, then its extensions
};

// How many of them a property may have.
enum class Count : std::uint8_t {
  kOne,
  kSome,      // one value or a list of them, each with the name in front
  kRepeated,  // a list, each with the name in front
  kList,      // a list: its name once, then each with `item` in front
};

// A property of an event or of a part of one, and how it is written.
struct Field {
  std::string_view name;
  Content content = Content::kText;
  Count count = Count::kOne;
  std::string_view item = {};
  std::string_view space = {};
  std::span<const Field> fields = {};
};

// Of events of every type, in order.
std::span<const Field> event_fields();
// Those that are sorted, as whole strings, together with the event's user extensions behind the others.
std::span<const Field> event_end_fields();
// Whether the hash leaves this property of an event out: what a repository adds (recordTime, eventID), what is said
// about the event later (errorDeclaration), and what stands elsewhere (type, @context).
bool left_out_of_hash(std::string_view name);

}  // namespace lotmark::epcis
