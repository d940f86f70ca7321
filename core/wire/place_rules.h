// Rules of single places, as the range column of docs/format states them. Included by schema.h only.
#pragma once

#include <set>
#include <type_traits>

#include "core/wire/event_proof.h"
#include "core/wire/receipt.h"

namespace lotmark::schema {

// Of a number; of a text's or bstr's length in bytes; of a list's count, which is checked before its elements.
struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = UINT64_MAX;
  Errc error = Errc::kFieldRange;
  constexpr Errc check(std::uint64_t n) const { return n >= min && n <= max ? Errc::kOk : error; }
};

template <class T>
inline constexpr bool kIsList = false;
template <class T>
inline constexpr bool kIsList<std::vector<T>> = !std::is_same_v<T, Bytes::value_type>;

// The value's own range; of lists that was checked before.
inline Errc in_range(std::uint64_t v, const Range& r) { return r.check(v); }
inline Errc in_range(const std::string& v, const Range& r) { return r.check(v.size()); }
inline Errc in_range(const Bytes& v, const Range& r) { return r.check(v.size()); }
template <class T>
Errc in_range(const T& /*value*/, const Range& /*range*/) {
  return Errc::kOk;
}
template <class T>
Errc in_range(const std::optional<T>& v, const Range& r) {
  return v ? in_range(*v, r) : Errc::kOk;
}

// A rule over one whole place, after its elements; null if there is none.
template <class F>
using Rule = Errc (*)(const std::type_identity_t<F>&);

// Neighbouring pairs from the front: equal is a duplicate, falling a wrong order.
template <class List, class Key>
Errc ascending_by(const List& list, Key key) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (key(list[i]) == key(list[i - 1])) return Errc::kListDuplicate;
    if (key(list[i]) < key(list[i - 1])) return Errc::kListOrder;
  }
  return Errc::kOk;
}
template <class T>
Errc ascending(const std::vector<T>& list) {
  return ascending_by(list, [](const T& x) { return x; });
}
inline Errc ascending_kids(const std::vector<Member>& list) {
  return ascending_by(list, [](const Member& m) { return m.kid; });
}
inline Errc ascending_ids(const std::vector<Programme>& list) {
  return ascending_by(list, [](const Programme& p) { return std::string_view(p.id); });
}
inline Errc ascending_index(const std::vector<DisclosedSegment>& list) {
  return ascending_by(list, [](const DisclosedSegment& s) { return s.index; });
}
inline Errc ascending_prefixes(const std::vector<EventPrefix>& list) {
  return ascending_by(list, [](const EventPrefix& p) { return as_text(p.prefix); });
}

template <class List, class Key>
Errc distinct_by(const List& list, Key key) {
  std::set<std::decay_t<decltype(key(list[0]))>> seen;
  for (const auto& x : list) {
    if (!seen.insert(key(x)).second) return Errc::kListDuplicate;
  }
  return Errc::kOk;
}
inline Errc distinct(const std::vector<KeyId>& list) {
  return distinct_by(list, [](const KeyId& k) { return k; });
}
inline Errc distinct_ids(const std::vector<Digest>& list) {
  return distinct_by(list, [](const Digest& d) { return d; });
}
inline Errc distinct_labels(const std::vector<LineStep>& list) {
  return distinct_by(list, [](const LineStep& s) { return s.label; });
}

inline Errc in_order(const std::vector<DeclaredGap>& list) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i].from < list[i - 1].from) return Errc::kTimeOrder;
  }
  return Errc::kOk;
}
inline Errc never_falling(const std::vector<std::uint64_t>& list) {
  for (std::size_t i = 1; i < list.size(); ++i) {
    if (list[i] < list[i - 1]) return Errc::kTimeOrder;
  }
  return Errc::kOk;
}
inline Errc prefixes(const std::vector<std::string>& list) {
  for (const auto& p : list) {
    if (!valid_prefix(p)) return Errc::kFieldRange;
  }
  return Errc::kOk;
}
inline Errc gtins(const std::vector<std::string>& list) {
  for (const auto& g : list) {
    if (!valid(Gtin{g})) return Errc::kGtin;
  }
  return Errc::kOk;
}
inline Errc serial_number(const std::string& s) {
  return valid(LotNumber{s}) ? Errc::kOk : Errc::kFieldRange;
}
inline Errc ascending_serials(const std::vector<std::string>& list) {
  for (const auto& s : list) {
    if (!valid(LotNumber{s})) return Errc::kFieldRange;
  }
  return ascending(list);
}
inline Errc serial_if_any(const std::optional<std::string>& s) {
  return !s || valid(LotNumber{*s}) ? Errc::kOk : Errc::kFieldRange;
}
// A checkpoint or items root is of one entry at least.
inline Errc not_empty(const std::optional<Checkpoint>& c) {
  return !c || c->size >= 1 ? Errc::kOk : Errc::kFieldRange;
}
inline Errc finding_code(const std::uint64_t& code) {
  return (code >= 1 && code <= 16) || (code >= 100 && code <= 103) ? Errc::kOk : Errc::kEnumUnknown;
}
inline Errc upper_case(const std::string& text) {
  for (const char c : text) {
    if (c >= 'a' && c <= 'z') return Errc::kFieldRange;
  }
  return Errc::kOk;
}

}  // namespace lotmark::schema
