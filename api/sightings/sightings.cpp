#include "api/sightings/sightings.h"

#include <fmt/format.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "core/base/assert.h"

namespace lotmark::api {

namespace {

// HMAC-SHA-256 over texts, each with its length before it, so that no two lists of texts have the same bytes.
Digest keyed_hash(const Digest& key, std::initializer_list<std::string_view> texts) {
  Bytes message;
  for (const auto text : texts) {
    const auto size = static_cast<std::uint32_t>(text.size());
    for (int shift = 24; shift >= 0; shift -= 8)
      message.push_back(static_cast<std::uint8_t>(size >> shift));
    message.insert(message.end(), text.begin(), text.end());
  }
  Digest out;
  unsigned size = 0;
  const auto* done = HMAC(EVP_sha256(), key.data(), Digest::kSize, message.data(), message.size(),
                          out.data(), &size);
  LM_ASSERT(done != nullptr && size == Digest::kSize);
  return out;
}

// "2001:db8:17" of "2001:db8:17:4::/64": what is left out between two colons is zero.
std::string first_groups(std::string_view address, std::size_t count) {
  std::string out;
  std::string_view rest = address.substr(0, address.find('/'));
  for (std::size_t n = 0; n < count; ++n) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto group = rest.substr(0, end);
    if (n > 0) out += ':';
    out += group.empty() ? "0" : group;
    if (!group.empty()) rest.remove_prefix(std::min(end + 1, rest.size()));
    else rest = {};  // "::": zeros to the end, as far as a /64 is asked for
  }
  return out;
}

}  // namespace

std::string sighting_place(std::string_view address, std::string_view region) {
  if (!region.empty()) return "region " + std::string(region);
  if (address.find(':') != std::string_view::npos)
    return "network " + first_groups(address, 3) + "::/48";
  return "network " + std::string(address.substr(0, address.rfind('.'))) + ".0/24";
}

Sightings::UnitHash Sightings::hash_of(const UnitKey& unit) const {
  const Digest whole = keyed_hash(key_, {"unit", unit.gtin.text, unit.lot.text, unit.serial});
  return *UnitHash::from(whole.view().first(UnitHash::kSize));
}

Sightings::PlaceHash Sightings::hash_of(const UnitHash& unit, std::string_view place) const {
  const Digest whole = keyed_hash(key_, {"place", as_text(unit.view()), place});
  return static_cast<PlaceHash>(((whole.bytes[0] << 8) | whole.bytes[1]) & 0xfff);
}

// What is older than the window says nothing any more; an old key's hashes neither.
Sightings::Instant Sightings::let_go(Instant now) {
  now = newest_ = std::max(newest_, now);
  if (!has_key_ || now - key_made_ >= kKeyLife) {
    units_.clear();
    by_unit_.clear();
    key_ = make_key_();
    key_made_ = now;
    has_key_ = true;
  }
  const auto is_old = [&](const Sighted& s) {
    return s.places.empty() || now - s.places.back().at >= rules_.window;
  };
  while (!units_.empty() && is_old(units_.back())) {
    by_unit_.erase(units_.back().unit);
    units_.pop_back();
  }
  return now;
}

bool Sightings::is_often(Sighted& sighted, Instant now) const {
  std::erase_if(sighted.places, [&](const Seen& s) { return now - s.at >= rules_.window; });
  return sighted.places.size() >= rules_.places;
}

bool Sightings::see(const UnitKey& unit, std::string_view place, Instant now) {
  if (!rules_.enabled) return false;
  const std::lock_guard lock(mutex_);
  now = let_go(now);
  ++counts_.seen;
  const UnitHash key = hash_of(unit);
  const PlaceHash where = hash_of(key, place);
  if (const auto known = by_unit_.find(key); known != by_unit_.end()) {
    units_.splice(units_.begin(), units_, known->second);
  } else {
    if (units_.size() >= rules_.entries) {
      by_unit_.erase(units_.back().unit);
      units_.pop_back();
      ++counts_.forgotten;
    }
    units_.push_front({key, {}});
    by_unit_.emplace(key, units_.begin());
  }
  auto& places = units_.front().places;
  std::erase_if(places, [&](const Seen& s) { return s.place == where; });
  if (places.size() >= rules_.places) places.erase(places.begin());
  places.push_back({where, now});
  const bool often = is_often(units_.front(), now);
  if (often) ++counts_.often;
  return often;
}

bool Sightings::is_often(const UnitKey& unit, Instant now) {
  if (!rules_.enabled) return false;
  const std::lock_guard lock(mutex_);
  now = let_go(now);
  const auto known = by_unit_.find(hash_of(unit));
  return known != by_unit_.end() && is_often(*known->second, now);
}

Sightings::Counts Sightings::counts() const {
  const std::lock_guard lock(mutex_);
  Counts out = counts_;
  out.units = units_.size();
  return out;
}

std::string Sightings::metrics_text() const {
  if (!rules_.enabled) return {};
  const Counts c = counts();
  return fmt::format(
      "lotmark_api_sightings_total {}\nlotmark_api_sightings_often_total {}\n"
      "lotmark_api_sighted_units_forgotten_total {}\nlotmark_api_sighted_units {}\n",
      c.seen, c.often, c.forgotten, c.units);
}

}  // namespace lotmark::api
