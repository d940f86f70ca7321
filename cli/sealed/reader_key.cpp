#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/sealed/sealed.h"
#include "core/base/hex.h"
#include "core/base/whole_file.h"
#include "core/sealed/keys.h"

namespace lotmark::cli {

namespace {

struct ReaderKeyMade {
  std::string file;  // of the public key
  std::string point;
  std::string kid;
};

Result<ReaderKeyMade> make_reader_key(const std::string& file) {
  ReaderKeyMade out;
  out.file = file + ".pub";
  std::error_code ec;
  if (std::filesystem::exists(out.file, ec)) return fail(Errc::kConflict, out.file + " is there");
  const Scalar scalar = new_scalar();
  LM_ASSIGN(const auto key, sealed::OpeningKey::from(scalar));
  out.point = to_hex(key.public_key());
  out.kid = to_hex(key.kid());
  LM_TRY(write_key_file(file, scalar));
  LM_TRY(write_new(out.file, as_bytes(out.point + "\n"), kReadByAll));
  return out;
}

}  // namespace

Exit run_key_reader(const KeyReaderArguments& a, Output& out) {
  const auto made = make_reader_key(a.out);
  if (!made) return out.error(made.error());
  if (out.json) {
    return out.value({{"kid", made->kid},
                      {"public_key", made->point},
                      {"file", a.out},
                      {"public_file", made->file}});
  }
  out.table({{},
             {{{"key", a.out}},
              {{"public key", made->file}},
              {{"", made->point}},
              {{"kid", made->kid}}}});
  out.line("Keep " + a.out + " and a copy of it: without it nothing opens that was sealed for it.");
  out.line("Give " + made->file + " to whoever seals; it signs nothing and must not be enrolled.");
  return Exit::kDone;
}

}  // namespace lotmark::cli
