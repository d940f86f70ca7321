// The links that producers publish of what GS1 keys identify: a TOML file read once (docs/operate/api.md, links.toml),
// and what a GS1 Digital Link URI finds in it, from its finest level up to its key.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/gs1/link.h"

namespace lotmark::link {

inline constexpr std::size_t kLinksMax = 100'000;                     // of one file
inline constexpr std::size_t kLinksFileMax = 8 * 1024 * 1024;         // bytes
inline constexpr std::size_t kLinksOfKeyMax = 64;                     // of one level of one key
inline constexpr std::size_t kContextsMax = 256;                      // different ones of one file
inline constexpr std::size_t kHrefMax = 2000;                         // bytes
inline constexpr std::size_t kTitleMax = 200;                         // bytes
inline constexpr std::string_view kVoc = "https://ref.gs1.org/voc/";  // GS1 Web Vocabulary

struct Target {
  std::string type;                    // whole: "https://ref.gs1.org/voc/pip"
  std::string href;                    // may hold "{gtin}", "{lot}", "{10}" ...: see href_of
  std::string title;                   // for people
  std::vector<std::string> languages;  // "en", "zh-CN"; empty: none said
  std::string media_type;              // empty: none said
  std::vector<std::string> contexts;   // for whom it is: "CN", "patient"; empty: for all
  bool is_default = false;             // the one to go to when none is named
  bool takes_query = true;             // what the request has of one is passed on to it
  bool operator==(const Target&) const = default;
};

// The links of one identified thing.
struct Level {
  gs1::Link of;      // the URI's part that they are of: its key, and all or some of its qualifiers
  std::string path;  // the same written: "/01/06901234567892/10/A-1"
  const std::vector<Target>* targets;
};

class Links {
 public:
  // None.
  Links() = default;
  // config, all faults at once, each "FILE:LINE: what": no TOML, unknown or missing keys, keys that no URI has, hrefs
  // that are no http or https URI, types that GS1's vocabulary does not have, keys other than GTINs to which no default
  // link leads. too-large above the limits, io. An empty name gives none.
  static Result<Links> read(const std::filesystem::path& file);
  // The same of a text; `name` stands for the file in faults.
  static Result<Links> parse(std::string_view toml, std::string_view name);

  // The levels of `asked` that have links: where the key and all qualifiers that a link names are in it. The finest first,
  // by the last qualifier, then by the one before it: 22+10+21, 10+21, 22+21, 21, 22+10, 10, 22, the key; then the prefixes
  // of a GTIN, the longest first, which have the key's path. They live as long as this is unchanged.
  std::vector<Level> levels(const gs1::Link& asked) const;
  std::size_t size() const { return size_; }
  // Every context that some link names, each once.
  std::vector<std::string> contexts() const;

 private:
  friend class LinksReader;
  std::map<std::string, std::vector<Target>, std::less<>> by_path_;
  std::map<std::string, std::vector<Target>, std::less<>> by_prefix_;  // of digits of a GTIN
  std::size_t size_ = 0;
};

// A link type as a file or a request names it: "gs1:pip", or the whole URI, of GS1's terms by any of the three addresses
// that the vocabulary says are one. Nothing for what is neither; whether GS1 has the term is not looked at.
std::optional<std::string> whole_type(std::string_view type);
// Whether GS1 Web Vocabulary 1.19 has this link type; the two that a resolver itself writes, defaultLink and
// defaultLinkMulti, are not among them. `name` without prefix: "pip".
bool is_gs1_link_type(std::string_view name);

// `href` with its places filled by the values of `asked`, percent-encoded. Nothing if a value that it names is not there,
// or is "." or "..", which a browser would take as a step in the path.
std::optional<std::string> href_of(const Target& target, const gs1::Link& asked);

// Why an href of a file is refused; empty if it is not. It is http or https with a host written out, holds no user, only
// what may stand in a URI (RFC 3986), and names values only behind the host: no value can lead to another host.
std::string fault_of_href(std::string_view href);

}  // namespace lotmark::link
