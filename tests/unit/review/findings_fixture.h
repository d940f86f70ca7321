// A lot that is without fault until a test tells one lie of it, and what the reviewer then finds.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/review/lot_maker.h"

namespace lotmark {

using review::compute_findings;
using review::FindingCode;
using review::FoundItem;
using test::Consortium;
using test::LotMaker;
using testing::ElementsAre;
using testing::HasSubstr;

class Findings : public testing::Test {
 protected:
  std::set<std::uint64_t> codes(const review::ReviewInput& in) {
    found_ = compute_findings(in);
    std::set<std::uint64_t> out;
    for (const auto& f : found_.findings) out.insert(f.finding.code);
    return out;
  }
  std::set<std::uint64_t> built() {
    lot.build();
    return codes(lot.input());
  }
  std::string texts() const {
    std::string out;
    for (const auto& f : found_.findings) out += f.finding.text + "\n";
    return out;
  }
  review::ReviewInput input() {
    lot.build();
    return lot.input();
  }

  // The first bundle of the filling.
  static review::FetchedBundle& used(review::ReviewInput& in) {
    return in.bundles.at(in.rows->rows[1].evidence[0].bundles[0].bundle);
  }

  Consortium c;
  LotMaker lot{c};
  review::ReviewFindings found_;
};

}  // namespace lotmark
