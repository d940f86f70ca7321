#include "tests/e2e/releaser/witness.h"

#include "tests/e2e/releaser/say.h"

namespace lotmark::e2e {

namespace {
constexpr std::chrono::milliseconds kPause{100};
}

void Seen::block(const std::string& node, const nlohmann::json& b) {
  const std::lock_guard guard(mutex_);
  const std::uint64_t number = b.at("number");
  const std::string id = b.at("id");
  nlohmann::json shown = {{"number", number},         {"id", id},
                          {"kind", b.at("kind")},     {"term", b.at("term")},
                          {"signer", b.at("signer")}, {"node", node}};
  if (shown_.emplace(id, number).second) {
    say("block", shown);
    on_block_(b);
  }
  if (b.at("final") != true) return;
  const auto [at, first] = final_.emplace(number, id);
  if (at->second != id) {
    shown["was"] = at->second;
    say("fork", shown);
  } else if (first) {
    say("final", shown);
    on_final_(b);
  }
}

Witness::Witness(std::string node, cli::Control control, Seen& seen)
    : node_(std::move(node)),
      control_(std::move(control)),
      seen_(seen),
      thread_([this] { run(); }) {}

Witness::~Witness() {
  stop_ = true;
  thread_.join();
}

void Witness::run() {
  while (!stop_) {
    look();
    std::this_thread::sleep_for(kPause);
  }
}

// From the newest that was final on: that one must stay what it was.
void Witness::look() {
  const auto list = control_.get("/control/v1/blocks?from=" + std::to_string(from_) + "&limit=100");
  if (!list) return;
  const std::uint64_t before = from_;
  for (const auto& b : *list) {
    seen_.block(node_, b);
    if (b.at("final") == true) from_ = std::max<std::uint64_t>(from_, b.at("number"));
  }
  if (from_ != before) say("holds", {{"node", node_}, {"number", from_}});
}

}  // namespace lotmark::e2e
