#include "cli/ca/access.h"

#include <algorithm>

namespace lotmark::cli {

namespace {

void add_once(std::vector<std::string>& list, const std::string& topic) {
  if (std::find(list.begin(), list.end(), topic) == list.end()) list.push_back(topic);
}

void allow_device(BrokerUser& user, const std::string& organisation, const std::string& name,
                  bool start) {
  const std::string topic = "lotmark/v1/" + organisation + "/" + name + "/";
  for (const char* kind : {"bundle", "start", "state"}) {
    if (start && std::string_view(kind) == "bundle") continue;
    add_once(user.writes, topic + kind);
  }
  for (const char* kind : {"ack", "command"}) add_once(user.reads, topic + kind);
}

bool connects(const BrokerPlan& broker, const std::string& organisation) {
  return std::find(broker.organisations.begin(), broker.organisations.end(), organisation) !=
         broker.organisations.end();
}

// A device that connects here: to its organisation's broker for itself and for the devices behind it, and to the
// consortium's if it carries start signals.
BrokerUser device_user(const BrokerPlan& broker, const EnrolledPlan& e,
                       const ConsortiumPlan& plan) {
  BrokerUser user{e.organisation + "/" + e.name, {}, {}};
  const bool own = connects(broker, e.organisation);
  if (own || (broker.consortium && e.kind == EnrolmentKind::kStart)) {
    allow_device(user, e.organisation, e.name, e.kind == EnrolmentKind::kStart);
  }
  for (const auto& s : plan.enrolled) {
    const bool start = s.kind == EnrolmentKind::kStart;
    const bool carried = s.gateway == e.name && s.organisation == e.organisation;
    if (carried && (own || (start && broker.consortium))) {
      allow_device(user, s.organisation, s.name, start);
    }
  }
  return user;
}

BrokerUser member_user(const BrokerPlan& broker, const MemberPlan& m) {
  BrokerUser user{m.organisation + "/" + m.name, {}, {}};
  if (m.has(Role::kKeeping) && connects(broker, m.organisation)) {
    const std::string devices = "lotmark/v1/" + m.organisation + "/+/";
    for (const char* kind : {"bundle", "start", "state"}) add_once(user.reads, devices + kind);
    for (const char* kind : {"ack", "command"}) add_once(user.writes, devices + kind);
  }
  if (m.has(Role::kReviewing) && broker.consortium) {
    add_once(user.reads, "lotmark/v1/+/+/start");
    add_once(user.writes, "lotmark/v1/+/+/ack");
  }
  return user;
}

}  // namespace

std::vector<BrokerUser> broker_users(const BrokerPlan& broker, const ConsortiumPlan& plan) {
  std::vector<BrokerUser> users;
  for (const auto& e : plan.enrolled) {
    if (e.kind == EnrolmentKind::kOperator || !e.gateway.empty()) continue;
    users.push_back(device_user(broker, e, plan));
  }
  for (const auto& m : plan.members) users.push_back(member_user(broker, m));
  std::erase_if(users, [](const auto& u) { return u.writes.empty() && u.reads.empty(); });
  return users;
}

std::vector<BrokerUser> nats_device_users(const ConsortiumPlan& plan) {
  std::vector<BrokerUser> all;
  for (const auto& b : plan.brokers) {
    if (b.nats.empty()) continue;
    for (auto& user : broker_users(b, plan)) {
      auto same =
          std::find_if(all.begin(), all.end(), [&](const auto& u) { return u.name == user.name; });
      if (same == all.end()) {
        all.push_back(std::move(user));
        continue;
      }
      for (const auto& topic : user.writes) add_once(same->writes, topic);
      for (const auto& topic : user.reads) add_once(same->reads, topic);
    }
  }
  return all;
}

}  // namespace lotmark::cli
