// An intake log that is closed and opened again after every step: what it knows, it knows from its file.
#pragma once

#include <filesystem>

#include "core/base/hex.h"
#include "core/base/log.h"
#include "core/store/database.h"
#include "ledger-node/intake/intake_log.h"
#include "tests/make_folder.h"
#include "tests/unit/intake/simulated_device.h"

namespace lotmark::test {

class IntakeTest : public testing::Test {
 protected:
  IntakeTest() {
    static const bool quiet =
        (log::setup("intake_test", log::Level::kError), true);  // refusals are many
    EXPECT_TRUE(quiet);
    folder_ = make_folder("intake");
    file = folder_ / "private.db";
    for (const auto* d : {&thermometer, &door}) enrolled[d->kid()] = d->enrolled();
    reopen();
  }
  ~IntakeTest() override {
    log.reset();
    std::filesystem::remove_all(folder_);
  }

  void reopen() {
    const Checkpoint before = log ? log->checkpoint() : Checkpoint{0, merkle::empty_root()};
    log.reset();
    auto opened = node::IntakeLog::open(file, *keeper, test_chain(), {kOrganisation, 3600});
    ASSERT_TRUE(opened) << opened.error().message();
    log = std::move(*opened);
    log->update(enrolled, newest);
    EXPECT_EQ(log->checkpoint(), before);
  }

  // Takes a group; what its acks say, by device. Every ack is checked for what all acks have in common.
  std::map<KeyId, Ack> send(const std::vector<bus::Message>& group) {
    auto published = log->take(group, now);
    EXPECT_TRUE(published) << published.error().message();
    std::map<KeyId, Ack> out;
    if (!published) return out;
    for (const auto& p : *published) {
      auto ack = open<Ack>(p.payload, test_chain());
      EXPECT_TRUE(ack) << ack.error().message();
      EXPECT_TRUE(ack->verified_by(keeper->public_key()));
      EXPECT_EQ(p.topic,
                bus::to_string({kOrganisation, enrolled.at(ack->body.device).name, "ack"}));
      EXPECT_EQ(ack->body.size, log->size());
      EXPECT_EQ(ack->body.root, log->checkpoint().root);
      EXPECT_EQ(ack->body.checkpoint, newest);
      EXPECT_GE(ack->body.time, last_time);
      last_time = ack->body.time;
      EXPECT_TRUE(out.emplace(ack->body.device, ack->body).second) << "two acks for one device";
    }
    collect_refusals();
    reopen();
    return out;
  }
  // One message of one device; its ack.
  Ack tell(const SimulatedDevice& d, const bus::Message& m) {
    auto acks = send({m});
    EXPECT_EQ(acks.size(), 1u);
    return acks.contains(d.kid()) ? acks.at(d.kid()) : Ack{};
  }
  // It is refused with that error, counted by name, named in the ack, and nothing is stored.
  void expect_refused(const SimulatedDevice& d, const bus::Message& m, Errc error,
                      std::uint64_t seq) {
    const auto size = log->size();
    const auto count = refusals[std::string(name(error))];
    const Ack ack = tell(d, m);
    ASSERT_EQ(ack.refused.size(), 1u) << "not refused with " << name(error);
    EXPECT_EQ(name(static_cast<Errc>(ack.refused[0].error)), name(error));
    EXPECT_EQ(ack.refused[0].seq, seq);
    EXPECT_EQ(refusals[std::string(name(error))], count + 1);
    EXPECT_EQ(log->size(), size);
  }
  // Refused before anybody can be answered.
  void expect_unanswered(const bus::Message& m, Errc error) {
    const auto size = log->size();
    const auto count = refusals[std::string(name(error))];
    EXPECT_TRUE(send({m}).empty());
    EXPECT_EQ(refusals[std::string(name(error))], count + 1) << "not refused with " << name(error);
    EXPECT_EQ(log->size(), size);
  }

  struct EvidenceRow {
    std::string kind;
    KeyId signer;
    Bytes first;
    Bytes second;
  };
  std::vector<EvidenceRow> evidence() const {
    std::vector<EvidenceRow> out;
    auto db = store::Database::open(file, {.read_only = true});
    auto q = db->prepare("SELECT kind, signer, first, second FROM evidence ORDER BY n");
    while (*q->step()) {
      out.push_back({q->text(0), *q->fixed<KeyId>(1), to_bytes(q->blob(2)), to_bytes(q->blob(3))});
    }
    return out;
  }

  SimulatedDevice thermometer{"fridge-1", 11};
  SimulatedDevice door{"door-1", 12};
  std::unique_ptr<Signer> keeper = test_signer(1);
  std::map<KeyId, chain::Enrolled> enrolled;
  std::optional<Checkpoint> newest = Checkpoint{7, test_chain()};
  Time now = from_ms(static_cast<std::int64_t>(kStart + kHour));
  std::uint64_t last_time = 0;
  std::map<std::string, double> refusals;  // by error name, over all reopenings
  std::filesystem::path file;
  std::unique_ptr<node::IntakeLog> log;

 private:
  void collect_refusals() {
    constexpr std::string_view kPrefix = "lotmark_intake_refused_total{error=\"";
    for (const auto& [name, value] : log->metrics()) {
      if (!name.starts_with(kPrefix)) continue;
      refusals[name.substr(kPrefix.size(), name.size() - kPrefix.size() - 2)] += value;
    }
  }
  std::filesystem::path folder_;
};

}  // namespace lotmark::test
