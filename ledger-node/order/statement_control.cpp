// What operators ask of the desk of statements.
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/order/statement_desk.h"

namespace lotmark::node {

namespace {

Reply change_or_error(const Result<Digest>& change) {
  if (!change) return reply_error(change.error());
  return reply_json(nlohmann::json{{"change", to_hex(*change)}}.dump());
}

}  // namespace

std::optional<Reply> StatementDesk::control(const Route& route, const Call& call,
                                            const chain::Enrolled& from, Time now) {
  if (route.parts.size() != 3) return std::nullopt;
  const std::string& what = route.parts[2];
  if (call.method == "GET" && what == "statements") return reply_json(status_json(now));
  if (call.method != "POST") return std::nullopt;
  if (what == "approvals") {
    log::info("statement.operator", {{"name", from.name}, {"asks", what}});
    return change_or_error(approve(call.body));
  }
  if (what == "withdrawals") {
    const auto next = proof::read_draft(call.body, held());
    if (!next) return reply_error(next.error());
    const Digest change = proof::change_of(*next);
    if (Status done = store_.withdraw(change, signer_.kid()); !done)
      return reply_error(done.error());
    std::erase_if(approvals_,
                  [&](const Approval& a) { return a.change == change && a.by == signer_.kid(); });
    for (auto& [kid, line] : lines_) line.approvals_due = {};
    log::info("statement.withdrawn", {{"name", from.name}, {"change", short_hex(change)}});
    return change_or_error(change);
  }
  if (what == "holds") {
    const auto j = nlohmann::json::parse(call.body, nullptr, false);
    const auto change = j.is_object() && j.contains("change") && j["change"].is_string()
                            ? fixed_from_hex<Digest>(j["change"].get<std::string>())
                            : std::nullopt;
    const bool whole = change && j.contains("seconds") && j["seconds"].is_number_unsigned();
    if (!whole)
      return reply_error(fail(Errc::kUsage, "change (64 hex digits) and seconds are expected"));
    Status done = ask_hold(*change, j["seconds"].get<std::uint64_t>(), now);
    return done ? change_or_error(*change) : reply_error(done.error());
  }
  if (what != "statements") return std::nullopt;
  Status done = take_statement(call.body, now);
  if (!done) return reply_error(done.error());
  statement_until_ = {};  // the members are asked again
  return change_or_error(proof::change_of(statement_->body));
}

std::string StatementDesk::draft_json(const Approval& a) const {
  const auto next = decode<Membership>(a.draft);
  nlohmann::json j{{"change", to_hex(a.change)}, {"draft", to_hex(a.draft)}};
  j["epoch"] = next ? nlohmann::json(next->epoch) : nlohmann::json();
  j["approved_by"] = nlohmann::json::array();
  for (const auto& x : approvals_) {
    const Member* m = chain_.member(x.by);
    if (x.change == a.change && m != nullptr) j["approved_by"].push_back(m->organisation);
  }
  j["approved_here"] = approved_by(a.change, signer_.kid());
  return j.dump();
}

std::string StatementDesk::status_json(Time now) const {
  const Membership& m = held().newest();
  nlohmann::json j;
  j["epoch"] = m.epoch;
  j["first"] = m.first;
  j["final"] = chain_.is_final(m.first);
  j["quorum"] = m.quorum;
  j["root_key"] = to_hex(held().root_key_of(m.epoch + 1));
  j["members"] = nlohmann::json::array();
  for (const auto& x : m.members) {
    nlohmann::json roles = nlohmann::json::array();
    for (Role r : x.roles) roles.push_back(std::string(name(r)));
    j["members"].push_back(
        {{"kid", to_hex(x.kid)}, {"organisation", x.organisation}, {"roles", roles}});
  }
  j["proposals"] = nlohmann::json::array();
  for (std::size_t i = 0; i < approvals_.size(); ++i) {
    if (i == 0 || approvals_[i].change != approvals_[i - 1].change)
      j["proposals"].push_back(nlohmann::json::parse(draft_json(approvals_[i])));
  }
  const auto hold = in_force(now);
  j["hold"] = nlohmann::json();
  if (hold) {
    const auto until = from_ms(static_cast<std::int64_t>(hold->until));
    j["hold"] = {{"change", to_hex(hold->change)}, {"until", to_iso(until)}};
  }
  const auto where = place(now);
  j["place"] = nlohmann::json();
  if (where) j["place"] = {{"first", where->first}, {"root", to_hex(where->root)}};
  j["statement"] = nlohmann::json();
  if (statement_) {
    j["statement"] = {{"epoch", statement_->body.epoch},
                      {"first", statement_->body.first},
                      {"members", statement_->members}};
  }
  return j.dump();
}

}  // namespace lotmark::node
