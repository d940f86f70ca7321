// write_seeds DIR: the seeds as files, DIR/TARGET/NAME, for libFuzzer to start from.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/fuzz/seeds.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIR\n", argv[0]);
    return 2;
  }
  std::size_t count = 0;
  for (const auto& seed : lotmark::fuzz::make_seeds()) {
    const auto dir = std::filesystem::path(argv[1]) / seed.target;
    std::filesystem::create_directories(dir);
    std::ofstream out(dir / seed.name, std::ios::binary);
    out.write(reinterpret_cast<const char*>(seed.bytes.data()),
              static_cast<std::streamsize>(seed.bytes.size()));
    if (!out.flush()) return 1;
    ++count;
  }
  std::printf("%zu seeds in %s\n", count, argv[1]);
  return 0;
}
