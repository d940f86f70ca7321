// The rules that join tables of a consortium's description.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/ca/description.h"
#include "cli/ca/nats.h"

namespace lotmark::cli {

namespace {

struct NamedLine {
  std::string name;
  unsigned line;
};

template <class List, class KeyOf>
void once(const List& list, const char* what, Faults& faults, KeyOf key_of) {
  std::map<std::string, unsigned> seen;
  for (const auto& x : list) {
    const auto [it, fresh] = seen.emplace(key_of(x), x.line);
    if (fresh || it->first.empty()) continue;
    faults.add(x.line, what,
               "\"" + it->first + "\" stands on line " + std::to_string(it->second) + " already");
  }
}

void check_members(const ConsortiumPlan& plan, Faults& faults) {
  std::uint64_t supervising = 0;
  for (const auto& m : plan.members) {
    supervising += m.has(Role::kSupervising) ? 1 : 0;
    for (const auto& id : m.reviews) {
      const bool known = std::any_of(plan.programmes.begin(), plan.programmes.end(),
                                     [&](const auto& p) { return p.body.id == id; });
      if (!known) faults.add(m.line, "members.reviews", "no programme \"" + id + "\"");
    }
    if (m.has(Role::kKeeping) && plan.broker_of(m.organisation) == nullptr) {
      faults.add(m.line, "members.organisation", "no broker names \"" + m.organisation + "\"");
    }
  }
  if (supervising == 0) {
    faults.add(0, "members", "at least one must be supervising");
  } else if (plan.quorum > supervising || 2 * plan.quorum <= supervising) {
    faults.add(0, "quorum",
               std::to_string(plan.quorum) + " of " + std::to_string(supervising) +
                   " supervising members: must be more than half, and no more than all");
  }
  const bool byzantine =
      std::any_of(plan.programmes.begin(), plan.programmes.end(),
                  [](const auto& p) { return p.body.order == OrderKind::kByzantine; });
  if (byzantine && 3 * plan.quorum <= 2 * supervising) {
    faults.add(0, "quorum", "order = \"byzantine\" needs more than two thirds");
  }
  const MemberPlan* primary = plan.member(plan.primary);
  if (!plan.primary.empty() && (primary == nullptr || !primary->has(Role::kSupervising))) {
    faults.add(0, "primary", "\"" + plan.primary + "\" is no supervising member");
  }
}

void check_step(const ConsortiumPlan& plan, const LinePlan& line, const StepPlan& step,
                Faults& faults) {
  const std::string where = "lines." + line.name + "." + step.label;
  const auto* author = plan.enrolled_name(line.organisation, step.author);
  if (author == nullptr || author->kind != EnrolmentKind::kOperator) {
    faults.add(line.line, where,
               "author \"" + step.author + "\" is no operator of " + line.organisation);
  }
  for (const auto& name : step.devices) {
    const auto* device = plan.enrolled_name(line.organisation, name);
    if (device == nullptr || device->kind != EnrolmentKind::kDevice) {
      faults.add(line.line, where, "\"" + name + "\" is no device of " + line.organisation);
      continue;
    }
    if (device->invite) {
      faults.add(line.line, where, "device \"" + name + "\" has no key yet (invite = true)");
      continue;
    }
    for (const auto& channel : step.channels) {
      const bool has = std::any_of(device->channels.begin(), device->channels.end(),
                                   [&](const auto& c) { return c.name == channel; });
      if (!has)
        faults.add(line.line, where, fmt::format("device {} has no channel \"{}\"", name, channel));
    }
  }
}

void check_lines(const ConsortiumPlan& plan, Faults& faults) {
  for (const auto& line : plan.lines) {
    std::set<std::string> labels;
    for (const auto& step : line.steps) {
      check_step(plan, line, step, faults);
      if (!labels.insert(step.label).second) {
        faults.add(line.line, "lines." + line.name, "step \"" + step.label + "\" stands twice");
      }
    }
  }
  for (const auto& p : plan.programmes) {
    for (const auto& name : p.lines) {
      const LinePlan* line = plan.line(name);
      if (line == nullptr) {
        faults.add(p.line, "programmes.lines", "no line \"" + name + "\"");
      } else if (line->steps.size() > p.body.count) {
        faults.add(p.line, "programmes.count", "line " + name + " has more steps than the count");
      }
    }
  }
}

void check_enrolled(const ConsortiumPlan& plan, Faults& faults) {
  for (const auto& e : plan.enrolled) {
    if (e.kind == EnrolmentKind::kOperator) continue;
    if (plan.broker_of(e.organisation) == nullptr) {
      faults.add(e.line, "devices.organisation", "no broker names \"" + e.organisation + "\"");
    }
    if (e.gateway.empty()) continue;
    const auto* gateway = plan.enrolled_name(e.organisation, e.gateway);
    if (gateway == nullptr || gateway->kind != EnrolmentKind::kDevice || gateway == &e) {
      faults.add(e.line, "devices.gateway",
                 "\"" + e.gateway + "\" is no other device of " + e.organisation);
    }
  }
}

void check_brokers(const ConsortiumPlan& plan, Faults& faults) {
  std::map<std::string, std::string> held;  // organisation to broker
  for (const auto& b : plan.brokers) {
    for (const auto& name : b.organisations) {
      const auto [it, fresh] = held.emplace(name, b.name);
      if (!fresh)
        faults.add(b.line, "brokers.organisations",
                   "\"" + name + "\" has " + it->second + " already");
      const auto of = [&](const auto& x) { return x.organisation == name; };
      if (std::ranges::none_of(plan.members, of) && std::ranges::none_of(plan.enrolled, of))
        faults.add(b.line, "brokers.organisations", "no member or device is of \"" + name + "\"");
    }
  }
}

void check_ports(const ConsortiumPlan& plan, Faults& faults) {
  struct Use {
    std::string at;
    unsigned line;
  };
  std::vector<Use> uses;
  auto add = [&](const std::string& host, std::uint64_t port, unsigned line) {
    if (port != 0) uses.push_back({host + ":" + std::to_string(port), line});
  };
  for (const auto& m : plan.members) {
    add(m.host, m.peer_port, m.line);
    add("127.0.0.1", m.control_port, m.line);
  }
  for (const auto& b : plan.brokers) {
    if (b.nats.empty()) add(b.host, b.port, b.line);
  }
  for (const auto& s : plan.nats.servers) {
    for (const auto port : {s.client_port, s.cluster_port, s.mqtt_port}) add(s.host, port, s.line);
    add("127.0.0.1", s.monitor_port, s.line);
  }
  for (const auto& a : plan.apis) add(a.host, a.port, a.line);
  // Members on other machines may use one control port; on one machine (all 127.0.0.1) they may
  // not.
  const bool one_machine = std::all_of(plan.members.begin(), plan.members.end(),
                                       [](const auto& m) { return m.host == "127.0.0.1"; });
  if (!one_machine) return;
  once(uses, "port", faults, [](const Use& u) { return u.at; });
}

void check_nats_server(const ConsortiumPlan& plan, const NatsServerPlan& s, Faults& faults) {
  const bool supervises = std::any_of(plan.members.begin(), plan.members.end(), [&](const auto& m) {
    return m.organisation == s.organisation && m.has(Role::kSupervising);
  });
  if (!supervises) {
    faults.add(s.line, "nats.servers.organisation",
               "\"" + s.organisation + "\" has no supervising member");
  }
  if (plan.nats.servers.size() > 1 && s.cluster_port == 0) {
    faults.add(s.line, "nats.servers.cluster_port", "is missing: there are other servers");
  }
}

// A name that means something else on a NATS server: nobody's certificate may say it.
void check_nats_names(const ConsortiumPlan& plan, Faults& faults) {
  const auto check = [&](const std::string& organisation, unsigned line) {
    for (const char* taken : {kNatsServer, kNatsRoute, kNatsAdmin, kNatsSystem}) {
      if (organisation != taken) continue;
      faults.add(line, "organisation", "\"" + organisation + "\" is a name of the NATS servers");
    }
  };
  for (const auto& m : plan.members) check(m.organisation, m.line);
  for (const auto& e : plan.enrolled) check(e.organisation, e.line);
}

void check_nats(const ConsortiumPlan& plan, Faults& faults) {
  const NatsPlan& nats = plan.nats;
  for (const auto& b : plan.brokers) {
    if (b.nats.empty()) continue;
    const NatsServerPlan* server = nats.server(b.nats);
    if (server == nullptr) {
      faults.add(b.line, "brokers.nats", "no server \"" + b.nats + "\" in [[nats.servers]]");
    } else if (server->mqtt_port == 0) {
      faults.add(b.line, "brokers.nats", "server " + b.nats + " has no mqtt_port");
    }
  }
  if (nats.servers.empty()) {
    if (plan.jetstream()) faults.add(0, "ordering", "jetstream needs [[nats.servers]]");
    return;
  }
  if (!plan.jetstream() && !plan.nats_brokers()) {
    faults.add(nats.line, "nats", "nothing uses it: no ordering = \"jetstream\", no broker");
  }
  const std::uint64_t count = nats.servers.size();
  if (count == 2)
    faults.add(nats.line, "nats.servers", "two cannot go on without one: 1, 3 or more");
  if ((nats.replicas != 1 && nats.replicas != 3 && nats.replicas != 5) || nats.replicas > count) {
    faults.add(nats.line, "nats.replicas", "must be 1, 3 or 5, and no more than the servers");
  }
  if (nats.store_mb < 64 || nats.store_mb > 16777216) {
    faults.add(nats.line, "nats.store_mb", "must be 64 to 16777216");
  }
  once(nats.servers, "nats.servers.name", faults, [](const auto& s) { return s.name; });
  for (const auto& s : nats.servers) check_nats_server(plan, s, faults);
  check_nats_names(plan, faults);
}

}  // namespace

void check_consortium(const ConsortiumPlan& plan, Faults& faults) {
  // A name is a folder's name, and with the organisation a certificate's: nothing may share it.
  std::vector<NamedLine> named;
  named.reserve(plan.members.size() + plan.enrolled.size());
  for (const auto& m : plan.members) named.push_back({m.name, m.line});
  for (const auto& e : plan.enrolled) named.push_back({e.name, e.line});
  once(named, "name", faults, [](const auto& n) { return n.name; });
  once(plan.lines, "lines.name", faults, [](const auto& l) { return l.name; });
  once(plan.programmes, "programmes.id", faults, [](const auto& p) { return p.body.id; });
  once(plan.brokers, "brokers.name", faults, [](const auto& b) { return b.name; });
  once(plan.apis, "apis.name", faults, [](const auto& a) { return a.name; });
  check_members(plan, faults);
  check_lines(plan, faults);
  check_enrolled(plan, faults);
  check_brokers(plan, faults);
  check_ports(plan, faults);
  check_nats(plan, faults);
  if (plan.consortium_broker() == nullptr) {
    faults.add(0, "brokers", "one must say consortium = true: reviewers hear start signals there");
  }
  for (const auto& a : plan.apis) {
    if (plan.member(a.member) == nullptr) {
      faults.add(a.line, "apis.member", "no member \"" + a.member + "\"");
    } else if (a.key && plan.keeper_of(a) == nullptr) {
      faults.add(a.line, "apis.public_key", "is for an API at a keeping member");
    }
  }
}

}  // namespace lotmark::cli
