// What a caller of the REST API may be: the persons of the design, as far as they come over HTTP.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace lotmark::api::access {

enum class AccessRole : std::uint8_t {
  kConsumer,   // anybody: no credentials are asked for
  kCapture,    // an organisation's systems that capture its events
  kReader,     // an organisation's systems that query its events
  kPartner,    // another organisation: what was shared with it
  kRegulator,  // everything, to be looked at
  kAgency,     // a pharmacy, a shop: marks units as used or sold
  kAdmin,      // of an organisation's site: subscriptions, exports, named queries of others
};

// Some of the roles.
class RoleSet {
 public:
  constexpr RoleSet() = default;
  constexpr RoleSet(std::initializer_list<AccessRole> roles) {
    for (const AccessRole role : roles) add(role);
  }
  static constexpr RoleSet all() {
    RoleSet out;
    out.bits_ = (1u << (static_cast<unsigned>(AccessRole::kAdmin) + 1)) - 1;
    return out;
  }
  constexpr void add(AccessRole role) { bits_ |= 1u << static_cast<unsigned>(role); }
  constexpr bool has(AccessRole role) const {
    return (bits_ & (1u << static_cast<unsigned>(role))) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr RoleSet both(RoleSet other) const {  // those in this one and in the other
    RoleSet out;
    out.bits_ = bits_ & other.bits_;
    return out;
  }
  constexpr bool operator==(const RoleSet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

// "capture", as configurations and logs have it.
std::string_view name(AccessRole role);
// The role of that name; nothing for consumer too, which is given to nobody.
std::optional<AccessRole> role_named(std::string_view name);
// Names in the enumeration's order, joined by a blank: "capture reader".
std::string names(RoleSet roles);

// A token's word for a role (RFC 6749 section 3.3): "lotmark:capture", "lotmark:read" and so on. Empty for consumer.
std::string_view scope_of(AccessRole role);
std::optional<AccessRole> role_of_scope(std::string_view word);

// Whose private data a caller with these roles may be shown. Of "own" and "shared" its organisation decides.
struct Sight {
  bool all = false;
  bool own = false;
  bool shared = false;
  bool operator==(const Sight&) const = default;
};
Sight sight_of(RoleSet roles);

}  // namespace lotmark::api::access
