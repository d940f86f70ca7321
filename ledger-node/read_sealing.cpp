#include "ledger-node/read_sealing.h"

#include "core/base/clock.h"
#include "core/wire/values.h"
#include "ledger-node/chain/private/reader_file.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kReadersMax = 64;
constexpr std::size_t kRewrappersMax = 64;

// A time as docs/format writes it, or a day, which is meant to its end.
std::optional<std::uint64_t> read_until(const std::string& text) {
  if (text.size() != 10) {
    const auto t = from_iso(text);
    return t && to_ms(*t) > 0 ? std::optional(unix_ms(*t)) : std::nullopt;
  }
  Expiry day;
  for (const char c : text) {
    if (c == '-') continue;
    if (c < '0' || c > '9') return std::nullopt;
    day.yyyymmdd = day.yyyymmdd * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return valid(day) ? std::optional(unix_ms(expired_from(day))) : std::nullopt;
}

void read_audience(Reading& r, const toml::table& t, SealingReaderEntry& entry) {
  const auto* n = t.get("segments");
  if (n == nullptr) return;
  entry.partner = entry.regulator = false;
  const auto take = [&](const toml::node& word) {
    const auto text = word.value_exact<std::string>();
    if (text == "partner") entry.partner = true;
    else if (text == "regulator") entry.regulator = true;
    else r.fault(&word, "sealing.readers.segments", "must be \"partner\", \"regulator\" or both");
  };
  const auto* list = n->as_array();
  if (list == nullptr) return take(*n);
  for (const auto& word : *list) take(word);
  if (list->empty()) r.fault(n, "sealing.readers.segments", "must name one");
}

void read_reader(Reading& r, const toml::table& t, SealingConfig& c) {
  SealingReaderEntry entry;
  Section s(r, &t, "sealing.readers");
  s.text("name", entry.name, true);
  std::string named;
  s.text("key", named, true);
  if (!named.empty()) {
    const auto key = chain::read_reader_key(named, r.path("."));
    if (key) entry.key = key->point;
    else r.fault(t.get("key"), "sealing.readers.key", key.error().message());
  }
  if (t.contains("member")) {
    KeyId kid{};
    s.kid("member", kid);
    entry.member = kid;
  }
  s.known("segments");
  read_audience(r, t, entry);
  std::string until;
  s.text("until", until);
  if (!until.empty()) entry.until = read_until(until);
  if (!until.empty() && !entry.until)
    r.fault(t.get("until"), "sealing.readers.until",
            "must be a day or a time: \"2028-12-31\" or \"2028-12-31T12:00:00.000Z\"");
  c.readers.push_back(std::move(entry));
}

}  // namespace

void read_sealing(Reading& r, const toml::node* section, std::optional<SealingConfig>& out) {
  if (section == nullptr) return;
  const auto* table = section->as_table();
  if (table == nullptr) return r.fault(section, "sealing", "must be a table");
  SealingConfig c;
  Section s(r, table, "sealing");
  s.file("key", c.key, true);
  s.known("readers");
  s.texts("rewrappers", c.rewrappers);
  if (c.rewrappers.size() > kRewrappersMax)
    r.fault(table->get("rewrappers"), "sealing.rewrappers",
            fmt::format("must name at most {} operators", kRewrappersMax));
  if (const auto* readers = table->get("readers"); readers != nullptr) {
    const auto* list = readers->as_array();
    if (list == nullptr || list->size() > kReadersMax) {
      r.fault(readers, "sealing.readers",
              fmt::format("must be at most {} [[sealing.readers]] tables", kReadersMax));
      list = nullptr;
    }
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
      const toml::node& entry = (*list)[i];
      if (entry.is_table()) read_reader(r, *entry.as_table(), c);
      else r.fault(&entry, "sealing.readers", "must be a table");
    }
  }
  out = std::move(c);
}

std::string print_sealing(const SealingConfig& c) {
  std::string out = fmt::format("\n[sealing]\nkey = \"{}\"\n", c.key.string());
  if (!c.rewrappers.empty())
    out += fmt::format("rewrappers = [\"{}\"]\n", fmt::join(c.rewrappers, "\", \""));
  for (const auto& e : c.readers) {
    const std::string segments = e.partner && e.regulator ? "\"partner\", \"regulator\""
                                 : e.partner              ? "\"partner\""
                                                          : "\"regulator\"";
    out += fmt::format("\n[[sealing.readers]]\nname = \"{}\"\nkey = \"{}\"\nsegments = [{}]\n",
                       e.name, to_hex(e.key), segments);
    if (e.member) out += fmt::format("member = \"{}\"\n", to_hex(*e.member));
    if (e.until)
      out += fmt::format("until = \"{}\"\n", to_iso(from_ms(static_cast<std::int64_t>(*e.until))));
  }
  return out;
}

}  // namespace lotmark::node
