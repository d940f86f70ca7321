// An enterprise's files with captured events, whole and spoiled, for what the audit says of them.
#pragma once

#include <filesystem>

#include "tests/unit/enterprise/event_plant.h"
#include "tests/unit/enterprise/released_plant.h"

namespace lotmark::test {

// Files of an enterprise with events, made once; each test spoils a copy. `many`: two period records, of which the second
// has 4,200 events.
class Captured {
 public:
  static Captured& get() {
    static Captured made(false);
    return made;
  }
  static Captured& many() {
    static Captured made(true);
    return made;
  }
  chain::AuditReport after(const std::string& sql) {
    const auto file = plant.file("copy.db");
    for (const char* tail : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + tail);
    std::filesystem::copy_file(plant.file("private.db"), file);
    if (!sql.empty()) spoil(file, sql);
    auto report = chain::audit(file, plant.file("chain.db"), plant.c.anchor);
    EXPECT_TRUE(report) << sql << ": " << report.error().message();
    return report ? *report : chain::AuditReport{};
  }

  // Of the copy.
  chain::AuditOptions options() const {
    chain::AuditOptions o;
    o.private_dbs = {plant.file("copy.db")};
    o.chain_db = plant.file("chain.db");
    o.anchor = plant.c.anchor;
    return o;
  }

  Plant plant;

 private:
  explicit Captured(bool many) {
    EventPlant events(plant);
    if (many) {
      events.capture(1);
      events.tick();
      events.capture(4200);
      events.tick();  // gathered while the first is not logged yet
      events.log_newest();
      events.tick();
    } else {
      events.run();
    }
    events.shut();
    plant.shut();
  }
};

inline void expect_line(const std::string& sql, const std::string& line) {
  const auto report = Captured::get().after(sql);
  EXPECT_TRUE(says(report, line)) << sql << lines(report);
}

inline bool names(const chain::AuditReport& report, std::string_view table,
                  std::optional<std::uint64_t> row) {
  return std::ranges::any_of(
      report.faults, [&](const auto& f) { return f.table == table && (!row || f.row == row); });
}

}  // namespace lotmark::test
