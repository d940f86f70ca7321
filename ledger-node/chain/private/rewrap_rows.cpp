#include "ledger-node/chain/private/rewrap_rows.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/hex.h"
#include "ledger-node/chain/private/batch_store.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kPartLetters = "wrl";
constexpr std::string_view kNoSegment = "-";

// The text up to the next point, which is taken off.
std::string_view next_field(std::string_view& rest) {
  const auto point = rest.find('.');
  const auto field = rest.substr(0, point);
  rest.remove_prefix(point == std::string_view::npos ? rest.size() : point + 1);
  return field;
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

}  // namespace

std::string RewrapPlace::text() const {
  return fmt::format("{}.{}.{}.{}.{}", kPartLetters[static_cast<std::size_t>(part)], since,
                     to_hex(key), n, segment ? std::to_string(*segment) : std::string(kNoSegment));
}

std::optional<RewrapPlace> RewrapPlace::from(const std::string& text, std::uint64_t now_ms) {
  RewrapPlace p;
  if (text.empty()) {
    p.since = now_ms;
    return p;
  }
  std::string_view rest = text;
  const auto letter = next_field(rest);
  const auto part = letter.size() == 1 ? kPartLetters.find(letter) : std::string_view::npos;
  if (part == std::string_view::npos) return std::nullopt;
  p.part = static_cast<Part>(part);
  if (!read_number(next_field(rest), p.since)) return std::nullopt;
  auto key = from_hex(next_field(rest));
  if (!key) return std::nullopt;
  p.key = *std::move(key);
  if (!read_number(next_field(rest), p.n)) return std::nullopt;
  if (rest == kNoSegment) return p;
  std::uint64_t segment = 0;
  if (!read_number(rest, segment)) return std::nullopt;
  p.segment = segment;
  return p;
}

RewrapPlace SealedRow::behind() const {
  auto p = place;
  p.segment.reset();
  return p;
}

RewrapPlace SealedRow::again_from(std::uint64_t segment) const {
  auto p = place;
  p.segment = segment;
  return p;
}

void RewrapRows::begin(RewrapPlace::Part part) {
  place_ = {part, place_.since, {}, -1, {}};
  if (part == RewrapPlace::Part::kRecords && start_) place_.key = to_bytes(start_->view());
}

Result<std::optional<SealedRow>> RewrapRows::next() {
  if (place_.part == RewrapPlace::Part::kWaiting) {
    LM_ASSIGN(auto row, next_waiting());
    if (row) return row;
    begin(RewrapPlace::Part::kRecords);
  }
  if (place_.part == RewrapPlace::Part::kRecords) {
    LM_ASSIGN(auto row, next_record());
    if (row) return row;
    begin(RewrapPlace::Part::kLate);
  }
  return next_waiting();
}

// `place_` stands at the row's key. A row that cannot be read is met and passed like any.
SealedRow RewrapRows::take(const store::Query& q, int commitment) {
  SealedRow row;
  row.place = place_;
  const auto id = Digest::from(q.blob(commitment));
  row.commitment = id.value_or(Digest{});
  row.bytes = q.blob(commitment + 1).size();
  row.segments = chain::decode_segments(q.blob(commitment + 1));
  if (!id) row.segments = fail(Errc::kCorrupt, "its commitment has the wrong size");
  return row;
}

Result<std::optional<SealedRow>> RewrapRows::next_waiting() {
  const bool late = place_.part == RewrapPlace::Part::kLate;
  LM_ASSIGN(auto q, db_.prepare(fmt::format(
                        "SELECT commitment, commitment, segments FROM waiting WHERE commitment {} "
                        "?{}{} ORDER BY commitment LIMIT 1",
                        place_.segment ? ">=" : ">", start_ ? " AND start = ?2" : "",
                        late ? " AND time >= ?3" : "")));
  q.bind(1, place_.key);
  if (start_) q.bind(2, *start_);
  if (late) q.bind(3, place_.since);
  LM_ASSIGN(const bool there, q.step());
  if (!there) return std::optional<SealedRow>();
  auto key = to_bytes(q.blob(0));
  const auto first = key == place_.key ? place_.segment.value_or(0) : 0;
  place_.key = std::move(key);
  place_.segment.reset();
  auto row = take(q, 1);
  row.first = first;
  return std::optional(std::move(row));
}

Result<std::optional<SealedRow>> RewrapRows::next_record() {
  LM_ASSIGN(auto q,
            db_.prepare(fmt::format(
                "SELECT start, n, commitment, segments FROM record WHERE (start, n) {} (?1, "
                "?2){} ORDER BY start, n LIMIT 1",
                place_.segment ? ">=" : ">", start_ ? " AND start = ?3" : "")));
  q.bind(1, place_.key).bind(2, place_.n);
  if (start_) q.bind(3, *start_);
  LM_ASSIGN(const bool there, q.step());
  if (!there) return std::optional<SealedRow>();
  auto key = to_bytes(q.blob(0));
  const bool same = key == place_.key && q.integer(1) == place_.n;
  const auto first = same ? place_.segment.value_or(0) : 0;
  place_.key = std::move(key);
  place_.n = q.integer(1);
  place_.segment.reset();
  auto row = take(q, 2);
  row.first = first;
  return std::optional(std::move(row));
}

}  // namespace lotmark::node
