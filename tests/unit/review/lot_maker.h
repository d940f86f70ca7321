// One lot as an honest enterprise would make it, with a place to lie at each stage: fridge and room measure from
// 08:00 to 09:00 in bundles of ten minutes; filling, storage and packing rest on them; decoys fill the other slots.
#pragma once

#include "ledger-node/review/findings.h"
#include "tests/scenario/device_maker.h"

namespace lotmark::test {

class LotMaker {
 public:
  // `consortium` must outlive it.
  explicit LotMaker(Consortium& consortium);

  // To change before build(). `n` is the record's place: 1 filling, 3 storage, 4 packing, 6 the release record.
  DeviceMaker fridge;
  DeviceMaker room;
  ChannelPlan fridge_t = cold_channel();
  ChannelPlan room_t = cold_channel();
  ChannelPlan room_h = humid_channel();
  std::uint64_t pause_at = 0;  // the fridge's readings from here on come pause_ms later
  std::uint64_t pause_ms = 0;
  std::function<void(const Claim&, std::vector<review::EvidenceRef>&)>
      edit_evidence;  // before the tree
  std::function<void(Claim&)> edit_claim;
  std::function<void(std::size_t n, RecordHead&)> edit_head;
  std::function<void(std::size_t n, std::vector<Bytes>&)> edit_segments;
  std::map<std::size_t, const Party*> signed_by;
  std::function<void(Application&)> edit_application;
  std::function<void(Opening&)> edit_opening;

  void build();
  review::ReviewInput input() const;

  // Rows and bundle files as the enterprise answers them.
  Bytes rows_answer() const;
  Bytes bundle_answer(const Digest& id, std::uint64_t size) const;
  const merkle::MemoryTree& intake() const { return intake_; }
  static Bytes encode_rows(const review::LotRows& rows);

  std::uint64_t at(std::uint64_t minutes) const { return begin_ + minutes * 60000; }
  const std::map<KeyId, chain::Enrolled>& enrolled() const { return enrolled_; }

  Sealed start;
  Sealed opening;
  std::vector<Sealed> transactions;
  Sealed application;
  review::LotRows rows;

 private:
  struct Made {
    OpenedWire opened;
    Bytes wire;
    std::uint64_t index = 0;
  };
  struct Step {
    std::string label;
    std::uint64_t start;
    std::uint64_t end;
  };
  void enrol();
  void measure();
  void keep(const std::vector<Bytes>& wires);
  void add_step(const Step& step);
  Claim make_claim(const LineStep& line, const Step& step, const KeyId& device,
                   const std::string& channel, std::vector<review::EvidenceRef>& refs);
  void add_decoy();
  void add_release();
  void add_row(RecordHead head, std::vector<Bytes> segments,
               std::vector<review::ClaimEvidence> evidence, const Party& author);
  std::vector<review::EvidenceRef> refs_of(const KeyId& device, const std::string& channel,
                                           std::uint64_t from, std::uint64_t to) const;

  Consortium& c_;
  std::uint64_t begin_;
  std::map<KeyId, chain::Enrolled> enrolled_;
  std::vector<Digest> order_;
  std::map<Digest, Made> made_;
  merkle::MemoryTree intake_;
  std::vector<Bytes> claims_;
};

}  // namespace lotmark::test
