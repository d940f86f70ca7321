#include "ledger-node/order/jetstream_talk.h"

#include <fmt/format.h>

#include <charconv>

#include "core/base/log.h"
#include "core/wire/limits.h"
#include "ledger-node/order/jetstream_lease.h"

namespace lotmark::node::js {

namespace {

constexpr std::size_t kOrder = 0;
constexpr std::size_t kLease = 1;
constexpr Millis kFetchAgain{50};
constexpr Millis kMakeMost{5000};

std::string api(std::string_view verb, std::string_view stream) {
  return fmt::format("$JS.API.STREAM.{}.{}", verb, stream);
}

std::string text_of(const Refusal& r) {
  return r.code == 0 ? r.text : fmt::format("{} ({})", r.text, r.code);
}

// Where a stream's entries begin, empty or not.
std::uint64_t first_of(const Info& i) { return i.messages == 0 ? i.last + 1 : i.first; }

}  // namespace

bool Said::is_new(const std::string& about, const std::string& text) {
  auto& last = last_[about];
  if (last == text) return false;
  last = text;
  return true;
}

Talk::Talk(const JetStreamOptions& options, Line& line, Desk& desk, Said& said, std::string inbox,
           Moment now)
    : line_(line), desk_(desk), said_(said), inbox_(std::move(inbox)), now_(now), alive_(now) {
  for (auto& spec :
       {order_spec(options.replicas, options.max_msgs), lease_spec(options.replicas)}) {
    Watched w;
    w.spec = spec;
    w.ask_at = now;
    watched_.push_back(std::move(w));
  }
}

void Talk::turn(Work work, Moment now) {
  now_ = now;
  for (auto& in : work.came) came(std::move(in));
  for (auto& [number, a] : work.asked) {
    const bool append = a.kind == Asked::kAppend;
    const Pending p{append ? Kind::kAppend : Kind::kPutLease, append ? kOrder : kLease, 0, number,
                    now + kAnswerWithin};
    if (const auto sent = send(p, append ? kOrderSubject : kLeaseSubject, a.behind, a.payload);
        !sent) {
      desk_.answer(number, fail(Errc::kUnavailable, sent.error().text));
    }
  }
  std::vector<Pending> late;
  std::erase_if(pending_, [&](const auto& entry) {
    if (entry.second.until > now) return false;
    late.push_back(entry.second);
    return true;
  });
  for (const auto& p : late) give_up(p);
  ask_all();
  fetch();
}

Status Talk::send(Pending p, std::string_view subject, std::optional<std::uint64_t> expected,
                  ByteView data) {
  const std::uint64_t reply = next_reply_++;
  LM_TRY(line_.publish(std::string(subject), fmt::format("{}{}", inbox_, reply), expected, data));
  pending_.emplace(reply, p);
  return {};
}

void Talk::came(Incoming in) {
  if (in.subject == kEntrySubject) {
    if (found_ && in.sequence != 0) reader_.came(in.sequence, std::move(in.data));
    return;
  }
  if (!in.subject.starts_with(inbox_)) return;  // for an earlier line
  std::uint64_t reply = 0;
  const char* end = in.subject.data() + in.subject.size();
  const auto [at, error] = std::from_chars(in.subject.data() + inbox_.size(), end, reply);
  const auto found = pending_.find(reply);
  if (error != std::errc{} || at != end || found == pending_.end()) return;
  const Pending p = found->second;
  pending_.erase(found);
  answered(p, in);
}

void Talk::answered(const Pending& p, const Incoming& in) {
  switch (p.kind) {
    case Kind::kInfo: return on_info(p, in);
    case Kind::kCreate: return on_created(p, in);
    case Kind::kEntry: return on_entry(p, in);
    case Kind::kLease: return on_lease(p, in);
    case Kind::kAppend:
    case Kind::kPutLease: return on_ack(p, in);
  }
}

// No answer came; the desk answers the node's requests by itself.
void Talk::give_up(const Pending& p) {
  Watched& w = watched_[p.stream];
  if (p.kind == Kind::kInfo) w.asked = false;
  if (p.kind == Kind::kCreate) w.making = false;
  if (p.kind == Kind::kEntry) reader_.not_fetched(p.about);
  if (p.kind == Kind::kLease) lease_asked_ = false;
}

void Talk::bad(Watched& w, const std::string& why) {
  if (said_.is_new(w.spec.name, why)) {
    log::warn("order.stream_unready", {{"error", why}, {"stream", w.spec.name}});
  }
}

void Talk::on_info(const Pending& p, const Incoming& in) {
  Watched& w = watched_[p.stream];
  w.asked = false;
  w.ask_at = now_ + kAskEvery;
  if (in.nobody_there) return bad(w, "nobody answers for JetStream");
  auto info = read_info(in.data, w.spec);
  if (!info) return bad(w, info.error().message());
  if (info->refusal && info->refusal->code == kNoStream) {
    lose(w.spec.name + " is gone");
    w.good_at.reset();
    return make(p.stream);
  }
  if (info->refusal) return bad(w, text_of(*info->refusal));
  if (!info->difference.empty()) {
    lose(w.spec.name + " has other settings");
    w.good_at.reset();
    if (said_.is_new(w.spec.name, info->difference)) {
      log::error("order.stream_refused", {{"stream", w.spec.name}, {"why", info->difference}});
    }
    return;
  }
  if (found_ && info->created != w.info.created) lose(w.spec.name + " was made anew");
  if (found_ && info->leader != w.info.leader) lose(w.spec.name + " has another leader");
  if (found_ && p.stream == kOrder) {
    if (const auto why = broken(*info, p.about); !why.empty()) lose(why);
  }
  w.info = *std::move(info);
  w.good_at = now_;
  if (p.stream == kOrder) first_ = first_of(w.info);
  if (found_ && p.stream == kOrder) reader_.grew_to(w.info.last);
  find_if_both_stand();
}

std::string Talk::broken(const Info& info, std::uint64_t next_when_asked) const {
  const std::uint64_t first = first_of(info);
  if (info.last + 1 < next_when_asked) return "the log is shorter than it was";
  if (reader_.next() < first) return "entries went before they were read";
  const auto most = static_cast<std::uint64_t>(watched_[kOrder].spec.max_msgs);
  if (first > first_ && info.messages < most) return "the log was purged";
  return {};
}

void Talk::make(std::size_t stream) {
  Watched& w = watched_[stream];
  if (w.making) return;
  w.making = send({Kind::kCreate, stream, 0, 0, now_ + kMakeMost}, api("CREATE", w.spec.name), {},
                  as_bytes(create_body(w.spec)))
                 .code() == Errc::kOk;
}

void Talk::on_created(const Pending& p, const Incoming& in) {
  Watched& w = watched_[p.stream];
  w.making = false;
  w.ask_at = now_;  // whoever made it, and however: what it is now is asked
  if (in.nobody_there) return bad(w, "nobody answers for JetStream");
  const auto made = read_info(in.data, w.spec);
  if (!made) return bad(w, made.error().message());
  if (made->refusal && made->refusal->code != 0) {
    w.ask_at = now_ + kAskEvery;
    return bad(w, text_of(*made->refusal));
  }
  log::info("order.stream_made", {{"stream", w.spec.name}});
}

void Talk::find_if_both_stand() {
  for (const auto& w : watched_) {
    if (!w.good_at || now_ - *w.good_at > kSilenceMost) return;
  }
  alive_ = now_;
  if (found_) return;
  found_ = true;
  const Info& i = watched_[kOrder].info;
  reader_.begin(first_of(i), i.last);
  fetch_at_ = lease_at_ = now_;
  lease_asked_ = false;
  lease_.reset();
  const std::size_t payload_max = line_.payload_max();
  if (payload_max < kPayloadNeeded) {
    if (said_.is_new("max_payload", std::to_string(payload_max))) {
      log::warn("order.payload_small", {{"max_payload", payload_max}, {"needed", kPayloadNeeded}});
    }
  }
  desk_.found({first_of(i), i.last}, payload_max);
  for (const auto& w : watched_) said_.forget(w.spec.name);
  log::info("order.engine_found", {{"first", first_of(i)}, {"last", i.last}});
}

void Talk::lose(const std::string& why) {
  if (!found_) return;
  found_ = false;
  // Late answers are of what was lost.
  std::erase_if(pending_, [](const auto& entry) {
    const Kind k = entry.second.kind;
    return k != Kind::kInfo && k != Kind::kCreate;
  });
  desk_.lost();
  log::warn("order.engine_lost", {{"why", why}});
}

void Talk::on_entry(const Pending& p, const Incoming& in) {
  auto stored = in.nobody_there ? fail(Errc::kUnavailable)
                                : read_stored(in.data, kOrderSubject, limits::kBlock + kHeaderRoom);
  if (stored && !stored->refusal && stored->seq == p.about) {
    return reader_.came(p.about, std::move(stored->data));
  }
  reader_.not_fetched(p.about);
  fetch_at_ = now_ + kFetchAgain;
}

void Talk::on_lease(const Pending& p, const Incoming& in) {
  lease_asked_ = false;
  lease_at_ = now_ + kLeaseEvery;
  if (in.nobody_there) return;
  const auto stored = read_stored(in.data, kLeaseSubject, kLeaseBytesMax + kHeaderRoom);
  if (!stored) return bad(watched_[kLease], stored.error().message());
  if (stored->refusal) {
    // None, as of a time after the stream's last sequence was told: who puts one meanwhile is noticed.
    if (stored->refusal->code == kNoMessage) see_lease({std::nullopt, p.about});
    return;
  }
  auto lease = decode_lease(stored->data);
  if (lease) return see_lease({*lease, stored->seq});
  if (said_.is_new("lease", std::to_string(stored->seq))) {
    log::warn("order.lease_unreadable",
              {{"error", lease.error().message()}, {"revision", stored->seq}});
  }
  see_lease({std::nullopt, stored->seq});
}

void Talk::see_lease(LeaseSeen seen) {
  if (lease_ && lease_->revision == seen.revision && lease_->lease == seen.lease) return;
  lease_ = seen;
  desk_.lease(seen);
}

void Talk::on_ack(const Pending& p, const Incoming& in) {
  if (p.kind == Kind::kPutLease) lease_at_ = now_;
  if (in.nobody_there) {
    return desk_.answer(p.number, fail(Errc::kUnavailable, "no stream takes it"));
  }
  const auto ack = read_ack(in.data, watched_[p.stream].spec.name);
  if (!ack) return desk_.answer(p.number, fail(Errc::kUnavailable, ack.error().text));
  if (!ack->refusal) return desk_.answer(p.number, ack->seq);
  const Errc code = ack->refusal->code == kWrongLast ? Errc::kConflict : Errc::kUnavailable;
  desk_.answer(p.number, fail(code, text_of(*ack->refusal)));
}

void Talk::ask_all() {
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    Watched& w = watched_[i];
    if (found_ && now_ - *w.good_at > kSilenceMost) lose(w.spec.name + " does not answer");
    if (w.asked || now_ < w.ask_at) continue;
    w.asked = send({Kind::kInfo, i, reader_.next(), 0, now_ + kAnswerMost},
                   api("INFO", w.spec.name), {}, {})
                  .code() == Errc::kOk;
  }
  if (!found_ || lease_asked_ || now_ < lease_at_) return;
  const Watched& w = watched_[kLease];
  lease_asked_ = send({Kind::kLease, kLease, w.info.last, 0, now_ + kAnswerMost},
                      api("MSG.GET", w.spec.name), {}, as_bytes(get_last_body(kLeaseSubject)))
                     .code() == Errc::kOk;
}

void Talk::fetch() {
  if (!found_) return;
  desk_.entries(reader_.take(desk_.room()));
  if (now_ < fetch_at_) return;
  for (const auto seq : reader_.to_fetch(desk_.room())) {
    const Pending p{Kind::kEntry, kOrder, seq, 0, now_ + kAnswerMost};
    if (!send(p, api("MSG.GET", kOrderStream), {}, as_bytes(get_body(seq)))) {
      reader_.not_fetched(seq);
    }
  }
}

}  // namespace lotmark::node::js
