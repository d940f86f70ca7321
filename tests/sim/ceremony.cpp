#include "tests/sim/ceremony.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "ledger-node/peer/token.h"

namespace lotmark::sim {

namespace {
constexpr Millis kStep{500};
}

void Ceremony::begin(std::string what, Change change, Refused refused) {
  cluster_.journal.say("operators want to " + what);
  wanted_.push_back({std::move(what), std::move(change), refused, {}});
  if (std::exchange(running_, true)) return;
  cluster_.timeline.after(kStep, [this] { step(); });
}

void Ceremony::no_more() {
  std::erase_if(wanted_, [](const Wanted& w) { return !w.draft; });
}

SimNode* Ceremony::furthest() {
  SimNode* best = nullptr;
  for (auto& n : cluster_.nodes()) {
    if (!n.up() || !cluster_.supervises(n)) continue;
    const auto size = [](const SimNode& x) { return x.core->chain().final_size(); };
    if (best == nullptr || size(n) > size(*best)) best = &n;
  }
  return best;
}

std::optional<node::Reply> Ceremony::ask(SimNode& n, const char* method, const char* path,
                                         Bytes body) {
  const auto& signer = *cluster_.consortium.supervisors[n.index].signer;
  node::Call call{method, path, std::move(body), {}};
  const Time now = cluster_.clock_of(n);
  auto token =
      node::make_authorization(signer, cluster_.consortium.chain, cluster_.kid(n), call, now);
  LM_ASSERT(token);
  call.authorization = *std::move(token);
  return cluster_.operate(n, call);
}

bool Ceremony::approve(SimNode& n) {
  const auto& newest = n.core->chain().statements().newest();
  const Member* self = newest.find(cluster_.kid(n));
  const bool votes = self != nullptr && self->has(Role::kSupervising);
  const Wanted& w = wanted_.front();
  if (!votes || newest.epoch + 1 != w.draft->epoch) return true;
  const auto reply = ask(n, "POST", "/control/v1/approvals", proof::draft_of(*w.draft));
  if (!reply || reply->status != 409 || w.refused == Refused::kAskAgain) return true;
  cluster_.journal.say(fmt::format("{}: {} refuses", w.what, n.name));
  wanted_.pop_front();
  return false;
}

void Ceremony::delegate_to_who_stays() {
  for (auto& n : cluster_.nodes()) {
    const Member* m = wanted_.front().draft->find(cluster_.kid(n));
    if (m != nullptr && n.up() && cluster_.supervises(n)) return cluster_.delegate(n);
  }
}

// What the operators at one node do next.
void Ceremony::place(SimNode& n) {
  const Membership& draft = *wanted_.front().draft;
  const auto status = ask(n, "GET", "/control/v1/statements", {});
  if (!status || !status->ok()) return;
  const auto j = nlohmann::json::parse(status->body);
  if (j["hold"].is_null()) {
    const nlohmann::json hold{{"change", to_hex(proof::change_of(draft))}, {"seconds", 600}};
    const auto reply = ask(n, "POST", "/control/v1/holds", to_bytes(as_bytes(hold.dump())));
    const bool who_orders_goes = reply && reply->status == 409;
    if (who_orders_goes && delegates_ && !cluster_.delegating()) delegate_to_who_stays();
    return;
  }
  if (!j["place"].is_object()) return;
  const std::uint64_t first = j["place"]["first"];
  const auto root = fixed_from_hex<Digest>(j["place"]["root"].get<std::string>());
  if (!root || signed_for_ == first) return;
  signed_for_ = first;
  cluster_.timeline.after(root_takes_, [this, &n, draft, first, root = *root] {
    signed_for_ = 0;
    if (!n.up()) return;
    const auto& c = cluster_.consortium;
    proof::PartlySigned s;
    s.payload = proof::placed_payload(draft, first, root);
    auto sealed = seal_statement_signature(s.payload, *c.root.signer, &c.chain);
    LM_ASSERT(sealed);
    s.signatures[c.root.kid()] = sealed->bytes;
    cluster_.journal.say(fmt::format("the root key signs epoch {} for block {}, submitted to {}",
                                     draft.epoch, first, n.name));
    (void)ask(n, "POST", "/control/v1/statements", proof::encode_partly_signed(s));
  });
}

// The next draft, once the statement before is final. Whether one may be approved now.
bool Ceremony::draw_up(const SimNode& best) {
  const auto& chain = best.core->chain();
  const Membership& newest = chain.statements().newest();
  Wanted& w = wanted_.front();
  const bool settled = newest.epoch == 0 || chain.is_final(newest.first);
  if (!w.draft && settled) {
    w.draft = newest;
    ++w.draft->epoch;
    w.draft->enrolments.clear();
    w.change(*w.draft);
    std::ranges::sort(w.draft->members, {}, &Member::kid);
  }
  if (w.draft && newest.epoch >= w.draft->epoch && settled) {
    cluster_.journal.say(fmt::format("{}: done, epoch {}", w.what, newest.epoch));
    wanted_.pop_front();
    return false;
  }
  return w.draft && newest.epoch + 1 == w.draft->epoch;
}

void Ceremony::step() {
  SimNode* best = furthest();
  if (best != nullptr && !wanted_.empty() && draw_up(*best)) {
    bool wanted = true;
    for (auto& n : cluster_.nodes()) wanted = wanted && (!n.up() || approve(n));
    if (wanted && best->up()) place(*best);
  }
  running_ = !wanted_.empty();
  if (running_) cluster_.timeline.after(kStep, [this] { step(); });
}

}  // namespace lotmark::sim
