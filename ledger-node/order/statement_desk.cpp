#include "ledger-node/order/statement_desk.h"

#include <algorithm>
#include <charconv>

#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/crypto/sha256.h"

namespace lotmark::node {

namespace {

constexpr std::size_t kDrafts = 8;  // of one member
constexpr std::uint64_t kHoldMax = 3600;
constexpr std::uint64_t kClockSkewMs = 120'000;
constexpr Millis kApprovalsAgain{10'000};
constexpr Millis kHoldAgain{1000};
constexpr Millis kStatementAgain{500};
// A statement that members do not sign holds up the order no longer than this.
constexpr Millis kStatementWait{20'000};

Reply empty_or_error(const Status& done) {
  return done ? reply_cbor(encode_list({})) : reply_error(done.error());
}

Result<std::uint64_t> number_from(ByteView text) {
  std::uint64_t n = 0;
  const auto* begin = reinterpret_cast<const char*>(text.data());
  const auto [end, ec] = std::from_chars(begin, begin + text.size(), n);
  if (ec != std::errc() || end != begin + text.size()) return Errc::kFieldType;
  return n;
}

}  // namespace

Result<std::unique_ptr<StatementDesk>> StatementDesk::open(const std::filesystem::path& file,
                                                           chain::PublicChain& chain,
                                                           const Signer& signer, bool delegated) {
  LM_ASSIGN(auto store, StatementStore::open(file));
  std::unique_ptr<StatementDesk> desk(
      new StatementDesk(std::move(store), chain, signer, delegated));
  LM_TRY(desk->load());
  return desk;
}

Status StatementDesk::load() {
  LM_ASSIGN(approvals_, store_.approvals());
  LM_ASSIGN(hold_, store_.hold());
  LM_ASSIGN(auto object, store_.statement());
  if (!object) return {};
  auto read = proof::read_partly_signed(*object, held());
  if (read) statement_ = *std::move(read);
  return {};
}

bool StatementDesk::supervises(const KeyId& kid) const {
  const Member* m = chain_.member(kid);
  return m != nullptr && m->has(Role::kSupervising);
}

// The genesis alone is never voted on.
bool StatementDesk::all_final() const {
  return chain_.size() == 1 || chain_.final_size() == chain_.size();
}

// ---- drafts --------------------------------------------------------------------------------------

Result<Digest> StatementDesk::approve(ByteView draft) {
  LM_ASSIGN(auto next, proof::read_draft(draft, held()));
  const Approval a{proof::change_of(next), signer_.kid(), to_bytes(draft)};
  if (approved_by(a.change, a.by)) return a.change;
  const auto own =
      std::ranges::count_if(approvals_, [&](const Approval& x) { return x.by == a.by; });
  if (own >= static_cast<std::ptrdiff_t>(kDrafts))
    return fail(Errc::kConflict, "this member approved 8 drafts already: withdraw one");
  LM_TRY(store_.approve(a));
  approvals_.push_back(a);
  for (auto& [kid, line] : lines_) line.approvals_due = {};
  log::info("statement.approved", {{"change", short_hex(a.change)}, {"epoch", next.epoch}});
  return a.change;
}

// All that member approves: what is not among them any more was withdrawn.
Status StatementDesk::take_approvals(ByteView body, const KeyId& from) {
  LM_ASSIGN(auto drafts, decode_list(body, kDrafts));
  std::vector<Approval> theirs;
  for (auto& d : drafts) {
    LM_ASSIGN(auto next, proof::read_draft(d, held()));
    theirs.push_back({proof::change_of(next), from, std::move(d)});
  }
  for (const auto& a : approvals_) {
    const auto same = [&](const Approval& x) { return x.change == a.change; };
    if (a.by == from && std::ranges::none_of(theirs, same)) LM_TRY(store_.withdraw(a.change, from));
  }
  for (const auto& a : theirs) {
    if (!approved_by(a.change, from)) LM_TRY(store_.approve(a));
  }
  LM_ASSIGN(approvals_, store_.approvals());
  return {};
}

const Approval* StatementDesk::draft(const Digest& change) const {
  const auto it = std::ranges::find(approvals_, change, &Approval::change);
  return it == approvals_.end() ? nullptr : &*it;
}

bool StatementDesk::approved_by(const Digest& change, const KeyId& kid) const {
  return std::ranges::any_of(approvals_,
                             [&](const Approval& a) { return a.change == change && a.by == kid; });
}

std::uint64_t StatementDesk::approvals_of(const Digest& change) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      approvals_, [&](const Approval& a) { return a.change == change && supervises(a.by); }));
}

