// A LotSource that says what a test wants: at first the one lot of the contract's vector.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "api/lot_source.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::api::test {

class MemoryLots final : public LotSource {
 public:
  MemoryLots() {
    const auto v = lotmark::test::contract("receipt.json");
    anchor_ = lotmark::test::hex(v["anchor"]);
    receipt_ = lotmark::test::hex(v["receipt"]);
    Lot lot;
    lot.block = 2;
    lot.gtin = {v["gtin"].get<std::string>()};
    lot.lot = {v["lot"].get<std::string>()};
    lot.product = "Vaccine A";
    lot.expires = {20281231};
    lot.time = 1767618000000;
    add(lot);
  }

  void add(const Lot& lot) {
    change([&] { lots_[lot.block] = lot; });
  }
  void set_state(std::uint64_t block, VerdictKind state) {
    change([&] { lots_[block].state = state; });
  }
  void set_receipt(Bytes receipt) {
    change([&] { receipt_ = std::move(receipt); });
  }
  // Takes the lot's block away and leaves this proof.
  void cut(std::uint64_t block, Bytes proof, bool recalled = false) {
    change([&] {
      archived_[lots_[block].gtin.text + lots_[block].lot.text] = {std::move(proof), recalled};
      lots_.erase(block);
    });
  }
  void set_checkpoint(CheckpointInfo c) {
    change([&] { checkpoint_ = std::move(c); });
  }
  void set_broken(bool broken) {
    change([&] { broken_ = broken; });
  }
  const Bytes& receipt_bytes() const { return receipt_; }
  int receipts_read() const { return receipts_read_; }

  Result<std::optional<Lot>> find(const Gtin& gtin, const LotNumber& lot) override {
    std::lock_guard lock(mutex_);
    if (broken_) return fail(Errc::kStore, "broken for a test");
    std::optional<Lot> newest;
    for (const auto& [block, l] : lots_) {
      if (l.gtin == gtin && l.lot == lot) newest = l;
    }
    return newest;
  }
  Result<Bytes> receipt(const Lot&) override {
    std::lock_guard lock(mutex_);
    ++receipts_read_;
    return receipt_;
  }
  Result<std::optional<ArchivedLot>> archived(const Gtin& gtin, const LotNumber& lot) override {
    std::lock_guard lock(mutex_);
    const auto it = archived_.find(gtin.text + lot.text);
    return it == archived_.end() ? std::nullopt : std::optional(it->second);
  }
  Result<std::vector<Lot>> lots(std::uint64_t after, std::size_t limit) override {
    std::lock_guard lock(mutex_);
    std::vector<Lot> out;
    for (auto it = lots_.upper_bound(after); it != lots_.end() && out.size() < limit; ++it) {
      out.push_back(it->second);
    }
    return out;
  }
  Result<std::optional<CheckpointInfo>> checkpoint() override {
    std::lock_guard lock(mutex_);
    return checkpoint_;
  }
  std::uint64_t version() const override { return version_; }
  const Bytes& anchor() const override { return anchor_; }
  Status health() override {
    if (broken_) return fail(Errc::kStore, "broken for a test");
    return {};
  }

 private:
  template <class Fn>
  void change(Fn&& fn) {
    std::lock_guard lock(mutex_);
    fn();
    ++version_;
  }
  std::mutex mutex_;
  std::map<std::uint64_t, Lot> lots_;
  std::optional<CheckpointInfo> checkpoint_;
  Bytes anchor_;
  Bytes receipt_;
  std::map<std::string, ArchivedLot> archived_;
  std::atomic<std::uint64_t> version_{0};
  std::atomic<int> receipts_read_{0};
  std::atomic<bool> broken_{false};
};

}  // namespace lotmark::api::test
