// Tables of chain.db that nobody signed, against the blocks: lots, what may be on the chain once, votes.
// A node answers from them; the audit itself does not.
#include <fmt/format.h>

#include "core/base/hex.h"
#include "core/wire/vote.h"
#include "ledger-node/chain/private/audit_state.h"

namespace lotmark::chain {

namespace {

// A cut or emptied table gives one fault a row: the first is kept and the rest counted, so that they
// leave room for others.
class Alike {
 public:
  explicit Alike(AuditReport& report) : report_(report) {}
  Alike(const Alike&) = delete;
  Alike& operator=(const Alike&) = delete;
  void add(AuditFault f) {
    if (count_++ == 0) first_ = std::move(f);
  }
  ~Alike() {
    if (count_ == 0) return;
    if (count_ > 1) first_.text += fmt::format(", and {} more like it", count_ - 1);
    add_fault(report_, std::move(first_));
  }

 private:
  AuditReport& report_;
  AuditFault first_;
  std::uint64_t count_ = 0;
};

std::string text_of(const KeyId& kid, const PublicChain& chain) {
  const Member* m = member_of(chain, kid);
  return m != nullptr ? m->organisation : to_hex(kid);
}

bool same_lot(const AuditRun& run, const store::Query& q, const Released& lot) {
  const Application& a = lot.application.body;
  const Member* m = member_of(run.chain, lot.application.kid);
  return q.text(1) == a.gtin.text && q.text(2) == a.lot.text && q.text(3) == a.product &&
         q.u64(4) == a.expires.yyyymmdd && (m == nullptr || q.text(5) == m->organisation) &&
         Digest::from(q.blob(6)) == lot.application.id && q.u64(7) == lot.seen.time &&
         Digest::from(q.blob(8)) == a.supersedes;
}

// `blocks`: how many the file held when its tables were looked at.
Status check_lots(AuditRun& run, std::uint64_t blocks) {
  LM_ASSIGN(auto q, run.chain_db.prepare(
                        "SELECT block, gtin, lot, product, expires, enterprise, application, time, "
                        "supersedes FROM lot ORDER BY block"));
  const auto fault = [&](std::uint64_t row, std::string lot, std::optional<std::uint64_t> block,
                         Errc e, std::string text) {
    run.fault({"chain lot", row, {}, std::move(lot), block, e, std::move(text), {}});
  };
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const std::uint64_t n = q.u64(0);
    const auto lot = run.open(run.book.lot_at(n));
    if (!lot) {
      fault(n, q.text(2), {}, Errc::kCorrupt,
            n < run.chain.size() ? "its block is no lot's" : "the chain does not hold its block");
    } else if (!same_lot(run, q, *lot)) {
      fault(n, lot->seen.lot, n, Errc::kCorrupt, "is not what its block says");
    }
  }
  LM_ASSIGN(auto there, run.chain_db.prepare("SELECT 1 FROM lot WHERE block = ?"));
  Status read;
  run.book.each_lot([&](const SeenLot& lot) {
    if (!read || lot.block >= blocks) return;
    auto row = there.bind(1, lot.block).step();
    if (!row) read = row.error();
    else if (!*row) fault(lot.block, lot.lot, lot.block, Errc::kNotFound, "is missing");
    there.reset();
  });
  return read;
}

Status check_once(AuditRun& run, std::uint64_t blocks) {
  Alike strange(run.report), other(run.report), gone(run.report);
  const auto fault = [](std::optional<std::uint64_t> block, Errc e, std::string text) {
    return AuditFault{"chain once", {}, {}, {}, block, e, std::move(text), {}};
  };
  LM_ASSIGN(auto q, run.chain_db.prepare("SELECT id, block FROM once"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) break;
    const auto id = Digest::from(q.blob(0));
    const auto block = id ? run.book.once(*id) : std::nullopt;
    if (!block) {
      strange.add(fault({}, Errc::kCorrupt,
                        fmt::format("{} is in no block, the row says {}",
                                    id ? short_hex(*id) : "an entry", q.integer(1))));
    } else if (*block != q.u64(1)) {
      other.add(fault(*block, Errc::kCorrupt,
                      fmt::format("says block {} of {}", q.integer(1), short_hex(*id))));
    }
  }
  LM_ASSIGN(auto there, run.chain_db.prepare("SELECT 1 FROM once WHERE id = ?"));
  Status read;
  run.book.each_once([&](const Digest& id, std::uint64_t block) {
    if (!read || block >= blocks) return;
    auto row = there.bind(1, id).step();
    if (!row) read = row.error();
    else if (!*row) gone.add(fault(block, Errc::kNotFound, short_hex(id) + " is missing"));
    there.reset();
  });
  return read;
}

Status check_vote(const AuditRun& run, const store::Query& q, const Vote& vote) {
  const auto& c = vote.claims;
  if (c.size != q.u64(0) || c.term != q.u64(1) || vote.kid != KeyId::from(q.blob(2)))
    return fail(Errc::kCorrupt, "its columns are not its object's");
  if (c.size < 2) return Errc::kVoteSize;
  if (c.size > run.chain.size()) {
    return fail(Errc::kVoteSize,
                fmt::format("is of {} blocks, the file holds {}", c.size, run.chain.size()));
  }
  LM_ASSIGN(const Digest root, run.chain.root_at(c.size));
  const Membership* judge = run.chain.statements().of_size(c.size);
  const Member* m = judge != nullptr ? judge->find(vote.kid) : nullptr;
  if (m == nullptr || !m->has(Role::kSupervising)) return Errc::kVoteSigner;
  if (Digest::from(q.blob(3)) != root || !verify_once(m->public_key, vote.id(root), vote.signature))
    return fail(Errc::kCoseSignature, "is not of these blocks");
  return {};
}

Status check_votes(AuditRun& run) {
  Alike beyond(run.report), wrong(run.report);
  LM_ASSIGN(auto q, run.chain_db.prepare("SELECT size, term, kid, root, bytes FROM vote"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    auto vote = read_vote(q.blob(4), run.id(), false);
    if (!vote) continue;  // read_votes named it
    if (Status ok = check_vote(run, q, *vote); !ok) {
      (vote->claims.size > run.chain.size() ? beyond : wrong)
          .add({"chain vote",
                q.u64(0),
                {},
                {},
                {},
                ok.code(),
                fmt::format("of {}: {}", text_of(vote->kid, run.chain), ok.error().message()),
                {}});
    }
  }
}

}  // namespace

Status read_votes(const store::Database& chain_db, const Digest& chain, AuditReport& report) {
  Alike unreadable(report);
  LM_ASSIGN(auto q, chain_db.prepare("SELECT size, bytes FROM vote"));
  while (true) {
    LM_ASSIGN(bool row, q.step());
    if (!row) return {};
    auto vote = read_vote(q.blob(1), chain, false);
    if (!vote) {
      unreadable.add({"chain vote",
                      q.u64(0),
                      {},
                      {},
                      {},
                      vote.code(),
                      "cannot be read: " + vote.error().message(),
                      {}});
    }
  }
}

Status audit_index(AuditRun& run) {
  LM_ASSIGN(auto q, run.chain_db.prepare("SELECT max(number) FROM block"));
  LM_TRY(q.step());
  const std::uint64_t blocks = q.is_null(0) ? 0 : q.u64(0) + 1;
  q.reset();
  LM_TRY(check_lots(run, blocks));
  LM_TRY(check_once(run, blocks));
  return check_votes(run);
}

}  // namespace lotmark::chain
