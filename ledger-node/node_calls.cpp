// Who may call a node, and which of its engines answers.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/capture/capture_desk.h"
#include "ledger-node/chain/public/archived.h"
#include "ledger-node/chain/public/revocations.h"
#include "ledger-node/marks/mark_desk.h"
#include "ledger-node/node_core.h"
#include "ledger-node/peer/access.h"
#include "ledger-node/standby/copies.h"
#include "ledger-node/subscribe/subscription_desk.h"

namespace lotmark::node {

namespace {

// Whose work a control route is; null for those that any node serves, or none (docs/operate/peer.md).
std::optional<Role> role_that_serves(const std::string& part) {
  struct Served {
    const char* part;
    Role role;
  };
  static constexpr Served kServed[] = {{"accesses", Role::kKeeping},
                                       {"approvals", Role::kSupervising},
                                       {"batches", Role::kKeeping},
                                       {"captures", Role::kKeeping},
                                       {"commands", Role::kKeeping},
                                       {"cuts", Role::kSupervising},
                                       {"delegations", Role::kSupervising},
                                       {"holds", Role::kSupervising},
                                       {"marks", Role::kAgency},
                                       {"queries", Role::kKeeping},
                                       {"reviews", Role::kReviewing},
                                       {"rewraps", Role::kKeeping},
                                       {"second-reviews", Role::kReviewing},
                                       {"statements", Role::kSupervising},
                                       {"withdrawals", Role::kSupervising}};
  for (const auto& s : kServed) {
    if (part == s.part) return s.role;
  }
  return std::nullopt;
}

}  // namespace

Reply NodeCore::peer(const Call& call, Time now) {
  const std::lock_guard guard(lock_);
  const auto refuse = [&](const Error& e) {
    count(fmt::format("lotmark_peer_refused_total{{error=\"{}\"}}", name(e.code)));
    if (e.code == Errc::kNotReady) {  // whose chain is a block ahead asks too early all the time
      log::debug("peer.not_ready",
                 {{"method", call.method}, {"path", call.path}, {"error", e.message()}});
    } else {
      log::warn("peer.refused",
                {{"method", call.method}, {"path", call.path}, {"error", e.message()}});
    }
    return reply_error(e);
  };
  auto route = parse_route(call.path);
  if (!route) return refuse(route.error());
  auto token = gate_->read(call);
  if (!token) return refuse(token.error());
  const Member* from = chain_->member(token->kid);
  const bool standby = from == nullptr && copies_ != nullptr;
  if (standby) from = copies_->find(token->kid);
  if (from == nullptr && replica_ != nullptr && is_public(call, *route)) {
    static const Member kNobody{};
    for (const auto& e : engines_) {
      if (auto reply = e->peer(*route, call, kNobody, now)) return *reply;
    }
  }
  if (from == nullptr) return refuse(fail(Errc::kDenied, "the token's signer is no member"));
  const Status may = standby ? standby_may_call(call, *route) : may_call(call, *route, *from);
  if (!may) return refuse(may.error());
  if (Status ok = gate_->admit(*token, call, from->public_key, now); !ok) return refuse(ok.error());
  for (const auto& e : engines_) {
    if (auto reply = e->peer(*route, call, *from, now)) {
      share_with_intake();
      if (reply->error) return refuse(*reply->error);
      return *reply;
    }
  }
  return refuse(fail(Errc::kNotFound, "this node does not serve " + call.path));
}

Reply NodeCore::control(const Call& call, Time now) {
  std::unique_lock guard(lock_);
  const auto refuse = [&](const Error& e) {
    count(fmt::format("lotmark_control_refused_total{{error=\"{}\"}}", name(e.code)));
    log::warn("control.refused",
              {{"method", call.method}, {"path", call.path}, {"error", e.message()}});
    return reply_error(e);
  };
  auto route = parse_route(call.path);
  if (!route) return refuse(route.error());
  auto token = gate_->read(call);
  if (!token) return refuse(token.error());
  chain::Enrolled own{signer_->public_key(),
                      kid(),
                      EnrolmentKind::kOperator,
                      config_.name,
                      config_.organisation,
                      kid(),
                      0};
  const chain::Enrolled* from = token->kid == kid() ? &own : chain_->enrolled(token->kid);
  if (from == nullptr || from->kind != EnrolmentKind::kOperator ||
      from->organisation != config_.organisation) {
    return refuse(
        fail(Errc::kDenied, "only operators of " + config_.organisation + " may do that"));
  }
  if (Status ok = gate_->admit(*token, call, from->key, now); !ok) return refuse(ok.error());
  if (Status ok = chain::not_revoked(*chain_, from->kid, chain_->statements().newest()); !ok)
    return refuse(ok.error());
  if (Status ok = may_control(call, *route, *from); !ok) return refuse(ok.error());
  if (capture_ && CaptureDesk::serves(call, *route)) {  // many events: nobody waits for them
    const KeyId by = from->kid;
    guard.unlock();
    return capture_->control(call, *route, by, now);
  }
  if (subscriptions_ && SubscriptionDesk::is_subscription(*route)) {
    guard.unlock();
    return subscriptions_->control(call, *route, now);
  }
  if (marks_ && MarkDesk::serves(call, *route)) {
    const KeyId by = from->kid;
    guard.unlock();
    return marks_->control(call, *route, by, now);
  }
  if (config_.standby &&
      (CaptureDesk::serves(call, *route) || SubscriptionDesk::is_subscription(*route))) {
    return refuse(fail(Errc::kNotReady,
                       "this is a standby: what is captured, queries and the access log, without "
                       "which nothing private is answered, are kept by the node it copies"));
  }
  Reply reply = admitted_control(call, *route, *from, now);
  if (reply.error) return refuse(*reply.error);
  if (!enterprise_ || !is_rewrap(call, *route)) return reply;
  const std::uint64_t moved = copies_ != nullptr ? copies_->top() : 0;
  guard.unlock();
  return rewrapped(std::move(reply), moved);
}

Status NodeCore::may_control(const Call& call, const Route& route,
                             const chain::Enrolled& from) const {
  const auto& named = config_.control_operators;
  if (!named || from.kid == kid() || std::ranges::find(*named, from.name) != named->end())
    return {};
  if (call.method == "POST" && MarkDesk::serves(call, route)) return {};
  return fail(Errc::kDenied, "[control] operators of this node does not name " + from.name +
                                 ": it may bring marks of use, and nothing else");
}

Reply NodeCore::admitted_control(const Call& call, const Route& route, const chain::Enrolled& from,
                                 Time now) {
  const auto& p = route.parts;
  if (p.size() < 3 || p[0] != "control" || p[1] != "v1")
    return reply_error(fail(Errc::kNotFound, "no such route"));
  if (call.method == "GET" && p.size() == 3 && p[2] == "status") return reply_json(status_json());
  if (call.method == "GET" && p.size() == 3 && p[2] == "blocks") return blocks_json(route);
  if (call.method == "GET" && p.size() == 5 && p[2] == "receipts") {
    auto lot = chain_->find_lot(Gtin{p[3]}, LotNumber{p[4]});
    if (!lot) return reply_error(lot.error());
    if (!*lot) {
      auto cut = chain::archived_proof(*chain_, Gtin{p[3]}, LotNumber{p[4]});
      if (!cut) return reply_error(cut.error());
      if (*cut) return reply_cbor(**std::move(cut));
      return reply_error(fail(Errc::kNotFound, "no released lot " + p[4] + " of " + p[3]));
    }
    auto receipt = chain_->receipt((*lot)->block);
    return receipt ? reply_cbor(std::move(*receipt)) : reply_error(receipt.error());
  }
  for (const auto& e : engines_) {
    if (auto reply = e->control(route, call, from, now)) return *reply;
  }
  std::string why = "this node's roles do not serve " + call.path;
  const auto role = role_that_serves(p[2]);
  if (role && !has(*role)) why += ": a node with the role " + std::string(name(*role)) + " does";
  return reply_error(fail(Errc::kNotFound, why));
}

}  // namespace lotmark::node
