#include "ledger-node/evidence/evidence_store.h"

#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/base/whole_file.h"
#include "core/crypto/sha256.h"
#include "ledger-node/evidence/schema.h"

namespace lotmark::node {

namespace {

Digest digest_of(const std::vector<Digest>& ids) {
  Bytes joined;
  for (const auto& id : ids) joined.insert(joined.end(), id.bytes.begin(), id.bytes.end());
  return sha256(joined);
}

}  // namespace

Result<EvidenceStore> EvidenceStore::open(const std::filesystem::path& data_dir, ByteView anchor) {
  LM_ASSIGN(auto db, store::Database::open(data_dir / "evidence.db"));
  LM_TRY(db.migrate({kEvidenceSchema}));
  EvidenceStore store(std::move(db), data_dir / "evidence", to_bytes(anchor));
  LM_TRY(store.load());
  return store;
}

Status EvidenceStore::load() {
  LM_ASSIGN(auto q, db_.prepare("SELECT kind, culprit, name, bytes FROM file ORDER BY n"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    LM_ASSIGN(auto culprit, q.fixed<KeyId>(1));
    const std::string name = q.text(2);
    against_.try_emplace({culprit, static_cast<EvidenceKind>(q.integer(0))}, name);
    ++size_;
    std::error_code ec;
    if (!std::filesystem::exists(folder_ / name, ec)) LM_TRY(write_out(name, q.blob(3)));
  }
}

// For nobody but the node's own user, and whole or not at all.
Status EvidenceStore::write_out(const std::string& name, ByteView file) const {
  std::error_code ec;
  if (std::filesystem::create_directory(folder_, ec)) {
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all, ec);
  }
  return write_whole(folder_ / name, file);
}

Result<bool> EvidenceStore::keep(ByteView file, const std::optional<KeyId>& from, Time now) {
  LM_ASSIGN(auto same, db_.prepare("SELECT 1 FROM file WHERE hash = ?"));
  LM_ASSIGN(bool held, same.bind(1, sha256(file)).step());
  if (held) return false;
  const auto judged = proof::verify_evidence(file, anchor_);
  if (!judged.proven) return fail(judged.error, judged.why);
  return insert(judged, file, from, now);
}

Result<bool> EvidenceStore::has_room(const proof::Culprit& by, int kind) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT count(*) FILTER (WHERE culprit = ?1 AND kind = ?2), "
                                "count(*) FILTER (WHERE role = 'device' AND organisation = ?3), "
                                "count(*) FILTER (WHERE role = 'device') FROM file"));
  LM_ASSIGN(const bool row, q.bind(1, by.kid).bind(2, kind).bind(3, by.organisation).step());
  if (!row || size_ >= kFiles || q.u64(0) >= kFilesOfOne) return false;
  return !by.device || (q.u64(1) < kFilesOfDevices && q.u64(2) < kFilesOfAllDevices);
}

Result<bool> EvidenceStore::insert(const proof::EvidenceResult& proven, ByteView file,
                                   const std::optional<KeyId>& from, Time now) {
  const auto& by = proven.proven->by;
  const int kind = static_cast<int>(*proven.kind);
  const Digest objects = digest_of(proven.proven->objects);
  LM_ASSIGN(auto q,
            db_.prepare("SELECT 1 FROM file WHERE culprit = ? AND kind = ? AND objects = ?"));
  LM_ASSIGN(const bool row, q.bind(1, by.kid).bind(2, kind).bind(3, objects).step());
  if (row) return false;
  q.reset();
  LM_ASSIGN(const bool room, has_room(by, kind));
  if (!room) {
    ++turned_away_;
    return fail(Errc::kTooLarge,
                "as many files as are kept of one culprit and kind, of one organisation's devices, "
                "or in all");
  }
  const std::string name = fmt::format("{}-{}-{}.cbor", lotmark::name(*proven.kind), to_hex(by.kid),
                                       to_hex(objects.view().first(8)));
  LM_TRY(write_out(name, file));
  LM_ASSIGN(auto in, db_.prepare("INSERT INTO file(n, kind, culprit, objects, hash, organisation, "
                                 "role, name, found, source, bytes) "
                                 "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  in.bind(1, size_ + 1).bind(2, kind).bind(3, by.kid).bind(4, objects).bind(5, sha256(file));
  in.bind(6, by.organisation).bind(7, by.role).bind(8, name).bind(9, to_ms(now)).bind(10, from);
  LM_TRY(in.bind(11, file).run());
  ++size_;
  against_.try_emplace({by.kid, *proven.kind}, name);
  log::error("evidence.found", {{"kind", lotmark::name(*proven.kind)},
                                {"culprit", to_hex(by.kid)},
                                {"organisation", by.organisation},
                                {"role", by.role},
                                {"file", name},
                                {"from", from ? short_hex(*from) : "this node"}});
  return true;
}

std::optional<std::string> EvidenceStore::against(const KeyId& culprit, EvidenceKind kind) const {
  const auto it = against_.find({culprit, kind});
  return it == against_.end() ? std::nullopt : std::optional(it->second);
}

Result<std::vector<KeptEvidence>> EvidenceStore::list() const {
  LM_ASSIGN(auto q, db_.prepare("SELECT n, kind, culprit, organisation, role, name, length(bytes), "
                                "found, source FROM file ORDER BY n"));
  std::vector<KeptEvidence> out;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    KeptEvidence e;
    e.n = q.u64(0);
    e.kind = static_cast<EvidenceKind>(q.integer(1));
    LM_ASSIGN(e.culprit, q.fixed<KeyId>(2));
    e.organisation = q.text(3);
    e.role = q.text(4);
    e.file = q.text(5);
    e.bytes = q.u64(6);
    e.found = q.u64(7);
    if (!q.is_null(8)) {
      LM_ASSIGN(e.from, q.fixed<KeyId>(8));
    }
    out.push_back(std::move(e));
  }
}

Result<Bytes> EvidenceStore::file(std::uint64_t n) const {
  LM_ASSIGN(auto list, files(n, 1));
  if (n == 0 || list.empty()) return fail(Errc::kNotFound, "no evidence file " + std::to_string(n));
  return std::move(list.front());
}

Result<bool> EvidenceStore::holds(const Digest& hash) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT 1 FROM file WHERE hash = ?"));
  return q.bind(1, hash).step();
}

Result<std::vector<Bytes>> EvidenceStore::files(std::uint64_t n, std::size_t max_bytes) const {
  LM_ASSIGN(auto q, db_.prepare("SELECT bytes FROM file WHERE n >= ? ORDER BY n"));
  q.bind(1, n);
  std::vector<Bytes> out;
  std::size_t total = 0;
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return out;
    total += q.blob(0).size();
    if (!out.empty() && total > max_bytes) return out;
    out.push_back(to_bytes(q.blob(0)));
  }
}

}  // namespace lotmark::node
