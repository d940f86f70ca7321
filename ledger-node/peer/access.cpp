#include "ledger-node/peer/access.h"

#include <algorithm>

namespace lotmark::node {

namespace {

constexpr unsigned bit(Role r) { return 1u << static_cast<unsigned>(r); }
constexpr unsigned kKeepers = bit(Role::kKeeping);
constexpr unsigned kReviewers = bit(Role::kReviewing);
constexpr unsigned kSupervisors = bit(Role::kSupervising);
constexpr unsigned kMembers = kKeepers | kReviewers | kSupervisors | bit(Role::kAgency);

struct Row {
  std::string_view method;
  std::string_view resource;  // the part after /peer/v1/
  std::size_t parts;          // of the whole path
  unsigned roles;
};

constexpr Row kTable[] = {
    {"GET", "blocks", 3, kMembers},         {"GET", "votes", 3, kMembers},
    {"GET", "membership", 3, kMembers},     {"GET", "evidence", 3, kMembers},
    {"GET", "disclosures", 3, kMembers},    {"POST", "votes", 3, kSupervisors},
    {"GET", "turns", 3, kSupervisors},      {"POST", "turns", 3, kSupervisors},
    {"POST", "flags", 3, kSupervisors},     {"POST", "approvals", 3, kSupervisors},
    {"POST", "holds", 3, kSupervisors},     {"POST", "statements", 3, kSupervisors},
    {"GET", "statements", 3, kSupervisors}, {"GET", "archives", 3, kMembers},
    {"GET", "archives", 4, kMembers},       {"GET", "cuts", 3, kMembers},
    {"GET", "state", 3, kMembers},          {"GET", "leaves", 3, kMembers},
    {"GET", "kept", 3, kMembers},           {"GET", "tombstones", 3, kMembers},
    {"POST", "openings", 3, kKeepers},      {"POST", "transactions", 3, kKeepers},
    {"POST", "applications", 3, kKeepers},  {"POST", "releases", 3, kReviewers | kSupervisors},
    {"POST", "revocations", 3, kMembers},   {"POST", "recalls", 3, kSupervisors},
    {"GET", "transactions", 3, kKeepers},   {"POST", "enrolments", 3, kMembers},
    {"POST", "events", 3, kMembers},        {"POST", "heads", 3, kKeepers | kReviewers},
    {"POST", "disclosures", 3, kKeepers},   {"POST", "rates", 3, kReviewers | kSupervisors},
    {"GET", "batches", 5, kReviewers},      {"GET", "bundles", 4, kReviewers},
};

}  // namespace

Status standby_may_call(const Call& call, const Route& route) {
  if (call.method == "GET" && route.parts.size() == 3 && route.parts[0] == "peer" &&
      route.parts[1] == "v1") {
    for (const std::string_view what : {"blocks", "votes", "membership", "copy"}) {
      if (route.parts[2] == what) return {};
    }
  }
  return fail(Errc::kDenied, "a standby may not call " + call.method + " " + call.path);
}

bool is_public(const Call& call, const Route& route) {
  if (call.method != "GET" || route.parts.size() != 3 || route.parts[0] != "peer") return false;
  constexpr std::string_view kPublic[] = {"blocks", "votes",  "membership", "cuts",
                                          "state",  "leaves", "kept",       "tombstones"};
  return route.parts[1] == "v1" && std::ranges::find(kPublic, route.parts[2]) != std::end(kPublic);
}

Status may_call(const Call& call, const Route& route, const Member& member) {
  if (route.parts.size() < 3 || route.parts[0] != "peer" || route.parts[1] != "v1") {
    return fail(Errc::kNotFound, "no such route");
  }
  for (const auto& row : kTable) {
    if (row.method != call.method || row.resource != route.parts[2] ||
        row.parts != route.parts.size())
      continue;
    for (Role r : member.roles) {
      if ((row.roles & bit(r)) != 0) return {};
    }
    return fail(Errc::kDenied,
                member.organisation + " may not call " + call.method + " " + call.path);
  }
  return fail(Errc::kNotFound, "no such route");
}

}  // namespace lotmark::node
