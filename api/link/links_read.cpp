#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "api/bounded_file.h"
#include "api/link/links.h"
#include "core/base/utf8.h"

namespace lotmark::link {

namespace {

constexpr std::size_t kFaultsShown = 100;
constexpr std::size_t kListMax = 16;  // languages or contexts of one link

// Every fault with its line; above kFaultsShown only their number.
class Faults {
 public:
  explicit Faults(std::string_view file) : file_(file) {}
  void add(const toml::node* at, std::string_view what) {
    if (++count_ > kFaultsShown) return;
    const auto line = at == nullptr ? 1u : std::max(at->source().begin.line, 1u);
    text_ += fmt::format("{}{}:{}: {}", text_.empty() ? "" : "\n", file_, line, what);
  }
  bool any() const { return count_ > 0; }
  std::string text() const {
    if (count_ <= kFaultsShown) return text_;
    return text_ + fmt::format("\n{}: and {} more faults", file_, count_ - kFaultsShown);
  }

 private:
  std::string file_;
  std::string text_;
  std::size_t count_ = 0;
};

bool digits_only(std::string_view s) {
  return std::ranges::all_of(s, [](char c) { return c >= '0' && c <= '9'; });
}

bool letters_only(std::string_view s) {
  return std::ranges::all_of(
      s, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// "en" or "zh-CN": what GS1's schema of linksets takes as hreflang.
bool is_language(std::string_view s) {
  if (s.size() == 5)
    return s[2] == '-' && letters_only(s.substr(0, 2)) && letters_only(s.substr(3));
  return s.size() == 2 && letters_only(s);
}

bool is_word(std::string_view s) {
  const auto in_word = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
  return !s.empty() && s.size() <= 64 && std::ranges::all_of(s, in_word);
}

bool is_media_type(std::string_view s) {
  const auto slash = s.find('/');
  const auto in_token = [](char c) {
    return (c >= '0' && c <= '9') || letters_only({&c, 1}) ||
           std::string_view("!#$&-^_.+").find(c) != std::string_view::npos;
  };
  return s.size() <= 100 && slash != std::string_view::npos && slash > 0 && slash + 1 < s.size() &&
         std::ranges::all_of(s.substr(0, slash), in_token) &&
         std::ranges::all_of(s.substr(slash + 1), in_token);
}

bool is_title(std::string_view s) {
  const auto control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
  return !s.empty() && s.size() <= kTitleMax && is_utf8(s) && std::ranges::none_of(s, control);
}

// Where the links of one entry go.
struct Place {
  std::string prefix;  // digits of a GTIN; else empty
  gs1::Link link;
};

// One [[links]] entry: takes known keys out of it, finds the unknown at the end.
class Entry {
 public:
  Entry(const toml::table& t, Faults& faults) : t_(t), faults_(faults) {}

  std::optional<Place> key() {
    const auto text = needed("key");
    if (!text) return std::nullopt;
    if (text->ends_with('*')) return prefix(*text);
    auto link = gs1::read_link_path(*text);
    if (link && link->stem.empty() && text->find('{') == std::string::npos)
      return Place{{}, *std::move(link)};
    fault("key", link ? "is no path that begins with a key of GS1" : link.error().text);
    return std::nullopt;
  }

  Target target() {
    Target t;
    if (const auto type = needed("type")) t.type = type_of(*type);
    if (auto href = needed("href")) {
      if (const auto why = fault_of_href(*href); !why.empty()) fault("href", why);
      t.href = *std::move(href);
    }
    if (auto title = needed("title")) {
      if (!is_title(*title))
        fault("title", "must be 1 to 200 bytes of UTF-8 without control characters");
      t.title = *std::move(title);
    }
    t.languages =
        list("language", is_language, "a language is two letters, or two and a country: \"zh-CN\"");
    if (auto media = text("media_type")) {
      if (!is_media_type(*media))
        fault("media_type", "must be like \"text/html\", without parameters");
      t.media_type = *std::move(media);
    }
    t.contexts =
        list("context", is_word, "a context is 1 to 64 printable characters without blanks");
    t.is_default = flag("default");
    return t;
  }

  void finish() {
    for (const auto& [k, v] : t_) {
      if (!seen_.contains(std::string(k.str())))
        faults_.add(&v, fmt::format("{}: unknown key", k.str()));
    }
  }

 private:
  const toml::node* find(const char* key) {
    seen_.insert(key);
    return t_.get(key);
  }
  void fault(const char* key, std::string_view what) {
    const auto* n = t_.get(key);
    faults_.add(n != nullptr ? n : &t_, fmt::format("{}: {}", key, what));
  }
  std::optional<std::string> text(const char* key) {
    const auto* n = find(key);
    if (n == nullptr) return std::nullopt;
    auto v = n->value_exact<std::string>();
    if (!v) fault(key, "must be a text");
    return v;
  }
  std::optional<std::string> needed(const char* key) {
    if (find(key) == nullptr) fault(key, "is missing");
    return text(key);
  }
  bool flag(const char* key) {
    const auto* n = find(key);
    if (n == nullptr) return false;
    const auto v = n->value_exact<bool>();
    if (!v) fault(key, "must be true or false");
    return v.value_or(false);
  }
  // A text, or a list of texts.
  template <class Judge>
  std::vector<std::string> list(const char* key, Judge&& judge, const char* rule) {
    std::vector<std::string> out;
    const auto* n = find(key);
    if (n == nullptr) return out;
    const auto take = [&](const toml::node& item) {
      auto v = item.value_exact<std::string>();
      if (!v || !judge(*v)) fault(key, rule);
      else if (std::ranges::find(out, *v) == out.end()) out.push_back(*std::move(v));
    };
    const auto* items = n->as_array();
    if (items == nullptr) take(*n);
    else if (items->size() > kListMax) fault(key, "is a list of over 16");
    else
      for (const auto& item : *items) take(item);
    return out;
  }

  std::optional<Place> prefix(std::string_view text) {
    constexpr std::string_view kBefore = "/01/";
    const auto digits =
        text.substr(0, text.size() - 1).substr(std::min(kBefore.size(), text.size() - 1));
    if (text.starts_with(kBefore) && digits.size() >= 4 && digits.size() <= 13 &&
        digits_only(digits)) {
      return Place{std::string(digits), {}};
    }
    fault("key", "a prefix is /01/ and the first 4 to 13 digits of a GTIN of 14, then *");
    return std::nullopt;
  }

  std::string type_of(std::string_view text) {
    const auto whole = whole_type(text);
    const bool gs1 = whole && whole->starts_with(kVoc);
    if (!whole) fault("type", "must be like \"gs1:pip\", or the whole URI of a link type");
    else if (gs1 && !is_gs1_link_type(std::string_view(*whole).substr(kVoc.size())))
      fault("type", "is no link type of GS1's vocabulary for a file");
    return whole.value_or("");
  }

  const toml::table& t_;
  Faults& faults_;
  std::set<std::string, std::less<>> seen_;
};

bool has_default(const Level& level) {
  return std::ranges::any_of(*level.targets, &Target::is_default);
}

}  // namespace

class LinksReader {
 public:
  explicit LinksReader(std::string_view name) : faults_(name) {}

  Result<Links> take(const toml::table& root) {
    for (const auto& [k, v] : root) {
      if (k.str() != "links")
        faults_.add(&v, fmt::format("{}: unknown key: all is in [[links]]", k.str()));
    }
    if (const auto* n = root.get("links")) {
      if (const auto* entries = n->as_array()) take_all(*entries);
      else faults_.add(n, "links: must be tables: [[links]]");
    }
    judge_defaults();
    if (links_.contexts().size() > kContextsMax)
      faults_.add(nullptr, "context: more than 256 different ones");
    if (faults_.any()) return fail(Errc::kConfig, faults_.text());
    return std::move(links_);
  }

 private:
  void take_all(const toml::array& entries) {
    if (entries.size() > kLinksMax) return faults_.add(&entries, "links: more than 100000");
    for (const auto& node : entries) {
      if (const auto* table = node.as_table()) take_entry(*table);
      else faults_.add(&node, "links: must be tables: [[links]]");
    }
  }

  void take_entry(const toml::table& table) {
    Entry entry(table, faults_);
    auto place = entry.key();
    Target target = entry.target();
    entry.finish();
    if (!place) return;
    const bool whole = place->prefix.empty();
    auto& targets =
        whole ? links_.by_path_[gs1::link_path(place->link)] : links_.by_prefix_[place->prefix];
    if (targets.size() == kLinksOfKeyMax) return faults_.add(&table, "key: has more than 64 links");
    if (std::ranges::find(targets, target) != targets.end())
      return faults_.add(&table, "the same link twice");
    if (whole && place->link.key.ai != "01") {
      if (targets.empty()) others_.push_back({place->link, &table});
      judge_own_default(table, target, place->link);
    }
    targets.push_back(std::move(target));
    ++links_.size_;
  }

  // A default that needs a finer URI than the key it stands at leaves that key without one.
  void judge_own_default(const toml::table& table, const Target& target, const gs1::Link& link) {
    if (target.is_default && fault_of_href(target.href).empty() && !href_of(target, link)) {
      faults_.add(&table, "href: a default link names only values of its key");
    }
  }

  // Of GTINs the page stands in (docs/adr/0039).
  void judge_defaults() {
    for (const auto& [link, at] : others_) {
      if (std::ranges::none_of(links_.levels(link), has_default)) {
        faults_.add(at, fmt::format("key: no default link at {} or above", gs1::link_path(link)));
      }
    }
  }

  struct Other {
    gs1::Link link;
    const toml::table* at;
  };
  Faults faults_;
  Links links_;
  std::vector<Other> others_;  // keys that are no GTINs
};

Result<Links> Links::parse(std::string_view toml, std::string_view name) {
  if (toml.size() > kLinksFileMax)
    return fail(Errc::kTooLarge, fmt::format("{}: above 8 MiB", name));
  try {
    const toml::table root = toml::parse(toml, name);
    return LinksReader(name).take(root);
  } catch (const toml::parse_error& e) {
    return fail(Errc::kConfig,
                fmt::format("{}:{}: {}", name, e.source().begin.line, e.description()));
  }
}

Result<Links> Links::read(const std::filesystem::path& file) {
  if (file.empty()) return Links();
  LM_ASSIGN(const auto bytes, api::read_bounded(file, kLinksFileMax));
  return parse(as_text(bytes), file.string());
}

}  // namespace lotmark::link
