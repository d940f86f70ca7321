#include "ledger-node/chain/private/audit_sheet.h"

#include "core/base/hex.h"
#include "ledger-node/chain/private/audit_plan.h"
#include "ledger-node/chain/public/second.h"

namespace lotmark::chain {

namespace {

constexpr std::size_t kNamed = 20;  // serials that came again, of a lot

struct SheetFile {
  int number = 0;
  std::string node;
  OwnKeys keys;
  store::Database db;
};

class Sheet final : public AuditSheet {
 public:
  Sheet(AuditReader& reader, std::shared_ptr<AuditBook> book, AuditScope scope,
        std::vector<SheetFile> files)
      : reader_(std::move(reader)),
        book_(std::move(book)),
        scope_(std::move(scope)),
        files_(std::move(files)) {}

  std::uint64_t blocks() const override { return reader_.chain.size(); }
  Digest root() const override { return reader_.chain.root(); }
  std::uint64_t final_blocks() const override { return reader_.chain.final_size(); }
  Digest chain() const override { return reader_.chain.chain_id(); }

  Status each_lot(std::uint64_t every,
                  const std::function<Status(const SheetLot&)>& take) const override {
    AuditReport unused;
    AuditRun run{reader_, *book_, scope_, 0, {}, unused};
    Status done;
    book_->each_lot([&](const SeenLot& lot) {
      if (!done || !run.wanted(lot.gtin, lot.lot, lot.enterprise)) return;
      SheetLot row;
      done = fill(run, lot, every, row);
      if (done) done = take(row);
    });
    LM_TRY(std::move(done));
    return book_->fine();
  }

  Status each_left(const std::function<Status(const SheetLeft&)>& take) const override {
    for (const auto& f : files_) {
      LM_TRY(starts_left(f, take));
      LM_TRY(openings_left(f, "batch", take));
      LM_TRY(openings_left(f, "review", take));
    }
    return {};
  }

 private:
  std::string organisation(const KeyId& kid) const {
    const Member* m = member_of(reader_.chain, kid);
    return m != nullptr ? m->organisation : to_hex(kid);
  }

  Status fill(const AuditRun& run, const SeenLot& lot, std::uint64_t every, SheetLot& row) const {
    const PublicChain& chain = reader_.chain;
    row.block = lot.block;
    row.time = lot.time;
    row.gtin = lot.gtin;
    row.lot = lot.lot;
    row.enterprise = organisation(lot.enterprise);
    row.reviewer = organisation(lot.reviewer);
    row.block_id = lot.block_id;
    row.application = lot.application_id;
    row.start = lot.start;
    if (const auto opened = run.open(lot)) {
      row.product = opened->application.body.product;
      row.expires = opened->application.body.expires.yyyymmdd;
      if (opened->application.body.items) row.items = opened->application.body.items->size;
    }
    const auto newest = book_->released(lot.enterprise, lot.gtin, lot.lot);
    if (newest && newest->block == lot.block) row.use = book_->use_of(lot.gtin, lot.lot, kNamed);
    row.above = row.items && above(row.use.units, *row.items);
    row.final = chain.is_final(lot.block);
    LM_ASSIGN(const auto votes, chain.votes_on(lot.block));
    row.votes = votes.size();
    const Membership* judge = chain.statements().of_block(lot.block);
    row.quorum = judge != nullptr ? judge->quorum : 0;
    auto receipt = chain.receipt(lot.block);
    if (receipt) row.receipt = *std::move(receipt);
    else row.why = receipt.error().message();
    row.faults = book_->faults_of_lot(lot.lot, lot.block);
    row.drawn = row.final && drawn_for_second(lot.block_id, every);
    return look_at_files(lot, row);
  }

