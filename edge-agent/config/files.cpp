#include "edge-agent/config/files.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/crypto/sha256.h"

namespace lotmark::agent {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kFileMax = 1u << 20;
constexpr std::size_t kDropInsMax = 256;

// agent.toml: agent.d/*.toml. What begins with a dot is an editor's.
std::vector<fs::path> drop_ins(const fs::path& file, Faults& faults) {
  std::vector<fs::path> out;
  auto folder = file;
  folder.replace_extension(".d");
  std::error_code error;
  if (!fs::is_directory(folder, error)) return out;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto& path = at->path();
    if (path.extension() == ".toml" && !path.filename().string().starts_with(".")) {
      out.push_back(path);
    }
  }
  if (error) faults.add(folder.string(), 1, "drop-ins", "cannot be read: " + error.message());
  if (out.size() > kDropInsMax) {
    faults.add(folder.string(), 1, "drop-ins", "at most " + std::to_string(kDropInsMax));
    out.resize(kDropInsMax);
  }
  std::ranges::sort(out);
  return out;
}

std::optional<std::string> read_text(const fs::path& file, Faults& faults) {
  std::error_code error;
  const auto kind = fs::status(file, error).type();
  std::string why = error ? error.message() : "";
  // A pipe would be waited for, and with it every signal.
  if (why.empty() && kind != fs::file_type::regular) why = "it is no regular file";
  if (why.empty()) {
    std::ifstream in(file, std::ios::binary);
    std::string text(kFileMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (!in.is_open() || in.bad()) why = std::strerror(errno);
    if (why.empty() && text.size() <= kFileMax) return text;
  }
  faults.add(file.string(), 1, "file",
             why.empty() ? "larger than 1 MiB" : "cannot be read: " + why);
  return std::nullopt;
}

// toml++ follows the parts of a key one within the other: so many that no machine's stack holds them are a fault. The line,
// or 0.
std::size_t line_of_deep_key(std::string_view text) {
  constexpr std::size_t kDotsMax = 256;  // outside of quotes
  std::size_t line = 1;
  std::size_t dots = 0;
  char quote = 0;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
      quote = 0;
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '.' && ++dots > kDotsMax) {
      return line;
    }
  }
  return 0;
}

std::string place(const toml::source_region& at) {
  return (at.path ? *at.path : std::string()) + ":" + std::to_string(at.begin.line);
}

bool list_of_tables(const toml::node& n) {
  return n.is_array() && !n.as_array()->empty() && n.as_array()->is_homogeneous<toml::table>();
}

bool open_table(const toml::node& n) { return n.is_table() && !n.as_table()->is_inline(); }

// Nodes are moved: a copy would forget its file and line.
void join(toml::table& into, toml::table& from, const std::string& name, Faults& faults) {
  for (auto&& [key, node] : from) {
    const std::string path = (name.empty() ? "" : name + ".") + std::string(key.str());
    toml::node* old = into.get(key.str());
    if (old == nullptr) {
      node.visit([&](auto& n) { into.insert_or_assign(key.str(), std::move(n)); });
    } else if (open_table(*old) && open_table(node)) {
      join(*old->as_table(), *node.as_table(), path, faults);
    } else if (list_of_tables(*old) && list_of_tables(node)) {
      for (auto& element : *node.as_array()) {
        old->as_array()->push_back(std::move(*element.as_table()));
      }
    } else {
      faults.add(node.source(), path, "given twice: also at " + place(old->source()));
    }
  }
}

}  // namespace

ConfigFiles read_files(const fs::path& file, Faults& faults) {
  ConfigFiles out;
  std::vector<fs::path> files = drop_ins(file, faults);
  files.insert(files.begin(), file);
  Bytes hashes;
  for (const auto& f : files) {
    const auto text = read_text(f, faults);
    if (!text) continue;
    if (const auto deep = line_of_deep_key(*text); deep != 0) {
      faults.add(f.string(), deep, "syntax", "more than 256 dots in one line");
      continue;
    }
    const Digest hash = sha256(as_bytes(*text));
    hashes.insert(hashes.end(), hash.view().begin(), hash.view().end());
    try {
      toml::table table = toml::parse(*text, f.string());
      if (f == file) {
        out.table = std::move(table);
      } else {
        join(out.table, table, "", faults);
      }
    } catch (const toml::parse_error& e) {
      faults.add(e.source(), "syntax", std::string(e.description()));
    }
  }
  out.hash = hashes.size() == Digest{}.view().size() ? *Digest::from(hashes) : sha256(hashes);
  return out;
}

}  // namespace lotmark::agent