// ---- the hold ------------------------------------------------------------------------------------

std::optional<Hold> StatementDesk::in_force(Time now) const {
  if (!hold_ || unix_ms(now) >= hold_->until) return std::nullopt;
  // The role came to a member that the change removes: the order goes on until operators, who are told so when they ask
  // for a hold again, delegate it.
  if (delegated_ && !keeps_holder(hold_->change)) return std::nullopt;
  const Approval* a = draft(hold_->change);
  if (a == nullptr || approvals_of(hold_->change) < held().newest().quorum) return std::nullopt;
  return proof::read_draft(a->draft, held()) ? hold_ : std::nullopt;
}

// Whether who orders now may order the statement too: its signer supervises in the epoch it begins.
bool StatementDesk::keeps_holder(const Digest& change) const {
  const KeyId* holder = chain_.holder();
  const Approval* a = draft(change);
  if (holder == nullptr || a == nullptr) return true;
  const auto next = decode<Membership>(a->draft);
  const Member* m = next ? next->find(*holder) : nullptr;
  return m != nullptr && m->has(Role::kSupervising);
}

bool StatementDesk::holds(Time now) const {
  if (at_place() && now < statement_until_) return true;
  const auto hold = in_force(now);
  return hold && keeps_holder(hold->change);
}

bool StatementDesk::must_hand_over(Time now) const {
  const auto hold = in_force(now);
  return hold && !delegated_ && !keeps_holder(hold->change);
}

Status StatementDesk::ask_hold(const Digest& change, std::uint64_t seconds, Time now) {
  if (seconds < 1 || seconds > kHoldMax)
    return fail(Errc::kUsage, "seconds: 1 to " + std::to_string(kHoldMax));
  if (draft(change) == nullptr)
    return fail(Errc::kNotFound, "no member approved that change, as far as this node knows");
  const std::uint64_t have = approvals_of(change);
  const std::uint64_t need = held().newest().quorum;
  if (have < need) {
    return fail(Errc::kNotReady, std::to_string(have) + " of " + std::to_string(need) +
                                     " members that are needed approved it");
  }
  if (delegated_ && !keeps_holder(change)) {
    return fail(Errc::kConflict,
                "the change removes who orders now: make another node the primary "
                "first, by lotmark supervise delegate");
  }
  hold_ = Hold{change, unix_ms(now) + seconds * 1000};
  holder_root_.reset();
  for (auto& [kid, line] : lines_) line.hold_due = {};
  log::info("statement.hold", {{"change", short_hex(change)}, {"seconds", seconds}});
  return store_.set_hold(hold_);
}

// A peer's; the later one counts. Answered with the root, where this node orders and stands still.
Result<Reply> StatementDesk::take_hold(ByteView body, Time now) {
  LM_ASSIGN(auto list, decode_list(body, 2));
  if (list.size() != 2 || list[0].size() != sizeof(Digest::bytes)) return Errc::kFieldType;
  Hold hold;
  std::copy(list[0].begin(), list[0].end(), hold.change.bytes.begin());
  LM_ASSIGN(hold.until, number_from(list[1]));
  if (hold.until > unix_ms(now) + kHoldMax * 1000 + kClockSkewMs) return Errc::kFieldRange;
  if (draft(hold.change) == nullptr) return fail(Errc::kNotReady, "no such draft here yet");
  if (hold.until > unix_ms(now) && (!hold_ || hold.until > hold_->until)) {
    LM_TRY(store_.set_hold(hold));
    hold_ = hold;
    holder_root_.reset();
  }
  if (!still_ || hold_ != hold) return reply_cbor(encode_list({}));
  return reply_cbor(encode_list({to_bytes(chain_.root().view())}));
}

