// An agency's node as far as marks of use go: its chain with a released lot, two pharmacies that it enrolled, the desk,
// the reporter, and a submitter whose submissions stand in the next period block.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ledger-node/marks/mark_desk.h"
#include "ledger-node/marks/mark_reader.h"
#include "ledger-node/marks/mark_reporter.h"
#include "ledger-node/replicate/submitter.h"
#include "tests/scenario/block_maker.h"
#include "tests/unit/chain/temp_folder.h"

namespace lotmark::test {

class MarksTest : public testing::Test {
 protected:
  MarksTest();

  Consortium c{{.agency = true}};
  BlockMaker maker{c};
  TempFolder folder;
  chain::PublicChain chain = open_chain();
  Party corner = make_party("corner-pharmacy", "drug-west", 50);
  Party market = make_party("market-pharmacy", "drug-west", 51);
  std::unique_ptr<node::Submitter> submitter;
  std::unique_ptr<node::MarkStore> store;
  std::unique_ptr<node::MarkDesk> desk;
  std::unique_ptr<node::MarkReporter> reporter;
  std::optional<Errc> no_submission;  // what the submitter answers in place of its own answer
  std::function<bool(const Bytes& report)> refused;  // for itself, and no other
  std::vector<Bytes> submitted;                      // different ones, in order
  unsigned chain_asked = 0;                          // times the desk took the node's lock
  unsigned attempts = 0;                             // at submitting them
  std::optional<Errc> lost_answer;                   // the submission is taken, and its answer this

  Time now() const { return c.clock.now(); }
  void pass(Millis by) { c.clock.advance(by); }
  chain::PublicChain open_chain();
  // The desk, the store and the reporter as after a restart.
  void restart();
  void append(ByteView block);
  void release(const std::string& lot);
  Bytes enrolment(const Party& who, const Party& by) const;

  // A mark now, of lot A-1, of that unit or of `count` without serials.
  Mark mark(std::optional<std::string> serial, UsageKind kind = UsageKind::kSold,
            std::uint64_t count = 1) const;
  Bytes signed_by(const Party& who, const Mark& m) const;
  // What the desk answers: the entries of `marks`; none where the call failed.
  nlohmann::json bring(const std::vector<Bytes>& marks);
  // How it took a single one: taken, held, or the error it was refused by.
  std::string bring(const Bytes& mark);
  std::string sell(const Party& who, const std::string& serial) {
    return bring(signed_by(who, mark(serial)));
  }
  nlohmann::json list(const std::string& query = "");

  void tick(int times = 1);
  // Objects that the submitter hands to whoever orders.
  std::vector<Bytes> given();
  // A period block with them, and, if nothing else is said, the votes that make it final.
  void into_a_block(const std::vector<Bytes>& events, bool final = true);
  std::uint64_t reports(node::ReportState state) const;
  Usage opened(const Bytes& report) const;
};

}  // namespace lotmark::test
