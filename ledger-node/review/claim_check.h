// One claim against its device's bundles: tree, log, limits, pauses, count. docs/format/private.md (claim),
// public.md (findings 1 to 5, 14, 101).
#pragma once

#include "ledger-node/review/evidence.h"

namespace lotmark::review {

class ClaimCheck {
 public:
  // `place` is the claim's place in ReviewFindings::claims. All outlive the check.
  // `births` are those of its device that its record tells.
  ClaimCheck(const ReviewInput& input, EvidenceBook& book, FindingList& list, const Claim& claim,
             const LineStep& step, std::uint64_t place, const std::vector<chain::ToldBirth>& births)
      : in_(input),
        book_(book),
        list_(list),
        claim_(claim),
        step_(step),
        place_(place),
        births_(births) {}

  void run(const std::vector<EvidenceRef>& refs);
  // The calibrations its readings were taken with, for people; after run().
  const std::vector<std::string>& calibration() const { return calibration_; }

 private:
  // Where a bundle holds the claim's channel, and the readings before it in the evidence tree's order.
  struct Leaf {
    const OpenedEvidence* evidence;
    std::uint32_t channel;
    Bytes entry;
    merkle::AnnotatedNode node;
  };
  struct Reading {
    std::uint64_t t;
    std::int64_t value;
    std::uint32_t leaf;
    std::uint32_t index;
  };
  using Span = chain::Span;

  bool gather(const std::vector<EvidenceRef>& refs);
  bool add_leaf(const OpenedEvidence& evidence, std::uint64_t place);
  void take_gaps(const Bundle& bundle, std::optional<std::uint64_t> channel);
  void check_words();
  void check_log();
  std::string log_fault(const OpenedEvidence& before, const OpenedEvidence& after) const;
  Span around(std::size_t left, std::size_t right) const;
  void check_tree();
  void check_declared();
  void collect_readings();
  void check_values();
  void check_pauses();
  void check_count();
  std::vector<std::pair<const Calibration*, Span>> calibrations() const;
  void check_calibration();
  bool covered(std::uint64_t from, std::uint64_t to, const std::vector<Span>& by) const;
  bool in_window(const Reading& r) const { return r.t >= claim_.start && r.t < claim_.end; }
  std::optional<ReadingProof> prove(const Reading& r) const;
  void add(FindingCode code, std::string text, std::uint64_t more = 0,
           std::optional<ReadingProof> proof = std::nullopt);
  std::string subject() const;
  std::string shown(std::int64_t value) const;

  const ReviewInput& in_;
  EvidenceBook& book_;
  FindingList& list_;
  const Claim& claim_;
  const LineStep& step_;
  std::uint64_t place_;
  const std::vector<chain::ToldBirth>& births_;

  std::vector<const OpenedEvidence*> log_;  // bundles and gap objects in order
  std::vector<Leaf> leaves_;
  std::vector<Reading> readings_;
  std::vector<DeclaredGap> declared_;  // by bundles, of this channel or the whole device
  std::vector<Span> lost_;             // stretches a gap object stands for
  std::vector<Span> holes_;            // stretches of the log that were not shown
  std::vector<std::string> calibration_;
  bool readings_hold_ = true;
};

}  // namespace lotmark::review