std::optional<StatementDesk::Place> StatementDesk::place(Time now) const {
  if (!in_force(now) || !all_final()) return std::nullopt;
  if (!still_ && holder_root_ != chain_.root()) return std::nullopt;
  return Place{chain_.size(), chain_.root()};
}

// ---- the statement -------------------------------------------------------------------------------

bool StatementDesk::at_place() const {
  return statement_ && statement_->body.epoch == held().newest().epoch + 1 &&
         statement_->body.first == chain_.size() && statement_->body.root == chain_.root() &&
         all_final();
}

Status StatementDesk::take_statement(ByteView object, Time now) {
  LM_ASSIGN(auto s, proof::read_partly_signed(object, held()));
  if (!s.by_root) return fail(Errc::kStatementSigner, "the root key has not signed it");
  LM_TRY(proof::safe_step(held().newest(), s.body));
  if (s.body.first < chain_.size()) {
    return fail(Errc::kStatementFirst,
                "another block took its place " + std::to_string(s.body.first) +
                    ": ask for a place anew; members' approvals stand, the root key signs again");
  }
  if (statement_ && statement_->payload == s.payload) {
    for (auto& [kid, bytes] : s.signatures) {
      if (statement_->signatures.emplace(kid, bytes).second) ++statement_->members;
    }
    return {};
  }
  LM_TRY(store_.set_statement(to_bytes(object)));
  statement_ = std::move(s);
  statement_until_ = now + kStatementWait;
  for (auto& [kid, line] : lines_) line.statement_due = {};
  log::info("statement.taken",
            {{"epoch", statement_->body.epoch}, {"first", statement_->body.first}});
  return {};
}

// A member signs what its operators approved, at the place where its own final chain ends.
Result<Bytes> StatementDesk::own_signature() const {
  if (!statement_) return fail(Errc::kNotFound, "no statement waits here");
  if (!supervises(signer_.kid()))
    return fail(Errc::kStatementSigner, "this node does not supervise");
  if (!at_place())
    return fail(Errc::kNotReady, "this node's final chain does not end at its place");
  if (!approved_by(proof::change_of(statement_->body), signer_.kid()))
    return fail(Errc::kDenied, "this node's operators did not approve it");
  LM_ASSIGN(auto sealed,
            seal_statement_signature(statement_->payload, signer_, &chain_.chain_id()));
  return std::move(sealed.bytes);
}

void StatementDesk::gathered(const Reply& reply) {
  if (!statement_ || !reply.ok()) return;
  const auto list = decode_list(reply.body, 1);
  if (!list || list->empty()) return;
  proof::PartlySigned more = *statement_;
  const auto label = peek(list->front());
  if (!label || !more.signatures.emplace(label->kid, list->front()).second) return;
  auto checked = proof::read_partly_signed(proof::encode_partly_signed(more), held());
  if (checked) statement_ = *std::move(checked);
}

// What the chain has settled is forgotten once it is final; a statement whose place is taken, at once.
void StatementDesk::sign_and_tidy(Time now) {
  const Membership& newest = held().newest();
  const bool settled = std::ranges::any_of(approvals_, [&](const Approval& a) {
    const auto m = decode<Membership>(a.draft);
    return !m || m->epoch <= newest.epoch;
  });
  if (settled && chain_.is_final(newest.first)) {
    if (store_.forget_all()) {
      approvals_.clear();
      hold_.reset();
      statement_.reset();
    }
  }
  if (statement_ && statement_->body.first < chain_.size() &&
      statement_->body.epoch > newest.epoch) {
    log::warn("statement.overtaken", {{"first", statement_->body.first}, {"size", chain_.size()}});
    if (store_.set_statement({})) statement_.reset();
  }
  if (!at_place() || now >= statement_until_ || statement_->signatures.contains(signer_.kid()))
    return;
  auto own = own_signature();
  const std::string why = own ? std::string() : own.error().message();
  if (!why.empty() && why != why_not_) log::warn("statement.not_signed", {{"error", why}});
  why_not_ = why;
  if (!own) return;
  statement_->signatures[signer_.kid()] = *std::move(own);
  ++statement_->members;
}

