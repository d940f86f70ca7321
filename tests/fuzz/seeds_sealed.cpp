// Sealed segments: the vectors' in each form that the target reads.
#include <fstream>

#include "core/wire/cbor_reader.h"
#include "core/wire/cbor_writer.h"
#include "tests/fuzz/seeds.h"
#include "tests/unit/contract_vectors.h"

namespace lotmark::fuzz {

std::vector<Seed> sealed_seeds() {
  std::ifstream in(LOTMARK_SOURCE_DIR "/tests/vectors/sealed/cases.json");
  const auto all = nlohmann::json::parse(in);
  std::vector<Seed> out;
  const auto add = [&out](std::uint8_t form, ByteView bytes) {
    Bytes whole{form};
    whole.insert(whole.end(), bytes.begin(), bytes.end());
    out.push_back({"sealed", "sealed-" + std::to_string(out.size()), std::move(whole)});
  };
  const auto add_content = [&add](const Bytes& entry) {
    const auto doc = CborDoc::parse(entry);
    CborValue content = doc->root().first();
    for (int place = 0; place < 4; ++place) content = content.next();
    add(2, content.bytes());
  };
  for (const auto& c : all["sealed"]) {
    add(0, test::hex(c["cose"]));
    for (const auto& r : c["recipients"]) add(1, test::hex(r["bytes"]));
    add_content(test::hex(c["entry"]));
    const auto& plain = c["plain"];
    add(3, cbor_bytes([&](CborWriter& w) {
          w.array(3);
          w.text(plain["name"].get<std::string>());
          w.text(plain["media"].get<std::string>());
          w.bytes(test::hex(plain["content"]));
        }));
  }
  for (const auto& c : all["refuse"]) add(0, test::hex(c["cose"]));
  for (const auto& c : all["refuse_segments"]) add_content(test::hex(c["entry"]));
  return out;
}

}  // namespace lotmark::fuzz
