// The rules that join tables of a consortium's description.
#include <fmt/format.h>

#include <map>
#include <set>

#include "cli/ca/description.h"

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
  for (const auto& b : plan.brokers) add(b.host, b.port, b.line);
  for (const auto& a : plan.apis) add(a.host, a.port, a.line);
  // Members on other machines may use one control port; on one machine (all 127.0.0.1) they may
  // not.
  const bool one_machine = std::all_of(plan.members.begin(), plan.members.end(),
                                       [](const auto& m) { return m.host == "127.0.0.1"; });
  if (!one_machine) return;
  once(uses, "port", faults, [](const Use& u) { return u.at; });
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
  check_ports(plan, faults);
  if (plan.consortium_broker() == nullptr) {
    faults.add(0, "brokers", "one must say consortium = true: reviewers hear start signals there");
  }
  for (const auto& a : plan.apis) {
    if (plan.member(a.member) == nullptr) {
      faults.add(a.line, "apis.member", "no member \"" + a.member + "\"");
    }
  }
}

}  // namespace lotmark::cli