std::optional<Bytes> StatementDesk::next(Time now) const {
  if (!at_place() || now >= statement_until_) return std::nullopt;
  if (statement_->members < held().newest().quorum) return std::nullopt;
  Bytes object = proof::encode_partly_signed(*statement_);
  proof::Statements grown = held();
  if (Status fits = grown.append(object); !fits) {
    log::error("statement.refused", {{"error", fits.error().message()}});
    return std::nullopt;
  }
  return object;
}

// ---- to and from others --------------------------------------------------------------------------

void StatementDesk::tell(const KeyId& to, Line& line, Time now, std::vector<Outgoing>& out) {
  const KeyId* holder = chain_.holder();
  std::vector<Bytes> own;
  for (const auto& a : approvals_) {
    if (a.by == signer_.kid()) own.push_back(a.draft);
  }
  if (now >= line.approvals_due && !approvals_.empty()) {
    line.approvals_due = now + kApprovalsAgain;
    out.push_back({to, "POST", "/peer/v1/approvals", encode_list(own), [this, to](const Reply& r) {
                     if (!r.ok()) lines_[to].approvals_due -= kApprovalsAgain - kHoldAgain;
                   }});
  }
  if (hold_ && unix_ms(now) < hold_->until && now >= line.hold_due) {
    line.hold_due = now + kHoldAgain;
    const std::string until = std::to_string(hold_->until);
    out.push_back({to, "POST", "/peer/v1/holds",
                   encode_list({to_bytes(hold_->change.view()), to_bytes(as_bytes(until))}),
                   [this, from_holder = holder != nullptr && *holder == to](const Reply& r) {
                     const auto list = r.ok() ? decode_list(r.body, 1) : Errc::kNetwork;
                     if (!from_holder || !list) return;
                     holder_root_.reset();
                     if (list->empty() || list->front().size() != sizeof(Digest::bytes)) return;
                     std::ranges::copy(list->front(), holder_root_.emplace().bytes.begin());
                   }});
  }
  if (statement_ && now < statement_until_ && now >= line.statement_due &&
      !statement_->signatures.contains(to)) {
    line.statement_due = now + kStatementAgain;
    out.push_back({to, "POST", "/peer/v1/statements",
                   encode_list({proof::encode_partly_signed(*statement_)}),
                   [this](const Reply& r) { gathered(r); }});
  }
}

std::vector<Outgoing> StatementDesk::tick(Time now) {
  std::vector<Outgoing> out;
  if (approvals_.empty() && !hold_ && !statement_) return out;
  if (statement_ && statement_until_ == Time{})  // since before a restart
    statement_until_ = now + kStatementWait;
  sign_and_tidy(now);
  for (const auto& m : held().newest().members) {
    if (m.has(Role::kSupervising) && m.kid != signer_.kid()) tell(m.kid, lines_[m.kid], now, out);
  }
  return out;
}

std::optional<Reply> StatementDesk::peer(const Route& route, const Call& call, const Member& from,
                                         Time now) {
  const std::string& what = route.parts[2];
  if (call.method == "GET" && what == "statements") {  // to who recovers
    std::vector<Bytes> list;
    if (statement_) list.push_back(proof::encode_partly_signed(*statement_));
    return reply_cbor(encode_list(list));
  }
  if (call.method != "POST") return std::nullopt;
  if (what == "approvals") return empty_or_error(take_approvals(call.body, from.kid));
  if (what == "holds") {
    auto reply = take_hold(call.body, now);
    return reply ? *std::move(reply) : reply_error(reply.error());
  }
  if (what != "statements") return std::nullopt;
  const auto list = decode_list(call.body, 1);
  if (!list || list->empty()) return reply_error(fail(Errc::kFieldType, "a statement is expected"));
  if (Status done = take_statement(list->front(), now); !done) return reply_error(done.error());
  std::vector<Bytes> signatures;
  if (auto own = own_signature()) signatures.push_back(*std::move(own));
  return reply_cbor(encode_list(signatures));
}

std::vector<std::pair<std::string, double>> StatementDesk::metrics() const {
  return {{"lotmark_statement_approvals", static_cast<double>(approvals_.size())},
          {"lotmark_statement_order_stands_still", still_ ? 1 : 0}};
}

}  // namespace lotmark::node
