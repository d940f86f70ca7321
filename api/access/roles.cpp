#include "api/access/roles.h"

namespace lotmark::api::access {

namespace {

struct RoleWords {
  AccessRole role;
  std::string_view name;
  std::string_view scope;
};

constexpr RoleWords kRoleWords[] = {
    {AccessRole::kConsumer, "consumer", ""},
    {AccessRole::kCapture, "capture", "lotmark:capture"},
    {AccessRole::kReader, "reader", "lotmark:read"},
    {AccessRole::kPartner, "partner", "lotmark:partner"},
    {AccessRole::kRegulator, "regulator", "lotmark:regulator"},
    {AccessRole::kAgency, "agency", "lotmark:agency"},
    {AccessRole::kAdmin, "admin", "lotmark:admin"},
};

const RoleWords& words_of(AccessRole role) { return kRoleWords[static_cast<std::size_t>(role)]; }

}  // namespace

std::string_view name(AccessRole role) { return words_of(role).name; }

std::optional<AccessRole> role_named(std::string_view name) {
  for (const auto& w : kRoleWords) {
    if (w.name == name && w.role != AccessRole::kConsumer) return w.role;
  }
  return std::nullopt;
}

std::string names(RoleSet roles) {
  std::string out;
  for (const auto& w : kRoleWords) {
    if (!roles.has(w.role)) continue;
    if (!out.empty()) out += ' ';
    out += w.name;
  }
  return out;
}

std::string_view scope_of(AccessRole role) { return words_of(role).scope; }

std::optional<AccessRole> role_of_scope(std::string_view word) {
  for (const auto& w : kRoleWords) {
    if (!w.scope.empty() && w.scope == word) return w.role;
  }
  return std::nullopt;
}

Sight sight_of(RoleSet roles) {
  return {.all = roles.has(AccessRole::kRegulator),
          .own = roles.has(AccessRole::kReader) || roles.has(AccessRole::kAdmin),
          .shared = roles.has(AccessRole::kPartner)};
}

}  // namespace lotmark::api::access
