#include "tests/sim/seed_run.h"

#include <fmt/format.h>

#include "tests/sim/rule_changes.h"
#include "tests/sim/storm.h"

namespace lotmark::sim {

namespace {

constexpr Millis kHealWithin{120'000};

struct Plan {
  ClusterOptions cluster;
  Level level = Level::kCalm;
  Millis storm{0};
  bool plots = false;
  unsigned lots = 0;
  unsigned rivals = 0;    // of a thousand lots: two reviewers release one
  unsigned trusting = 0;  // of a thousand submissions: believe a promise
};

// Of ten seeds three have plots, two rules that change; half of these two have both.
void draw_rules(Plan& p, std::uint64_t seed) {
  Draw draw(seed ^ 0x9107);
  const bool changes = draw.permille(200);
  p.plots = draw.permille(changes ? 500 : 250);
  if (changes) {
    p.cluster.changes = static_cast<std::uint64_t>(draw.between(1, 3));
    p.cluster.later = p.cluster.nodes < 5 ? draw.below(3) : draw.below(2);
    p.cluster.nodes += p.cluster.later;
  }
  if (!p.plots) return;
  p.level = draw.permille(200) ? Level::kCalm : draw.permille(600) ? Level::kRain : Level::kStorm;
  p.cluster.period_s = std::min<std::uint64_t>(p.cluster.period_s, 10);
  p.storm += Millis{40'000};
  p.lots += 6;
}

Plan draw_plan(std::uint64_t seed) {
  Draw draw(seed ^ 0x5eed);
  Plan p;
  static constexpr std::pair<std::size_t, std::uint64_t> kSizes[] = {{3, 2}, {4, 3}, {5, 3}};
  const auto [nodes, quorum] = kSizes[draw.below(3)];
  p.cluster.seed = seed;
  p.cluster.nodes = nodes;
  p.cluster.quorum = quorum;
  p.cluster.primary = draw.below(nodes);
  p.cluster.ordering = draw.permille(600) ? Ordering::kEngine : Ordering::kLocal;
  p.cluster.tick = Millis{draw.between(80, 250)};
  p.cluster.poll_ms = static_cast<unsigned>(draw.between(300, 1200));
  p.cluster.period_s = static_cast<std::uint64_t>(draw.between(8, 30));
  const std::uint64_t level = draw.below(10);
  p.level = level < 1   ? Level::kCalm
            : level < 4 ? Level::kRain
            : level < 7 ? Level::kStorm
                        : Level::kHell;
  p.storm = Millis{draw.between(30'000, 90'000)};
  p.lots = static_cast<unsigned>(draw.between(4, 20));
  p.rivals = draw.permille(300) ? 300 : 0;
  p.trusting = static_cast<unsigned>(draw.below(1000));
  // From a stream of its own, so that the others draw what they always drew.
  Draw cutting(seed ^ 0xc07);
  if (cutting.permille(300)) {
    p.cluster.cut_every = Millis{cutting.between(8, 25) * 1000};
    p.cluster.period_s = std::min<std::uint64_t>(p.cluster.period_s, 10);
    p.storm += Millis{30'000};
  }
  draw_rules(p, seed);
  return p;
}

class Run {
 public:
  Run(const Plan& plan, const std::filesystem::path& folder)
      : plan_(plan),
        cluster_(plan.cluster, folder),
        storm_(cluster_, plan.level, plan.plots),
        changes_(cluster_, cluster_.draw.fork()),
        clients_(cluster_),
        draw_(cluster_.draw.fork()) {}

  Cluster& cluster() { return cluster_; }
  std::uint64_t final_lots() const {
    const auto& all = clients_.submissions();
    return static_cast<std::uint64_t>(
        std::ranges::count_if(all, [this](const auto& s) { return clients_.is_final(*s); }));
  }

  void all() {
    for (auto& n : cluster_.nodes()) cluster_.start(n);
    storm_.begin();
    changes_.begin(plan_.storm * 3 / 4);
    for (unsigned i = 0; i < plan_.lots; ++i) {
      cluster_.timeline.after(Millis{draw_.between(0, plan_.storm.count())},
                              [this, i] { order(i); });
    }
    heads();
    if (!cluster_.run(plan_.storm)) return;
    over_ = true;
    changes_.end();
    storm_.end();
    clients_.submit("AFTER", cluster_.consortium.east, Trust::kFinal);
    for (Millis gone{0}; gone < kHealWithin && !healed(); gone += Millis{500}) {
      if (!cluster_.run(Millis{500})) return;
    }
    judge();
  }

 private:
  void order(unsigned i) {
    const auto& c = cluster_.consortium;
    const std::string lot = "LOT" + std::to_string(i + 1);
    const bool east = draw_.permille(500);
    const auto trust = [&] {
      return draw_.permille(plan_.trusting) ? Trust::kPromise : Trust::kFinal;
    };
    const Keep keep = draw_keep();
    clients_.submit(lot, east ? c.east : c.west, trust(), keep);
    if (!draw_.permille(plan_.rivals)) return;
    cluster_.timeline.after(Millis{draw_.between(0, 3000)}, [this, lot, east, keep, t = trust()] {
      const auto& parties = cluster_.consortium;
      clients_.submit(lot, east ? parties.west : parties.east, t, keep);
    });
  }
  Keep draw_keep() {
    if (!plan_.cluster.cut_every) return Keep::kYears;
    const auto of = draw_.below(20);
    return of < 17 ? Keep::kMidnight : of < 19 ? Keep::kRetained : Keep::kYears;
  }
  void heads() {
    if (over_) return;
    clients_.send_heads();
    cluster_.timeline.after(Millis{draw_.between(2000, 9000)}, [this] { heads(); });
  }
  bool healed() {
    if (clients_.owed() || !changes_.done()) return false;
    for (const auto& n : cluster_.nodes()) {
      if (!n.up()) return false;
      const auto& c = n.core->chain().checkpoint();
      if (!c || c->checkpoint.size != cluster_.witness.final_size()) return false;
    }
    return true;
  }
  void judge() {
    if (const auto owed = clients_.owed()) {
      return cluster_.journal.violation(
          fmt::format("{} s after everything was mended: {}", kHealWithin.count() / 1000, *owed));
    }
    if (!changes_.done()) {
      return cluster_.journal.violation(
          fmt::format("{} s after everything was mended the rules are not changed",
                      kHealWithin.count() / 1000));
    }
    for (const auto& n : cluster_.nodes()) {
      const auto& c = n.core->chain().checkpoint();
      const std::uint64_t size = c ? c->checkpoint.size : 0;
      if (size != cluster_.witness.final_size()) {
        cluster_.journal.violation(
            fmt::format("{} s after everything was mended {} holds {} blocks as final, others {}",
                        kHealWithin.count() / 1000, n.name, size, cluster_.witness.final_size()));
      }
    }
    const auto& last = cluster_.nodes()[draw_.below(cluster_.nodes().size())];
    cluster_.witness.check_receipts(last.name, last.core->chain(), cluster_.timeline.now());
  }

  Plan plan_;
  Cluster cluster_;
  Storm storm_;
  RuleChanges changes_;
  Clients clients_;
  Draw draw_;
  bool over_ = false;
};

}  // namespace

RunReport run_seed(std::uint64_t seed, const std::filesystem::path& folder, const RunOptions& o) {
  std::filesystem::create_directories(folder);
  const Plan plan = draw_plan(seed);
  Run run(plan, folder);
  Cluster& c = run.cluster();
  if (o.loud) c.journal.be_loud();
  run.all();
  RunReport r;
  r.seed = seed;
  const bool engine = plan.cluster.ordering == Ordering::kEngine;
  r.cuts = c.witness.cuts();
  r.plan = fmt::format(
      "{} nodes, quorum {}, {}, {}, {} lots{}{}{}", plan.cluster.nodes, plan.cluster.quorum,
      engine ? "an engine" : "first " + c.nodes()[plan.cluster.primary].name, name(plan.level),
      plan.lots, plan.cluster.cut_every ? ", cutting" : "", plan.plots ? ", plots" : "",
      plan.cluster.changes > 0 ? ", rules change" : "");
  r.violation = c.journal.broken();
  r.tail = c.journal.tail();
  r.digest = c.journal.digest();
  r.steps = c.timeline.steps();
  r.blocks = c.witness.final_size();
  r.lots = run.final_lots();
  r.virtual_s = static_cast<double>((c.timeline.now() - c.consortium.options.begin).count()) / 1000;
  return r;
}

}  // namespace lotmark::sim
