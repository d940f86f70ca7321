#include "ledger-node/review/fetch.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/wire/codec.h"
#include "core/wire/limits.h"
#include "ledger-node/chain/private/segment_reader.h"

namespace lotmark::review {

namespace {

constexpr unsigned kBadMax = 5;       // answers that cannot be used before they are given up
constexpr std::size_t kCallsMax = 8;  // bundles asked for at a time
constexpr std::size_t kEvidenceBytesMax = 256 * 1024 * 1024;  // wires of one lot held at a time
constexpr std::uint64_t kAskAgainMs = 1000;
constexpr std::uint64_t kAskAgainMaxMs = 30000;
// Of rows that do not open: they are up to 8 MiB each time.
constexpr std::uint64_t kOpenAgainMaxMs = 600'000;

// The enterprise did not answer for itself: nothing is held against it yet. 401: it was just restarted, or the
// clocks differ.
bool unreachable(const node::Reply& reply) {
  if (reply.status >= 500 || reply.status == 0 || reply.status == 401) return true;
  if (!reply.error) return false;
  const Errc e = reply.error->code;
  return e == Errc::kNetwork || e == Errc::kUnavailable || e == Errc::kNotReady;
}

}  // namespace

bool Fetch::usable(Ask& ask, std::uint64_t now) {
  const node::Reply& reply = *ask.reply;
  if (reply.ok()) return true;
  const std::string why =
      reply.error ? reply.error->message() : "status " + std::to_string(reply.status);
  failed(ask, why, !unreachable(reply), now, kAskAgainMaxMs);
  return false;
}

void Fetch::failed(Ask& ask, std::string why, bool bad, std::uint64_t now,
                   std::uint64_t again_max) {
  cut_text(why, limits::kText);
  ask.why = std::move(why);
  ask.reply.reset();
  if (bad) ++ask.bad;
  else ++ask.silent;
  ask.given_up = ask.bad >= kBadMax || now >= settings_.give_up_at;
  const unsigned doubled = std::min(ask.bad + ask.silent - 1, 10u);
  ask.due = now + std::min(kAskAgainMs << doubled, again_max);
}

void Fetch::keep_rows(LotRows rows) {
  for (const auto& id : bundles_named(rows)) bundles_.push_back({id, {}, {}, {}});
  out_.rows = std::move(rows);
  out_.rows_bytes = std::move(rows_ask_.reply->body);
  named_ = true;
  rows_ask_.reply.reset();
}

std::string_view Fetch::why() const {
  if (!named_) return rows_ask_.why;
  const auto waits = std::ranges::find_if(
      bundles_, [](const BundleAsk& b) { return !b.got && !b.ask.given_up && !b.ask.why.empty(); });
  return waits != bundles_.end() ? std::string_view(waits->ask.why) : std::string_view();
}

// The first sealed segment that stays closed here, and why; empty if all open. What cannot be read at all is for the
// findings. Those before it opened and are not tried again, which takes seconds where an enterprise wants it to.
std::string Fetch::closed_in(const LotRows& rows) {
  const chain::OpeningKeys keys =
      settings_.opening_key ? chain::OpeningKeys{settings_.opening_key} : chain::OpeningKeys{};
  for (; opened_.row < rows.rows.size(); opened_ = {opened_.row + 1, 0}) {
    const LotRow& row = rows.rows[opened_.row];
    for (; opened_.segment < row.segments.size(); ++opened_.segment) {
      auto segment = decode<Segment>(row.segments[opened_.segment]);
      if (!segment) continue;
      const auto opened = chain::open_by(settings_.chain, *std::move(segment),
                                         row.recipients_of(opened_.segment), keys);
      if (!opened)
        return fmt::format("record {}, segment {}: {}", opened_.row, opened_.segment,
                           opened.error().message());
    }
  }
  return {};
}

// What a segment is wrapped for is no part of what was committed: a wrong row of the enterprise's, or a key that is not
// configured here, can be put right. So one that stays closed is asked for again, and judged closed in the end.
void Fetch::take_rows(std::uint64_t now) {
  Ask& ask = rows_ask_;
  if (!ask.reply) return;
  if (usable(ask, now)) {
    auto rows = read_rows(ask.reply->body);
    if (rows) {
      std::string closed = now < settings_.give_up_at ? closed_in(*rows) : "";
      if (closed.empty()) return keep_rows(*std::move(rows));
      return failed(ask, std::move(closed), false, now, kOpenAgainMaxMs);
    }
    failed(ask, rows.error().message(), true, now, kAskAgainMaxMs);
  }
  if (!ask.given_up) return;
  out_.unreadable = ask.why;
  done_ = true;
}

void Fetch::take_bundles(std::uint64_t now) {
  for (auto& b : bundles_) {
    if (!b.ask.reply || !usable(b.ask, now)) continue;
    auto file = read_bundle_file(b.ask.reply->body);
    if (!file) {
      failed(b.ask, file.error().message(), true, now, kAskAgainMaxMs);
      continue;
    }
    b.ask.reply.reset();
    b.ask.why.clear();
    held_bytes_ += file->wire.size();
    if (held_bytes_ > kEvidenceBytesMax) {
      b.ask.given_up = true;
      continue;
    }
    b.got = FetchedBundle{*std::move(file), b.head};
  }
}

node::Outgoing Fetch::call(Ask& ask, std::function<Ask*(Fetch&)> find) {
  ask.waiting = true;
  return {settings_.enterprise,
          "GET",
          ask.path,
          {},
          [weak = weak_from_this(), find = std::move(find)](const node::Reply& reply) {
            const auto self = weak.lock();
            if (self == nullptr) return;
            Ask* asked = find(*self);
            asked->waiting = false;
            asked->reply = reply;
          }};
}

void Fetch::ask_bundles(const Checkpoint& head, std::uint64_t now,
                        std::vector<node::Outgoing>& out) {
  std::size_t open = 0;
  for (const auto& b : bundles_) open += b.ask.waiting ? 1 : 0;
  for (std::size_t i = 0; i < bundles_.size() && open < kCallsMax; ++i) {
    BundleAsk& b = bundles_[i];
    if (b.got || b.ask.given_up || b.ask.waiting || b.ask.due > now) continue;
    b.head = head;
    b.ask.path = "/peer/v1/bundles/" + to_hex(b.id) + "?size=" + std::to_string(head.size);
    out.push_back(call(b.ask, [i](Fetch& f) { return &f.bundles_[i].ask; }));
    ++open;
  }
}

// Bundles that came before a period block logged them are asked for once more when one has.
bool Fetch::waits_for_head(const Checkpoint& head, std::uint64_t now) {
  if (now >= settings_.intake_until) return false;
  bool waits = false;
  for (auto& b : bundles_) {
    if (!b.got || b.got->file.index < b.got->head.size) continue;
    waits = true;
    if (b.got->file.index >= head.size) continue;
    held_bytes_ -= b.got->file.wire.size();
    b.got.reset();
  }
  return waits;
}

std::vector<node::Outgoing> Fetch::tick(const Checkpoint& head, Time now) {
  std::vector<node::Outgoing> out;
  const auto ms = static_cast<std::uint64_t>(to_ms(now));
  if (done_) return out;
  take_rows(ms);
  take_bundles(ms);
  if (done_) return out;
  if (!named_) {
    if (!rows_ask_.waiting && !rows_ask_.reply && rows_ask_.due <= ms) {
      rows_ask_.path = "/peer/v1/batches/" + to_hex(settings_.start) + "/rows";
      if (settings_.opening_key)
        rows_ask_.path += "?reader=" + to_hex(settings_.opening_key->kid());
      out.push_back(call(rows_ask_, [](Fetch& f) { return &f.rows_ask_; }));
    }
    return out;
  }
  const bool complete = std::all_of(bundles_.begin(), bundles_.end(),
                                    [](const BundleAsk& b) { return b.got || b.ask.given_up; });
  if (complete && !waits_for_head(head, ms)) {
    done_ = true;
    return out;
  }
  ask_bundles(head, ms, out);
  return out;
}

Fetched Fetch::take() {
  for (auto& b : bundles_) {
    if (b.got) out_.bundles.emplace(b.id, *std::move(b.got));
  }
  bundles_.clear();
  return std::move(out_);
}

}  // namespace lotmark::review
