// The checks of a file, run in their order and entered in its result (docs/format/verdict.md, "Checks").
// Included by core/proof's own sources only.
#pragma once

#include "core/proof/verdict.h"

namespace lotmark::proof {

template <class Name, class Run>
struct CheckStep {
  Name name;
  Status (*run)(Run&);
};

// How a check came out. What its error says takes the place of a `why` it left, and the error's name of none.
inline void enter(CheckResult& entry, const Status& done) {
  entry.ok = static_cast<bool>(done);
  if (done) return;
  entry.error = done.error().code;
  if (!done.error().text.empty()) entry.why = done.error().text;
  else if (entry.why.empty()) entry.why = name(entry.error);
}

template <class Name>
struct FailedCheck {
  Name name;
  Errc error;
};

// Until one fails: those behind it are entered as not run. Gives that one; nothing when all hold.
template <class Name, class Run, std::size_t N>
std::optional<FailedCheck<Name>> run_checks(const CheckStep<Name, Run> (&steps)[N], Run& run) {
  std::optional<FailedCheck<Name>> failed;
  for (const auto& step : steps) {
    auto& entry = run.out.checks[static_cast<std::size_t>(step.name)];
    if (failed) {
      entry.why = "not run";
      continue;
    }
    enter(entry, step.run(run));
    if (!*entry.ok) failed = {step.name, entry.error};
  }
  return failed;
}

}  // namespace lotmark::proof
