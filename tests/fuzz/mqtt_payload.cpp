// Messages of MQTT devices: values are what a bundle can hold, and a value found by its place is in the payload. The first byte picks
// how it is read.
#include "core/wire/limits.h"
#include "edge-agent/source/mqtt/payload.h"
#include "tests/fuzz/target.h"

namespace lotmark::agent {
namespace {

void check(const Leaf& leaf) {
  for (const bool text : {false, true}) {
    const auto value = value_of(leaf, {-2, true, text});
    if (const auto* v = std::get_if<std::int64_t>(&value))
      LM_ASSERT(!text && *v >= -limits::kIntMax && *v <= limits::kIntMax);
    if (const auto* t = std::get_if<std::string>(&value))
      LM_ASSERT(text && !t->empty() && t->size() <= limits::kText);
  }
}

void run_json(std::string_view payload) {
  std::vector<JsonPointer> pointers;
  for (const char* p : {"", "/temperature", "/a~1b/m~0n/1", "/0/v"})
    pointers.push_back(*JsonPointer::read(p));
  const auto leaves = read_json(payload, pointers);
  if (!leaves) return;
  LM_ASSERT(leaves->size() == pointers.size() && leaves->front());
  for (const auto& leaf : *leaves) {
    if (!leaf) continue;
    check(*leaf);
    if (leaf->kind == Leaf::Kind::kNumber && leaf->text.find_first_of(".eE") != std::string::npos)
      LM_ASSERT(payload.find(leaf->text) != std::string_view::npos);
  }
}

// A pointer that is read stands for its tokens: written again it is the same.
void run_pointer(std::string_view text) {
  const auto pointer = JsonPointer::read(text);
  if (!pointer) return;
  std::string again;
  for (const auto& token : pointer->tokens()) {
    again += '/';
    for (const char c : token)
      again += c == '~' ? std::string("~0") : c == '/' ? std::string("~1") : std::string(1, c);
  }
  LM_ASSERT(again == text);
}

void fuzz_mqtt_payload(ByteView in) {
  const auto pick = fuzz::take_byte(in) % 3;
  if (pick == 0) check(plain_leaf(as_text(in)));
  if (pick == 1) run_json(as_text(in));
  if (pick == 2) run_pointer(as_text(in));
}

}  // namespace
LM_FUZZ_TARGET(mqtt_payload, fuzz_mqtt_payload);
}  // namespace lotmark::agent
