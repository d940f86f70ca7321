#include "bench/sizes/made.h"

#include <fstream>

namespace lotmark::bench {

namespace {

Result<Bytes> lot_block(const test::Consortium& c, test::BlockMaker& maker) {
  auto a = c.application("L-" + std::to_string(maker.size()));
  a.start = Digest{{1}};
  a.opening = Digest{{2}};
  LM_ASSIGN(auto sealed, seal(a, *c.enterprise.signer, c.chain));
  return maker.lot_block(sealed.bytes);
}

void put(std::ofstream& out, const Bytes& object) {
  const auto size = static_cast<std::uint32_t>(object.size());
  out.write(reinterpret_cast<const char*>(&size), sizeof size);
  out.write(reinterpret_cast<const char*>(object.data()), static_cast<std::streamsize>(size));
}

double status_mib(std::string_view field) {
  std::ifstream in("/proc/self/status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with(field)) return std::strtod(line.c_str() + field.size(), nullptr) / 1024;
  }
  return 0;
}

}  // namespace

Status make_blocks(const test::Consortium& c, const std::filesystem::path& file,
                   std::uint64_t blocks) {
  std::ofstream out(file, std::ios::binary);
  test::BlockMaker maker(c);
  while (maker.size() < blocks) {
    if (maker.size() % 8 != 0) {
      put(out, maker.period_block());
      continue;
    }
    LM_ASSIGN(auto block, lot_block(c, maker));
    put(out, block);
  }
  for (const auto& v : maker.votes(2)) put(out, v);
  return out.flush() ? Status() : fail(Errc::kIo, "cannot write " + file.string());
}

std::vector<Bytes> BlockFile::next(std::size_t count) {
  std::vector<Bytes> out;
  std::uint32_t size = 0;
  while (out.size() < count && in_.read(reinterpret_cast<char*>(&size), sizeof size)) {
    Bytes object(size);
    in_.read(reinterpret_cast<char*>(object.data()), size);
    out.push_back(std::move(object));
  }
  return out;
}

double resident_mib() { return status_mib("VmRSS:"); }
double peak_mib() { return status_mib("VmHWM:"); }

}  // namespace lotmark::bench
