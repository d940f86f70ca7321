// Files of refrigerator loggers: what is accepted has days in order and within their file, temperatures a logger can measure, and
// readings that a lane takes: their times never fall.
#include "core/wire/limits.h"
#include "edge-agent/source/fridge_log/days.h"
#include "edge-agent/source/fridge_log/signature.h"
#include "tests/fuzz/target.h"

namespace lotmark::agent::fridge {
namespace {

void check(const Log& log, std::optional<std::int64_t> told) {
  const DayOptions options{{"min", "max", "avg", "below", "above", "file"},
                           std::chrono::minutes(330)};
  const auto readings = readings_of(log, Digest{}, options, told);
  std::int64_t last = 0;
  for (const auto& r : readings) {
    LM_ASSERT(r.t >= last && r.t <= limits::kIntMax);
    LM_ASSERT(r.t <= utc_ms(log.created, options));
    LM_ASSERT(!told || r.t == 0 || r.t > utc_ms(*told, options));
    if (const auto* v = std::get_if<std::int64_t>(&r.value)) LM_ASSERT(std::abs(*v) <= 86400);
    last = r.t;
  }
  LM_ASSERT((told && log.created <= *told) || !readings.empty());
}

void fuzz_fridge_log(ByteView in) {
  const auto text = as_text(in);
  const auto log = read_log(text);
  if (!log) return;
  LM_ASSERT(!incomplete(text) && log->signed_bytes < text.size());
  LM_ASSERT(!log->days.empty() && log->days.size() <= kDaysMax);
  LM_ASSERT(log->public_key.size() == 64 && log->signature.size() == 64);
  for (std::size_t i = 1; i < log->days.size(); ++i)
    LM_ASSERT(log->days[i - 1].begin < log->days[i].begin);
  check(*log, std::nullopt);
  check(*log, log->days.front().begin + 700);
  check(*log, log->created);
  (void)verify(*log, text);
}

}  // namespace
LM_FUZZ_TARGET(fridge_log, fuzz_fridge_log);
}  // namespace lotmark::agent::fridge
