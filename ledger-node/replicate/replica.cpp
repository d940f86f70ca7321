#include "ledger-node/replicate/replica.h"

#include "core/base/hex.h"
#include "core/base/log.h"

namespace lotmark::node {

namespace {
constexpr std::size_t kAnswerMax = 1024 * 1024;
constexpr Millis kPrimaryPause{2000};

Reply list_or_error(const Result<std::vector<Bytes>>& list) {
  return list ? reply_cbor(encode_list(*list)) : reply_error(list.error());
}
}  // namespace

Replica::Replica(chain::PublicChain& chain, std::vector<KeyId> sources, Millis poll)
    : chain_(chain), sources_(std::move(sources)), poll_(poll) {}

std::optional<Reply> Replica::peer(const Route& route, const Call& call, const Member& /*from*/,
                                   Time /*now*/) {
  if (call.method != "GET") return std::nullopt;
  const std::string& what = route.parts[2];
  if (what == "blocks")
    return list_or_error(chain_.blocks(route.number("from").value_or(1), kAnswerMax));
  if (what == "votes") return list_or_error(chain_.votes(route.number("from").value_or(0)));
  if (what != "membership") return std::nullopt;
  std::vector<Bytes> statements;
  const auto& held = chain_.statements().held();
  for (std::size_t e = 1; e < held.size(); ++e) statements.push_back(held[e].object);
  return reply_cbor(encode_list(statements));
}

std::optional<Reply> Replica::control(const Route& /*route*/, const Call& /*call*/,
                                      const chain::Enrolled& /*from*/, Time /*now*/) {
  return std::nullopt;
}

// Only the primary makes blocks: the others know what it said last, and of one another nothing newer. So it is
// asked first again as soon as a pause is over.
const KeyId& Replica::choose_source() {
  const bool primary = sources_.size() == 1 || now_ >= primary_due_;
  source_ = primary ? 0 : 1 + turn_++ % (sources_.size() - 1);
  return sources_[source_];
}

std::vector<Outgoing> Replica::tick(Time now) {
  now_ = now;
  if (asking_ || sources_.empty() || now < due_) return {};
  asking_ = true;
  due_ = now + poll_;
  const KeyId& from = choose_source();
  const auto votes_from = chain_.checkpoint() ? chain_.checkpoint()->checkpoint.size : 0;
  std::vector<Outgoing> out;
  out.push_back({from,
                 "GET",
                 "/peer/v1/blocks?from=" + std::to_string(chain_.size()),
                 {},
                 [this](const Reply& r) { on_blocks(r); }});
  out.push_back({from,
                 "GET",
                 "/peer/v1/votes?from=" + std::to_string(votes_from),
                 {},
                 [this](const Reply& r) { on_votes(r); }});
  return out;
}

void Replica::failed(const Reply& reply) {
  ++failures_;
  log::debug("replica.source_failed",
             {{"source", short_hex(sources_[source_])},
              {"error", reply.error ? reply.error->message() : "bad answer"}});
  if (source_ == 0) primary_due_ = now_ + kPrimaryPause;
}

void Replica::on_blocks(const Reply& reply) {
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list) return failed(reply);
  for (const auto& block : *list) {
    Status done = chain_.append(block, now_);
    if (done) continue;
    ++refused_;
    log::warn("replica.block_refused",
              {{"number", chain_.size()}, {"error", done.error().message()}});
    return failed(reply);
  }
  if (!list->empty()) due_ = now_;  // there may be more
}

void Replica::on_votes(const Reply& reply) {
  asking_ = false;
  auto list = reply.ok() ? decode_list(reply.body) : Result<std::vector<Bytes>>(Errc::kNetwork);
  if (!list) return;
  for (const auto& vote : *list) {
    Status done = chain_.add_vote(vote, now_);
    if (done || done.code() == Errc::kNeedSeq) continue;
    ++refused_;
    log::warn("replica.vote_refused", {{"error", done.error().message()}});
  }
}

std::vector<std::pair<std::string, double>> Replica::metrics() const {
  const double final_size =
      chain_.checkpoint() ? static_cast<double>(chain_.checkpoint()->checkpoint.size) : 0;
  return {{"lotmark_chain_size", static_cast<double>(chain_.size())},
          {"lotmark_chain_final_size", final_size},
          {"lotmark_replica_refused_total", static_cast<double>(refused_)},
          {"lotmark_replica_source_failures_total", static_cast<double>(failures_)}};
}

}  // namespace lotmark::node
