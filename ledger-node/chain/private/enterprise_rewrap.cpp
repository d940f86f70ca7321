// Readers that come later, or go: POST and GET /control/v1/rewraps. docs/operate/peer.md, docs/format/sealed.md.
#include "core/base/hex.h"
#include "core/base/log.h"
#include "ledger-node/chain/private/enterprise_json.h"
#include "ledger-node/chain/private/rewrap_rows.h"

namespace lotmark::node {

using Json = nlohmann::json;

namespace {

// Of one call, so that nobody waits long for the node's lock: segments that are wrapped anew or taken away, sealed ones
// that are looked at, rows, and what these hold.
constexpr std::size_t kRewrapSegments = 64;
constexpr std::size_t kRewrapLooks = 1024;
constexpr std::size_t kRewrapRows = 256;
constexpr std::size_t kRewrapBytes = 4 * 1024 * 1024;

// One call's work on the segments of one row after another.
class Rewrap {
 public:
  Rewrap(const store::Database& db, const chain::SegmentReader& reader,
         const RewrapRequest& request, std::uint64_t now_ms)
      : keys_(db), reader_(reader), request_(request), now_ms_(now_ms) {}

  // True while the call may take more.
  bool more() const {
    return changed_ + closed_ < kRewrapSegments && looks_ < kRewrapLooks && rows_ < kRewrapRows &&
           bytes_ < kRewrapBytes;
  }
  // Where the next call goes on in that row; nothing if it is over. A row or entry that cannot be read keeps no other
  // back: the audit names it.
  Result<std::optional<std::uint64_t>> take(const SealedRow& row) {
    ++rows_;
    bytes_ += row.bytes;
    if (!row.segments) {
      left_out(row.segments.error());
      return std::optional<std::uint64_t>();
    }
    for (std::uint64_t i = row.first; i < row.segments->size(); ++i) {
      if (changed_ + closed_ >= kRewrapSegments || looks_ >= kRewrapLooks) return std::optional(i);
      LM_TRY(take(row.commitment, i, (*row.segments)[i]));
    }
    return std::optional<std::uint64_t>();
  }

  std::size_t changed() const { return changed_; }
  std::size_t closed() const { return closed_; }
  std::size_t over() const { return over_; }
  const std::string& why() const { return why_; }

 private:
  void left_out(const Error& e) {
    if (closed_++ == 0) why_ = e.message();
  }

  Status take(const Digest& commitment, std::uint64_t i, ByteView entry) {
    const auto segment = decode<Segment>(entry);
    if (!segment) {
      left_out(segment.error());
      return {};
    }
    const bool wanted =
        segment->audience == Audience::kPartner ? request_.partner : request_.regulator;
    if (!sealed::is_sealed(*segment) || !wanted) return {};
    ++looks_;
    LM_ASSIGN(const auto had, keys_.find(commitment, i, request_.reader.kid));
    if (request_.end) return had ? end(commitment, i, *segment) : Status();
    return had && is_readers(*had) ? keep(commitment, i, *segment, *had)
                                   : give(commitment, i, *segment, had);
  }

  bool is_readers(const chain::SegmentKey& had) const {
    const auto kid = sealed::recipient_kid(had.recipient);
    return kid && *kid == request_.reader.kid;
  }

  // Null of one that does not open here: it is left out, and keeps none of the others back.
  Result<std::optional<sealed::ContentKey>> content_key(const Digest& commitment, std::uint64_t i,
                                                        const Segment& segment) {
    auto content = reader_.content_key(commitment, i, segment);
    if (content) return std::optional(*std::move(content));
    if (content.code() == Errc::kStore) return content.error();
    left_out(content.error());
    return std::optional<sealed::ContentKey>();
  }

  bool opens_here(const KeyId& reader) const {
    return std::ranges::any_of(reader_.keys(), [&](const auto& k) { return k->kid() == reader; });
  }

  // What this node's own key does not open stays open to whoever it is open to: it may be the last key there is.
  Status end(const Digest& commitment, std::uint64_t i, const Segment& segment) {
    LM_ASSIGN(const auto own, content_key(commitment, i, segment));
    if (!own) return {};
    LM_ASSIGN(const bool gone, keys_.take(commitment, i, request_.reader.kid));
    changed_ += gone ? 1 : 0;
    return {};
  }

  // There already: only an end that was asked for is another. Of a key of this node's own it is seen whether it opens.
  Status keep(const Digest& commitment, std::uint64_t i, const Segment& segment,
              chain::SegmentKey had) {
    if (opens_here(had.reader)) {
      const auto opens = content_key(commitment, i, segment);
      return opens ? Status() : Status(opens.error());
    }
    if (!request_.until) {
      over_ += had.over(now_ms_) ? 1 : 0;
      return {};
    }
    if (had.until == request_.until) return {};
    ++changed_;
    had.until = request_.until;
    return keys_.put(commitment, had);
  }

  // `had`: a row that is no recipient of the reader's, whose end is kept.
  Status give(const Digest& commitment, std::uint64_t i, const Segment& segment,
              const std::optional<chain::SegmentKey>& had) {
    LM_ASSIGN(const auto content, content_key(commitment, i, segment));
    if (!content) return {};
    LM_ASSIGN(auto recipient, sealed::wrap(*content, request_.reader));
    ++changed_;
    const auto until = request_.until || !had ? request_.until : had->until;
    return keys_.put(commitment, {i, request_.reader.kid, std::move(recipient), now_ms_, until});
  }

