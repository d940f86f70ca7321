#include "core/wire/values.h"

#include "core/wire/enums.h"
#include "core/wire/limits.h"

namespace lotmark {

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool all_digits(std::string_view s) {
  for (char c : s) {
    if (!is_digit(c)) return false;
  }
  return true;
}

bool valid(const Gtin& g) {
  if (g.text.size() != 14 || !all_digits(g.text)) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 13; ++i) sum += (g.text[i] - '0') * (i % 2 == 0 ? 3 : 1);
  return (10 - sum % 10) % 10 == g.text[13] - '0';
}

bool valid_prefix(std::string_view p) { return p.size() >= 4 && p.size() <= 12 && all_digits(p); }

bool covers(std::string_view prefix, const Gtin& g) {
  return g.text.size() == 14 && std::string_view(g.text).substr(1).starts_with(prefix);
}

static bool in_set82(char c) {
  if (c >= 'A' && c <= 'Z') return true;
  if (c >= 'a' && c <= 'z') return true;
  if (is_digit(c)) return true;
  return c == 0x21 || c == 0x22 || (c >= 0x25 && c <= 0x2f) || (c >= 0x3a && c <= 0x3f) ||
         c == 0x5f;
}

bool valid(const LotNumber& l) {
  if (l.text.empty() || l.text.size() > 20) return false;
  for (char c : l.text) {
    if (!in_set82(c)) return false;
  }
  return true;
}

static std::chrono::year_month_day day_of(const Expiry& e) {
  return {std::chrono::year{static_cast<int>(e.yyyymmdd / 10000)},
          std::chrono::month{static_cast<unsigned>(e.yyyymmdd / 100 % 100)},
          std::chrono::day{static_cast<unsigned>(e.yyyymmdd % 100)}};
}

bool valid(const Expiry& e) {
  return e.yyyymmdd >= 20000101 && e.yyyymmdd <= 99991231 && day_of(e).ok();
}

Time expired_from(const Expiry& e) {
  return Time{std::chrono::sys_days{day_of(e)} + std::chrono::days{1}};
}

bool valid(const Exponent& e) { return e.value >= -18 && e.value <= 18; }

std::string to_decimal(std::int64_t value, std::int64_t exp) {
  const bool negative = value < 0;
  std::string digits = std::to_string(negative ? -value : value);
  if (exp >= 0) {
    if (value != 0) digits.append(static_cast<std::size_t>(exp), '0');
  } else {
    const auto places = static_cast<std::size_t>(-exp);
    if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
    digits.insert(digits.size() - places, ".");
  }
  return negative ? "-" + digits : digits;
}

bool from_decimal(std::string_view text, std::int64_t exp, std::int64_t& out) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::int64_t power = 0;  // of ten, of the last digit taken
  if (const auto e = text.find_first_of("eE"); e != std::string_view::npos) {
    std::string_view p = text.substr(e + 1);
    const bool minus = !p.empty() && p.front() == '-';
    if (!p.empty() && (p.front() == '-' || p.front() == '+')) p.remove_prefix(1);
    if (p.empty() || p.size() > 3 || !all_digits(p)) return false;
    for (char c : p) power = power * 10 + (c - '0');
    if (minus) power = -power;
    text = text.substr(0, e);
  }
  std::int64_t value = 0;
  bool digits = false;
  bool point = false;
  std::int64_t zeros = 0;  // zeros put off, so that 2.500 keeps fitting exp -1
  const auto push = [&](int d) {
    if (value > (limits::kIntMax - d) / 10) return false;
    value = value * 10 + d;
    return true;
  };
  for (char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (!is_digit(c)) return false;
    digits = true;
    if (point) --power;
    if (c == '0') {
      ++zeros;
      continue;
    }
    for (; zeros > 0; --zeros) {
      if (!push(0)) return false;
    }
    if (!push(c - '0')) return false;
  }
  if (!digits) return false;
  power += zeros;
  if (value != 0) {
    if (power < exp || power - exp > 16) return false;
    for (; power > exp; --power) {
      if (!push(0)) return false;
    }
  }
  out = negative ? -value : value;
  return true;
}

// The words of the enumerations: tables, in the order of their numbers.
template <class E, std::size_t N>
static std::string_view word(E v, const char* const (&words)[N]) {
  static_assert(N == static_cast<std::size_t>(kEnumCount<E>));
  const auto i = static_cast<std::size_t>(v);
  return i < N ? words[i] : "unknown";
}

std::string_view name(ClockState v) {
  return word(v, {"synchronised", "free-running", "unset", "recorded"});
}
std::string_view name(ChannelKind v) { return word(v, {"quantity", "epc", "image"}); }
std::string_view name(GapReason v) {
  return word(v, {"not-a-number", "sensor-lost", "power", "outbox-full", "receiver-lost",
                  "clock-set", "maintenance", "key-change"});
}
std::string_view name(CommandKind v) {
  return word(v, {"seal-now", "resend", "check", "diag", "reload"});
}
std::string_view name(RecordKind v) {
  return word(v, {"step", "decoy", "release", "correction", "handover", "period"});
}
std::string_view name(Audience v) { return word(v, {"public", "partner", "regulator"}); }
std::string_view name(BlockKind v) {
  return word(v, {"lot", "membership", "period", "revocation", "recall", "cut", "refusal", "term"});
}
std::string_view name(LogKind v) { return word(v, {"intake", "received"}); }
std::string_view name(EnrolmentKind v) { return word(v, {"device", "start", "operator"}); }
std::string_view name(Role v) { return word(v, {"keeping", "reviewing", "supervising", "agency"}); }
std::string_view name(Decision v) { return word(v, {"release", "refuse"}); }
std::string_view name(OrderKind v) { return word(v, {"crash", "byzantine"}); }
std::string_view name(EvidenceKind v) {
  return word(v, {"block-fork", "vote-inconsistent", "transaction-fork", "bundle-fork",
                  "promise-unmet", "turn-fork"});
}
std::string_view name(RevokedReason v) { return word(v, {"lost", "compromised", "retired"}); }
std::string_view name(VerdictKind v) {
  return word(v, {"released", "not-final", "refused", "recalled", "expired", "archived",
                  "superseded", "unknown", "tampered"});
}

}  // namespace lotmark