  // Who was named to review it, and the second report.
  Status look_at_files(const SeenLot& lot, SheetLot& row) const {
    for (const auto& f : files_) {
      for (const char* table : {"batch", "review"}) {
        LM_ASSIGN(auto q,
                  f.db.prepare("SELECT opening FROM " + std::string(table) + " WHERE start = ?"));
        LM_ASSIGN(bool there, q.bind(1, lot.start).step());
        if (!there) continue;
        row.rows = true;
        auto opening = open<Opening>(q.blob(0), chain());
        if (!opening || !row.reviewers.empty()) continue;
        for (const auto& kid : opening->body.reviewers)
          row.reviewers += (row.reviewers.empty() ? "" : ", ") + organisation(kid);
        const auto second = second_reviewer(lot.block_id, opening->body.reviewers, lot.reviewer);
        if (row.drawn && second) row.second = organisation(*second);
      }
      LM_ASSIGN(auto q,
                f.db.prepare("SELECT report_id FROM second WHERE start = ? AND report_id IS "
                             "NOT NULL"));
      LM_ASSIGN(bool there, q.bind(1, lot.start).step());
      if (there) row.second_report = to_hex(q.blob(0));
    }
    return {};
  }

  Status starts_left(const SheetFile& f,
                     const std::function<Status(const SheetLeft&)>& take) const {
    if (!scope_.lot.empty()) return {};
    LM_ASSIGN(
        auto q,
        f.db.prepare(
            "SELECT id, signer, at FROM received WHERE type = 'start' AND NOT EXISTS(SELECT 1 "
            "FROM batch WHERE start = id) AND NOT EXISTS(SELECT 1 FROM review WHERE "
            "start = id) ORDER BY idx"));
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return {};
      const auto id = Digest::from(q.blob(0));
      const auto signer = KeyId::from(q.blob(1));
      if (!id || !signer) continue;  // the audit named it
      const Enrolled* device = reader_.chain.enrolled(*signer);
      if (!scope_.enterprise.empty() &&
          (device == nullptr || device->organisation != scope_.enterprise))
        continue;
      SheetLeft left;
      left.node = f.node;
      left.start = *id;
      left.by = device != nullptr ? device->organisation + "/" + device->name : to_hex(*signer);
      left.at = q.u64(2);
      LM_TRY(take(left));
    }
  }

  Status openings_left(const SheetFile& f, std::string_view table,
                       const std::function<Status(const SheetLeft&)>& take) const {
    LM_ASSIGN(auto q,
              f.db.prepare("SELECT start, opening, gtin, lot, (SELECT count(*) FROM tx WHERE "
                           "tx.start = b.start) FROM " +
                           std::string(table) + " b WHERE application IS NULL ORDER BY start"));
    AuditReport unused;
    const AuditRun run{reader_, *book_, scope_, f.number, f.keys, unused};
    while (true) {
      LM_ASSIGN(bool row, q.step());
      if (!row) return {};
      auto opening = open<Opening>(q.blob(1), chain());
      if (!opening || !run.wanted(q.text(2), q.text(3), opening->kid)) continue;
      SheetLeft left;
      left.node = f.node;
      left.opened = true;
      left.start = opening->body.start;
      left.gtin = q.text(2);
      left.lot = q.text(3);
      left.by = organisation(opening->kid);
      left.at = opening->body.slots.empty() ? 0 : opening->body.slots.back();
      left.transactions = q.u64(4);
      LM_TRY(take(left));
    }
  }

  mutable AuditReader reader_;
  std::shared_ptr<AuditBook> book_;
  AuditScope scope_;
  std::vector<SheetFile> files_;
};

}  // namespace

Result<std::shared_ptr<AuditSheet>> AuditPlan::sheet() {
  std::vector<SheetFile> files;
  for (const auto& a : audited_) {
    LM_ASSIGN(auto db, store::Database::open(a.place, {.read_only = true}));
    files.push_back({a.number, a.node, a.keys, std::move(db)});
  }
  return std::shared_ptr<AuditSheet>(
      std::make_shared<Sheet>(readers_.front(), book_, options_.scope, std::move(files)));
}

}  // namespace lotmark::chain
