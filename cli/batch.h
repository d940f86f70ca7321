// `lotmark batch`: an enterprise's lots, from start signal to application (docs/operate/peer.md).
#pragma once

#include <vector>

#include "cli/node/profile.h"
#include "cli/output.h"

namespace lotmark::cli {

struct BatchStartArguments {
  ProfileChoice profile;
  std::string programme;
  std::string line;
  std::string gtin;
  std::string lot;
  std::vector<std::string> reviewers;  // the first decides
  std::string start = "latest";        // or an id in hex
  std::string device;                  // whose newest start signal; empty: of any
};
Exit run_batch_start(const BatchStartArguments& arguments, Output& out);

struct BatchStepArguments {
  ProfileChoice profile;
  std::string lot;
  std::string step;
  std::string start;  // ISO; both empty for a step without devices
  std::string end;
  std::vector<std::string> notes;          // name=text, for the regulator
  std::vector<std::string> partner_notes;  // name=text, for partners as well
  std::vector<std::string> public_notes;   // name=text, shown in the receipt
  bool dry_run = false;                    // prepare and show, sign nothing
  bool yes = false;                        // ask nobody
};
// The operator's key signs here, after the commitment was recomputed from what the node prepared, and what it sealed was
// opened and compared with what was given and shown (prepared_step.h).
// Where a reviewer would find something, a person is asked first.
Exit run_batch_step(const BatchStepArguments& arguments, Output& out);

struct BatchApplyArguments {
  ProfileChoice profile;
  std::string lot;
  std::string product;
  std::uint64_t expires = 0;  // YYYYMMDD
};
Exit run_batch_apply(const BatchApplyArguments& arguments, Output& out);

struct BatchListArguments {
  ProfileChoice profile;
  std::string lot;  // empty: every lot
  std::string gtin;
};
Exit run_batch_list(const BatchListArguments& arguments, Output& out);

}  // namespace lotmark::cli