  chain::SegmentKeys keys_;
  const chain::SegmentReader& reader_;
  const RewrapRequest& request_;
  std::uint64_t now_ms_;
  std::size_t changed_ = 0, closed_ = 0, over_ = 0;
  std::size_t looks_ = 0, rows_ = 0, bytes_ = 0;
  std::string why_;
};

Result<std::optional<Digest>> start_of_lot(const store::Database& db, const RewrapRequest& r) {
  if (r.lot.empty()) return std::optional<Digest>();
  LM_ASSIGN(auto q, db.prepare("SELECT start, gtin FROM batch WHERE lot = ? ORDER BY gtin"));
  q.bind(1, r.lot);
  std::optional<Digest> found;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    if (!r.gtin.empty() && q.text(1) != r.gtin) continue;
    if (found) return fail(Errc::kConflict, "two products have a lot " + r.lot + ": name the gtin");
    LM_ASSIGN(found, q.fixed<Digest>(0));
  }
  if (!found) return fail(Errc::kNotFound, "no batch of lot " + r.lot);
  return found;
}

}  // namespace

// Who has a share of every lot opens all of them: not every operator of the organisation, nor its API, gives shares. Who
// else has some is for nobody else to know.
Status Enterprise::State::may_rewrap(const chain::Enrolled& from) const {
  if (from.kid == signer.kid()) return {};
  const std::string kid = to_hex(from.kid);
  const bool named = config.sealing &&
                     std::ranges::any_of(config.sealing->rewrappers,
                                         [&](const auto& r) { return r == from.name || r == kid; });
  if (named) return {};
  return fail(Errc::kDenied, "[sealing] rewrappers of the node does not name " + from.name +
                                 ": who adds a reader can open everything to it");
}

Status Enterprise::State::check_rewrap(const RewrapRequest& r, std::uint64_t now_ms) const {
  const bool own = r.reader.kid == config.sealing->own->kid();
  if (own && (r.end || r.until))
    return fail(Errc::kConflict,
                "this is the node's own key: without it nobody opens the segments");
  if (r.until && *r.until <= now_ms)
    return fail(Errc::kUsage, "until is past: end takes a reader away");
  return r.end ? Status() : chain::check_reads_only(chain, r.reader.kid);
}

Result<Reply> Enterprise::State::rewrap(const Call& call, const chain::Enrolled& from) {
  LM_ASSIGN(const auto request, read_rewrap_request(call.body));
  if (!config.sealing)
    return fail(Errc::kConflict, "nothing is sealed here: node.toml has no [sealing] key");
  const std::uint64_t now_ms = unix_ms(now);
  LM_TRY(may_rewrap(from));
  LM_TRY(check_rewrap(request, now_ms));
  const auto place = RewrapPlace::from(request.after, now_ms);
  if (!place) return fail(Errc::kUsage, "after is no place that an answer named");
  LM_ASSIGN(const auto start, start_of_lot(db, request));
  RewrapRows rows(db, start, *place);
  Rewrap work(db, segments, request, now_ms);
  std::optional<RewrapPlace> next;
  LM_TRY(db.transaction([&]() -> Status {
    while (true) {
      LM_ASSIGN(const auto row, rows.next());
      if (!row) return {};
      LM_ASSIGN(const auto within, work.take(*row));
      if (!within && work.more()) continue;
      next = within ? row->again_from(*within) : row->behind();
      return {};
    }
  }));
  if (work.changed() != 0)
    log::info("sealing.rewrapped", {{"ended", request.end},
                                    {"lot", request.lot.empty() ? "all" : request.lot},
                                    {"operator", from.name},
                                    {"reader", to_hex(request.reader.kid)},
                                    {"segments", work.changed()}});
  if (work.closed() != 0)
    log::warn("sealing.not_opened", {{"error", work.why()}, {"segments", work.closed()}});
  Json j = {{"reader", to_hex(request.reader.kid)},
            {"segments", work.changed()},
            {"not_opened", work.closed()},
            {"over", work.over()},
            {"why", work.why().empty() ? Json() : Json(work.why())},
            {"next", next ? Json(next->text()) : Json()}};
  return reply_json(j.dump());
}

// For whom segments are wrapped, as the rows say.
Result<Reply> Enterprise::State::list_readers(const chain::Enrolled& from) const {
  LM_TRY(may_rewrap(from));
  LM_ASSIGN(const auto shares, chain::SegmentKeys(db).shares());
  Json out = Json::array();
  for (const auto& s : shares) {
    Json j = {{"reader", to_hex(s.reader)},
              {"name", Json()},
              {"own", config.sealing && config.sealing->own->kid() == s.reader},
              {"segments", s.segments},
              {"ending", s.ending},
              {"until", Json()},
              {"until_ms", Json()}};
    if (config.sealing) {
      for (const auto& r : config.sealing->readers) {
        if (r.key.kid == s.reader) j["name"] = r.name;
      }
    }
    put_time(j, "first", s.first);
    put_time(j, "last", s.last);
    if (s.until) put_time(j, "until", *s.until);
    out.push_back(std::move(j));
  }
  return reply_json(out.dump());
}

}  // namespace lotmark::node
