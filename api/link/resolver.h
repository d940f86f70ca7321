// A GS1-Conformant Resolver (version 1.2) over the links of a file and those of this server: from a request to an answer,
// without I/O. What it does clause by clause: docs/adr/0039-resolver.md.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "api/link/ask.h"
#include "api/link/choose.h"
#include "api/link/links.h"
#include "api/link/linkset.h"
#include "core/http/message.h"

namespace lotmark::link {

inline constexpr std::string_view kLinksetType = "application/linkset+json";

struct ResolverOptions {
  std::string origin{};  // URL that codes carry, without a slash at its end: "https://lot.example"
  bool page = true;      // the page is served: below /lot the verdict page of a lot
  std::string events{};  // address of EPCIS events here ("/events"); empty: none
};

// What the chain knows of the lot in a URI.
struct KnownLot {
  std::string product;
};

class Resolver {
 public:
  Resolver(Links links, ResolverOptions options);

  // 307 to the link that fits, 200 with a linkset, 300 with the links that fit equally, 404 without any. Of kJson the
  // linkset as application/json: what else JSON may be is for the caller to give before. `known`: nothing for a URI
  // without a lot, and for a lot that is not on the chain. Any thread.
  http::Response answer(const Ask& ask, const std::optional<KnownLot>& known) const;

  // The headers that every answer for a URI has which has links: Vary, and Link to the linkset.
  void add_headers(const Ask& ask, http::Response& response) const;

  // /.well-known/gs1resolver: JSON by GS1's description-file-schema 1.2.0.
  const std::string& description() const { return description_; }

 private:
  // The links of one URI, put together for one answer.
  struct Found {
    std::deque<std::vector<Target>> own;  // this server's, which the levels point to
    std::vector<Level> levels;            // finest first
    std::string product;                  // its name, where it is known
  };
  Found find(const Ask& ask, const std::optional<KnownLot>& known) const;
  void add_own(const Ask& ask, bool known, Found& found) const;
  LinkContext context_of(const Found& found, const Level& level) const;
  std::vector<LinkContext> contexts_of(const Ask& ask, const Found& found) const;
  std::vector<Target> own_links(const gs1::Link& link, bool known) const;
  Target own_link(std::string_view type, std::string path, std::string title,
                  std::string media_type) const;
  http::Response to_type(const Ask& ask, const Found& found) const;
  http::Response to_default(const Ask& ask, const Found& found) const;
  http::Response linkset(const Ask& ask, const Found& found) const;

  Links links_;
  ResolverOptions options_;
  std::string description_;
};

}  // namespace lotmark::link
