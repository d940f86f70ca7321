// What of a consortium's description names something else of it.
#include "cli/ca/description.h"

namespace lotmark::cli {

namespace {

template <class List>
auto* find_named(List& list, std::string_view name) {
  auto it = std::find_if(list.begin(), list.end(), [&](const auto& x) { return x.name == name; });
  return it == list.end() ? nullptr : &*it;
}

}  // namespace

const MemberPlan* ConsortiumPlan::member(std::string_view name) const {
  return find_named(members, name);
}
const NatsServerPlan* NatsPlan::server(std::string_view name) const {
  return find_named(servers, name);
}
bool ConsortiumPlan::nats_brokers() const {
  return std::any_of(brokers.begin(), brokers.end(), [](const auto& b) { return !b.nats.empty(); });
}
const MemberPlan* ConsortiumPlan::keeper_of(const ApiPlan& api) const {
  const MemberPlan* m = member(api.member);
  return m != nullptr && m->has(Role::kKeeping) ? m : nullptr;
}
const LinePlan* ConsortiumPlan::line(std::string_view name) const {
  return find_named(lines, name);
}

const EnrolledPlan* ConsortiumPlan::enrolled_name(std::string_view organisation,
                                                  std::string_view name) const {
  for (const auto& e : enrolled) {
    if (e.organisation == organisation && e.name == name) return &e;
  }
  return nullptr;
}

const BrokerPlan* ConsortiumPlan::broker_of(std::string_view organisation) const {
  for (const auto& b : brokers) {
    for (const auto& o : b.organisations) {
      if (o == organisation) return &b;
    }
  }
  return nullptr;
}

const BrokerPlan* ConsortiumPlan::consortium_broker() const {
  for (const auto& b : brokers) {
    if (b.consortium) return &b;
  }
  return nullptr;
}

}  // namespace lotmark::cli
