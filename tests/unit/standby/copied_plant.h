// A plant and a standby's copy of it, page by page.
#pragma once

#include "ledger-node/backup/backup.h"
#include "ledger-node/chain/private/audit.h"
#include "ledger-node/standby/copies.h"
#include "ledger-node/standby/follower.h"
#include "tests/unit/chain/temp_folder.h"
#include "tests/unit/enterprise/plant.h"

namespace lotmark::test {

class CopiedPlant {
 public:
  CopiedPlant() { open(); }

  Plant plant;
  TempFolder folder;  // the standby's

  std::filesystem::path rows() const { return folder / "private.db"; }
  node::Follower& follower() { return *follower_; }
  const store::Database& copy() { return *db_; }

  // As after a crash of the standby.
  void reopen() {
    shut();
    open();
  }
  void shut() {
    follower_.reset();
    db_.reset();
    chain_.reset();
  }

  // The source's answer to what the standby would ask now, over its bytes.
  Result<node::CopyPage> page(std::size_t bytes = node::kCopyPageBytes) {
    auto source = store::Database::open(plant.file("private.db"), {.read_only = true});
    EXPECT_TRUE(source);
    LM_ASSIGN(auto state, node::read_copy_state(*db_));
    LM_ASSIGN(auto page, node::read_copy_page(
                             *source, state->moved, state->tree.size(), plant.intake().size(),
                             [this](std::uint64_t n) { return plant.intake().root_at(n); }, bytes));
    return node::decode_copy_page(node::encode(page));
  }

  // Until there is nothing more; how many pages it took.
  int follow() {
    for (int pages = 0;; ++pages) {
      auto next = page();
      EXPECT_TRUE(next) << next.error().message();
      if (!next || (next->rows.empty() && next->objects.empty())) return pages;
      const Status taken = follower_->take(*next);
      EXPECT_TRUE(taken) << taken.error().message();
      if (!taken) return pages;
    }
  }

  // The chain as the standby would have it by now.
  void copy_chain() {
    for (const char* name : {"chain.db", "chain.db-wal"}) {
      if (std::filesystem::exists(plant.file(name)))
        std::filesystem::copy_file(plant.file(name), folder / name,
                                   std::filesystem::copy_options::overwrite_existing);
    }
  }

  chain::AuditReport audit() {
    auto report = chain::audit(rows(), plant.file("chain.db"), plant.c.anchor);
    EXPECT_TRUE(report) << report.error().message();
    return report ? *report : chain::AuditReport{};
  }

 private:
  void open() {
    auto db = chain::open_private(rows());
    ASSERT_TRUE(db);
    db_.emplace(*std::move(db));
    auto chain = chain::PublicChain::open(folder / "seen.db", plant.c.anchor);
    ASSERT_TRUE(chain);
    chain_.emplace(*std::move(chain));
    auto follower = node::Follower::open(*db_, *chain_, plant.c.enterprise.kid());
    ASSERT_TRUE(follower) << follower.error().message();
    follower_ = *std::move(follower);
  }

  std::optional<store::Database> db_;
  std::optional<chain::PublicChain> chain_;
  std::unique_ptr<node::Follower> follower_;
};

inline std::string lines(const chain::AuditReport& report) {
  std::string out;
  for (const auto& f : report.faults) out += chain::to_line(f) + "\n";
  return out;
}

inline std::int64_t spoil(const std::filesystem::path& file, const std::string& sql) {
  auto db = store::Database::open(file);
  EXPECT_TRUE(db);
  const Status done = db->exec(sql);
  EXPECT_TRUE(done) << sql << ": " << done.error().message();
  return db->changes();
}

}  // namespace lotmark::test
