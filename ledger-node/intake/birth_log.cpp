#include "ledger-node/intake/birth_log.h"

#include <algorithm>

#include "core/crypto/sha256.h"

namespace lotmark::node {

namespace {

constexpr std::string_view kSchema = R"(
CREATE TABLE birth(
  n INTEGER PRIMARY KEY, device BLOB NOT NULL, at INTEGER NOT NULL, life BLOB NOT NULL,
  boot INTEGER NOT NULL, session INTEGER NOT NULL, calibrations BLOB NOT NULL, object BLOB NOT NULL);
CREATE INDEX birth_device ON birth(device, n);
)";

// Of what is named for each channel.
Digest digest_of(const std::vector<SourceInfo>& sources) {
  Birth b;
  b.sources = sources;
  return sha256(encode(b));
}

}  // namespace

Result<BirthLog> BirthLog::open(const std::filesystem::path& file) {
  LM_ASSIGN(auto db, store::Database::open(file));
  LM_TRY(db.migrate({kSchema}));
  return BirthLog(std::move(db));
}

Result<bool> BirthLog::says_something(const Signed<Birth>& birth, const Digest& calibrations,
                                      std::uint64_t& at) const {
  const Birth& b = birth.body;
  LM_ASSIGN(auto q, db_.prepare("SELECT at, life, boot, session, calibrations FROM birth "
                                "WHERE device = ? ORDER BY n DESC LIMIT 1"));
  LM_ASSIGN(const bool any, q.bind(1, b.device).step());
  if (!any) return true;
  at = std::max(at, q.u64(0));
  const bool same_life = std::ranges::equal(q.blob(1), b.life.view());
  if (!same_life) {
    LM_ASSIGN(auto old, db_.prepare("SELECT 1 FROM birth WHERE device = ? AND life = ? LIMIT 1"));
    LM_ASSIGN(const bool gone_by, old.bind(1, b.device).bind(2, b.life).step());
    return !gone_by;
  }
  const auto mine = std::pair(b.boot, b.session);
  const auto newest = std::pair(q.u64(2), q.u64(3));
  if (mine < newest || (b.gone && mine == newest)) return false;
  return b.boot != newest.first || !std::ranges::equal(q.blob(4), calibrations.view());
}

Status BirthLog::take(const Signed<Birth>& birth, Time now) {
  if (birth.bytes.size() > chain::kBirthBytesMax)
    return fail(Errc::kTooLarge, "a birth above 32 KiB");
  const Birth& b = birth.body;
  const Digest calibrations = digest_of(b.sources);
  return db_.transaction([&]() -> Status {
    auto at = static_cast<std::uint64_t>(to_ms(now));
    LM_ASSIGN(const bool something, says_something(birth, calibrations, at));
    if (!something) return {};
    LM_ASSIGN(auto q, db_.prepare("INSERT INTO birth(device, at, life, boot, session, "
                                  "calibrations, object) VALUES(?, ?, ?, ?, ?, ?, ?)"));
    q.bind(1, b.device).bind(2, at).bind(3, b.life).bind(4, b.boot).bind(5, b.session);
    LM_TRY(q.bind(6, calibrations).bind(7, birth.bytes).run());
    LM_ASSIGN(auto old, db_.prepare("DELETE FROM birth WHERE device = ?1 AND n <= (SELECT n FROM "
                                    "birth WHERE device = ?1 ORDER BY n DESC LIMIT 1 OFFSET ?2)"));
    return old.bind(1, b.device).bind(2, kPerDevice).run();
  });
}

Result<std::vector<chain::ToldBirth>> BirthLog::over(const KeyId& device, std::uint64_t start,
                                                     std::uint64_t end, const Digest& chain) const {
  LM_ASSIGN(auto q,
            db_.prepare("SELECT at, object FROM birth WHERE device = ?1 "
                        "AND n >= coalesce((SELECT max(n) FROM birth WHERE device = ?1 AND at <= "
                        "?2), 0) AND n <= coalesce((SELECT min(n) FROM birth WHERE device = ?1 AND "
                        "at >= ?3), 9223372036854775807) ORDER BY n DESC LIMIT ?4"));
  q.bind(1, device).bind(2, start).bind(3, end).bind(4, std::uint64_t{chain::kBirthsMax});
  std::vector<chain::ToldBirth> out;
  while (true) {
    LM_ASSIGN(const bool row, q.step());
    if (!row) break;
    LM_ASSIGN(auto birth, lotmark::open<Birth>(q.blob(1), chain));
    out.push_back({q.u64(0), std::move(birth)});
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace lotmark::node
