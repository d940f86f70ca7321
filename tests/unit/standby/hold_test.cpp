// What does not leave before the standby holds it, and what an enterprise signs whose rows came out of a copy.
#include "core/crypto/sha256.h"
#include "tests/unit/standby/copied_plant.h"

namespace lotmark::test {

namespace {

TEST(Hold, NothingOfABatchLeavesBeforeTheStandbyHoldsIt) {
  Plant plant;
  std::uint64_t held = 0;
  plant.rows_held = [&] { return held; };
  plant.reopen();
  plant.open_batch();
  plant.tick_until(21);
  EXPECT_TRUE(plant.sent.empty());
  held = ~std::uint64_t{0};
  plant.tick_until(22);
  EXPECT_GT(plant.sent.size(), 2u);  // the opening and two slots' transactions
}

TEST(Hold, OutOfACopyNothingIsSignedBeforeReviewersSaidWhatTheyHold) {
  Plant plant;
  plant.open_batch();
  plant.tick_until(21);
  const auto before = plant.transactions(plant.c.east).size();
  ASSERT_GT(before, 0u);
  plant.resumed = true;
  plant.deaf = {plant.c.east.kid(), plant.c.west.kid()};
  plant.reopen();
  plant.sent.clear();
  plant.tick_until(31);
  for (const auto& s : plant.sent)
    EXPECT_TRUE(s.path.starts_with("/peer/v1/transactions?")) << s.path;
  EXPECT_EQ(plant.refusal("POST", "batches/A-2026%2F01/apply",
                          {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, plant.c.qa),
            "not-ready");
  plant.deaf.clear();  // they hold nothing: all of it goes on
  plant.tick_until(41);
  EXPECT_GT(plant.transactions(plant.c.east).size(), 0u);
}

TEST(Hold, ABatchOfWhichAReviewerHoldsMoreIsStopped) {
  Plant plant;
  plant.open_batch();
  plant.tick_until(21);
  const auto transactions = plant.transactions(plant.c.east);
  ASSERT_GT(transactions.size(), 0u);
  plant.resumed = true;
  for (const auto& t : transactions)
    plant.held_by_reviewers.push_back(to_bytes(open<Transaction>(t, plant.c.chain)->id.view()));
  plant.held_by_reviewers.push_back(to_bytes(sha256(as_bytes("lost")).view()));
  plant.reopen();
  plant.sent.clear();
  plant.tick_until(41);
  for (const auto& s : plant.sent)
    EXPECT_TRUE(s.path.starts_with("/peer/v1/transactions?")) << s.path;
  const auto reply =
      plant.control("POST", "batches/A-2026%2F01/apply",
                    {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, plant.c.qa);
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->code, Errc::kCorrupt);
  EXPECT_NE(reply.error->text.find("tx row " + std::to_string(transactions.size())),
            std::string::npos)
      << reply.error->text;
  EXPECT_FALSE(plant.engine().stopped_devices().empty());
}

TEST(Damage, AMissingIntakeRowIsNamedAtTheStartAndNothingIsTaken) {
  Plant plant;
  plant.measure(0, 12);
  plant.measure(12, 14);
  plant.shut();
  ASSERT_EQ(spoil(plant.file("private.db"), "DELETE FROM intake WHERE idx = 1"), 1);
  plant.reopen();
  EXPECT_EQ(plant.intake().damage(), "intake row 1 is missing or damaged");
  const auto wires = plant.room.run(plant.at(14), plant.at(15), 60000, {cold_channel()});
  const bus::Message message{bus::to_string({"yunhe", plant.c.room.name, "bundle"}), wires.front(),
                             false};
  EXPECT_EQ(plant.intake().take({message}, plant.c.clock.now()).code(), Errc::kCorrupt);
  EXPECT_EQ(plant.intake().size(), 1u);
}

TEST(Damage, ADamagedNewestBodyIsNamedWithItsDevice) {
  Plant plant;
  plant.measure(0, 12);
  const auto last = std::to_string(plant.intake().size() - 1);
  plant.shut();
  ASSERT_EQ(spoil(plant.file("private.db"),
                  "UPDATE intake_wire SET wire = substr(wire, 1, length(wire) - 1) || x'77' WHERE "
                  "idx = " +
                      last),
            1);
  plant.reopen();
  EXPECT_EQ(plant.intake().damage(), "");
  ASSERT_EQ(plant.intake().newest_damage().size(), 1u);
  EXPECT_EQ(plant.intake().newest_damage()[0].what,
            "intake row " + last + ": its body is not the one it had");
  EXPECT_EQ(plant.intake().newest_damage()[0].device, plant.c.room.kid());
}

TEST(Damage, NewestRowsCutOffAreNamedToo) {
  Plant plant;
  plant.measure(0, 12);
  const auto last = std::to_string(plant.intake().size() - 1);
  plant.shut();
  const auto file = plant.file("private.db");
  ASSERT_EQ(spoil(file, "DELETE FROM intake WHERE idx = " + last), 1);
  ASSERT_EQ(spoil(file, "DELETE FROM intake_wire WHERE idx = " + last), 1);
  plant.reopen();
  EXPECT_TRUE(plant.intake().damage().starts_with("intake row " + last + " is missing"))
      << plant.intake().damage();
}

TEST(Damage, ALifeThatIsMissingIsNamedToo) {
  Plant plant;
  plant.measure(0, 12);
  plant.shut();
  ASSERT_EQ(spoil(plant.file("private.db"), "DELETE FROM life WHERE n = 1"), 1);
  plant.reopen();
  EXPECT_EQ(plant.intake().damage(), "life row 1 is missing or damaged");
}

TEST(Damage, AStoppedDevicesLotTakesNoStep) {
  Plant plant;
  plant.open_batch();
  plant.engine().stop_using(plant.c.fridge.kid(), "intake row 0: its body is missing");
  EXPECT_EQ(plant.refusal("POST", "batches/A-2026%2F01/apply",
                          {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, plant.c.qa),
            "corrupt");
  plant.tick_until(41);
  EXPECT_TRUE(plant.sent.empty());
}

TEST(Damage, AStopOutlastsARestartUntilALookFindsNothing) {
  const nlohmann::json apply = {{"product", "Vaccine A"}, {"expires", "2028-12-31"}};
  const std::string path = "batches/A-2026%2F01/apply";
  Plant plant;
  plant.open_batch();
  plant.engine().stop("A-2026/01", "record row 0: of before");
  plant.reopen();
  EXPECT_EQ(plant.refusal("POST", path, apply, plant.c.qa), "corrupt");
  plant.tick_until(21);
  EXPECT_TRUE(plant.sent.empty());
  EXPECT_FALSE(plant.engine().stopped_devices().empty());
  plant.engine().stop("A-2026/01", "record row 0: still so");  // the first look after the start
  plant.engine().looked_at_all();
  EXPECT_EQ(plant.refusal("POST", path, apply, plant.c.qa), "corrupt");
  plant.reopen();
  plant.engine().looked_at_all();  // another, which found nothing
  EXPECT_EQ(plant.refusal("POST", path, apply, plant.c.qa), "");
  plant.reopen();
  EXPECT_TRUE(plant.engine().stopped_devices().empty());
}

TEST(Hold, ADamagedBatchIsStoppedAndNamedAndTheOthersGoOn) {
  Plant plant;
  plant.open_batch();
  plant.c.clock.advance(Millis{10});
  plant.start();
  auto request = plant.opening_request();
  request["lot"] = "A-2026/02";
  plant.json("POST", "batches", request, plant.c.qa);
  plant.tick_until(21);
  plant.shut();
  ASSERT_EQ(spoil(plant.file("private.db"),
                  "DELETE FROM tx WHERE n = 0 AND start = (SELECT start FROM batch WHERE lot = "
                  "'A-2026/01')"),
            1);
  plant.reopen();
  const auto reply =
      plant.control("POST", "batches/A-2026%2F01/apply",
                    {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, plant.c.qa);
  ASSERT_TRUE(reply.error);
  EXPECT_EQ(reply.error->code, Errc::kCorrupt);
  EXPECT_NE(reply.error->text.find("tx row 0 is missing"), std::string::npos) << reply.error->text;
  EXPECT_EQ(plant.refusal("POST", "batches/A-2026%2F02/apply",
                          {{"product", "Vaccine A"}, {"expires", "2028-12-31"}}, plant.c.qa),
            "");
}

}  // namespace

}  // namespace lotmark::test
