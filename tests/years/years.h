// Many years of one node's public side on a clock that jumps: lots are released, expire, are kept as long as the law
// asks and are cut at each audit round. One chain.db on disk; its members' keys are in memory, quorum 2 of 3.
#pragma once

#include <map>
#include <ostream>

#include "ledger-node/chain/public/public_chain.h"
#include "tests/scenario/block_maker.h"

namespace lotmark::years {

struct Options {
  unsigned lots_a_day = 20;
  unsigned days_a_period = 1;  // a period block, with the head of the enterprise's log
  unsigned years = 12;
  unsigned validity = 2;         // years from release to expiry
  unsigned retention = 1;        // years after expiry
  unsigned months_an_audit = 3;  // from one audit round to the next
  // The first year at whose end as many bodies come as go.
  unsigned flat_from() const { return validity + retention + 1; }
};

// What stands at the end of a year.
struct Year {
  unsigned year = 0;  // from 1
  std::uint64_t blocks = 0;
  std::uint64_t lots = 0;  // ever
  std::uint64_t cut_lots = 0;
  std::uint64_t bodies = 0;  // lot and period blocks whose bodies are there
  std::uint64_t body_bytes = 0;
  std::uint64_t rows = 0;        // of all tables
  std::uint64_t used_bytes = 0;  // pages in use
  std::uint64_t file_bytes = 0;
  std::uint64_t receipts = 0;  // given in all years so far, each checked again now
  std::uint64_t archived = 0;  // of their lots, those answered archived with proof
};

class Years {
 public:
  Years(const Options& options, const std::filesystem::path& folder);

  // Prints a line a year to `out`. The first thing that does not hold is the error.
  Status run(std::ostream& out);
  const std::vector<Year>& table() const { return table_; }

  // What a cut lot adds to the pages in use, between the first flat year and the last.
  double bytes_a_cut_lot() const;
  // Bodies at the end over those at the end of the first flat year.
  double bodies_ratio() const;

 private:
  // A receipt as it was given the day after release.
  struct Given {
    LotNumber lot;
    Bytes receipt;
  };

  Status day(std::chrono::year_month_day date);
  Status release_lot(std::chrono::year_month_day date);
  Status close_period();
  Status vote();
  Status give_receipts();
  // All that may be cut.
  Status audit_round();
  Status cut_once(bool& cut_any);
  Status drop_all();
  Status end_year(unsigned year);
  // Every receipt given so far, and a fresh question for its lot.
  Status ask_again(Year& row);
  Status ask_about(const LotNumber& lot, Year& row);
  Status append(ByteView block);
  Time now() const { return c_.clock.now(); }
  Result<std::uint64_t> number_of(const char* sql) const;

  Options options_;
  std::filesystem::path file_;
  test::Consortium c_;
  test::BlockMaker maker_{c_};
  std::optional<chain::PublicChain> chain_;
  merkle::MemoryTree log_;  // the enterprise's
  std::uint64_t logged_ = 0;
  std::uint64_t lots_ = 0;
  std::vector<LotNumber> wanted_;  // receipts to be given when the day's votes are there
  std::vector<Given> given_;
  std::vector<Year> table_;
};

}  // namespace lotmark::years
