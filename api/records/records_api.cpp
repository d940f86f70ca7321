#include "api/records/records_api.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/http/problem.h"
#include "core/merkle/tree.h"
#include "core/sealed/cose_encrypt.h"
#include "core/wire/codec.h"

namespace lotmark::api::records {

using http::Response;
using nlohmann::json;

namespace {

constexpr std::string_view kPrefix = "/lotmark/v1/records/";
constexpr std::string_view kSegments = "/segments/";
constexpr std::string_view kAllow = "GET, HEAD, OPTIONS";
constexpr std::string_view kEntryMedia = "application/vnd.lotmark.segment.v1+cbor";
// Entries in one answer; those beyond it are asked for one by one.
constexpr std::size_t kEntriesBytesMax = 4 * 1024 * 1024;

// Whether a caller may see more of a segment than its leaf. In the clear a partner sees what is public: nothing says
// which partner the rest is for. What is sealed says it by its recipients.
bool may_see(const Segment& segment, const access::Sight& sight) {
  if (segment.audience == Audience::kPublic || sight.own || sight.all) return true;
  return sight.shared && segment.audience == Audience::kPartner && sealed::is_sealed(segment);
}

Response refused(int status, std::string_view why) { return http::problem(status, why); }

}  // namespace

struct RecordsApi::Asked {
  std::string commitment_text;
  Digest commitment;
  std::optional<std::uint64_t> segment;
  std::optional<KeyId> reader;
  access::Sight sight;
};

struct RecordsApi::Shown {
  const Bytes* entry = nullptr;
  Digest leaf;
  Segment segment;
  bool visible = false;                             // more than its leaf
  std::optional<chain::KeptRecipient> recipient{};  // of a sealed one that is visible
};

bool RecordsApi::is_record(std::string_view path) { return path.starts_with(kPrefix); }

Result<RecordsApi::Asked> RecordsApi::read_asked(const http::Request& request,
                                                 const access::Sight& sight) const {
  Asked out;
  out.sight = sight;
  std::string_view path = std::string_view(request.path).substr(kPrefix.size());
  const auto slash = path.find('/');
  out.commitment_text = path.substr(0, slash);
  const auto commitment = fixed_from_hex<Digest>(out.commitment_text);
  if (!commitment) return fail(Errc::kUsage, "a commitment is 64 hex digits");
  out.commitment = *commitment;
  if (slash != std::string_view::npos) {
    std::string_view number = path.substr(slash);
    if (!number.starts_with(kSegments)) return fail(Errc::kUsage, "the address is .../segments/N");
    number.remove_prefix(kSegments.size());
    std::uint64_t index = 0;
    const auto [at, ec] = std::from_chars(number.data(), number.data() + number.size(), index);
    if (ec != std::errc{} || at != number.data() + number.size() || number.size() > 3)
      return fail(Errc::kUsage, "a segment's index is a number of 0 to 255");
    out.segment = index;
  }
  LM_ASSIGN(const auto reader, http::query_value(request.query, "reader"));
  if (reader) {
    out.reader = fixed_from_hex<KeyId>(*reader);
    if (!out.reader) return fail(Errc::kUsage, "reader is a kid: 32 hex digits");
  }
  return out;
}

Result<RecordsApi::Shown> RecordsApi::shown(const chain::RecordReader& reader, const Asked& asked,
                                            const chain::KeptRecord& record,
                                            std::uint64_t index) const {
  Shown out;
  out.entry = &record.segments[index];
  out.leaf = merkle::leaf_hash(*out.entry);
  LM_ASSIGN(out.segment, decode<Segment>(*out.entry));
  out.visible = may_see(out.segment, asked.sight);
  if (out.visible && asked.reader && sealed::is_sealed(out.segment)) {
    LM_ASSIGN(out.recipient,
              reader.recipient(asked.commitment, index, *asked.reader, clock_.now()));
  }
  return out;
}

Result<Response> RecordsApi::record(const chain::RecordReader& reader, const Asked& asked) const {
  LM_ASSIGN(const auto found, reader.find(asked.commitment));
  if (!found) return refused(404, "no such record is kept here");
  json out = {{"commitment", to_hex(asked.commitment)},
              {"chain", to_hex(chain_)},
              {"head", to_json(found->head)},
              {"segments", json::array()}};
  if (found->start) out["scope"] = {{"start", to_hex(*found->start)}};
  else out["scope"] = {{"organisation", organisation_}, {"period", found->period}};
  std::size_t given = 0;
  for (std::uint64_t i = 0; i < found->segments.size(); ++i) {
    LM_ASSIGN(const Shown s, shown(reader, asked, *found, i));
    json one = {{"index", i}, {"leaf", to_hex(s.leaf)}};
    if (s.visible) {
      one["audience"] = name(s.segment.audience);
      one["name"] = s.segment.name;
      one["media"] = s.segment.media;
      if (!sealed::is_sealed(s.segment)) {
        given += s.entry->size();
        one["entry"] = given <= kEntriesBytesMax ? json(to_hex(*s.entry)) : json();
      }
    }
    if (s.recipient) {
      one["reader"] = to_hex(*asked.reader);
      one["until"] = s.recipient->until ? json(*s.recipient->until) : json();
      one["href"] = std::string(kPrefix) + to_hex(asked.commitment) + std::string(kSegments) +
                    std::to_string(i) + "?reader=" + to_hex(*asked.reader);
    }
    out["segments"].push_back(std::move(one));
  }
  return http::text_response(200, "application/json", out.dump());
}

Result<Response> RecordsApi::segment(const chain::RecordReader& reader, const Asked& asked) const {
  LM_ASSIGN(const auto found, reader.find(asked.commitment));
  if (!found) return refused(404, "no such record is kept here");
  if (*asked.segment >= found->segments.size())
    return refused(404, "the record has no such segment");
  LM_ASSIGN(const Shown s, shown(reader, asked, *found, *asked.segment));
  if (!s.visible) return refused(403, "the segment is for another audience");
  Response out;
  if (!sealed::is_sealed(s.segment)) {
    out.content_type = kEntryMedia;
    out.body = *s.entry;
    return out;
  }
  if (!asked.reader)
    return refused(400, "the segment is sealed: name the reader's key, ?reader=KID");
  if (!s.recipient)
    return http::problem(403, fail(Errc::kSealReader, "not for this reader, or no longer"));
  LM_ASSIGN(out.body, sealed::cose_encrypt(s.segment, {s.recipient->recipient}));
  out.content_type = sealed::kCoseEncryptMedia;
  return out;
}

Response RecordsApi::handle(const http::Request& r, const access::Sight& sight) {
  Response out;
  if (r.method == "OPTIONS") {
    out.status = 204;
    out.headers["Allow"] = kAllow;
  } else if (const auto asked = read_asked(r, sight); !asked) {
    out = refused(400, asked.error().text);
  } else {
    auto answer = readers_.with([&](node::EventReader& events) {
      const chain::RecordReader reader(events.database());
      return asked->segment ? segment(reader, *asked) : record(reader, *asked);
    });
    if (!answer) {
      log::error("api.record_failed",
                 {{"commitment", asked->commitment_text}, {"why", answer.error().message()}});
    }
    out = answer ? *std::move(answer) : http::problem(fail(Errc::kInternal));
  }
  out.headers["X-Content-Type-Options"] = "nosniff";
  out.headers["Cache-Control"] = "no-store";
  return out;
}

}  // namespace lotmark::api::records
