// Every address of the API, read only. One table of routes in routes.cpp; each answers GET, HEAD
// and OPTIONS.
#pragma once

#include "api/answers.h"
#include "api/metrics.h"
#include "api/page_files.h"
#include "core/http/server.h"

namespace lotmark::api {

class Routes {
 public:
  // Source and clock outlive this. `origin` is the URL that codes carry, for links
  // ("https://lot.example").
  Routes(LotSource& source, const Clock& clock, PageFiles page, std::string origin)
      : source_(source),
        clock_(clock),
        answers_(source, clock),
        page_(std::move(page)),
        origin_(std::move(origin)) {}

  // Any thread.
  http::Response handle(const http::Request& request);

 private:
  struct Route;
  static const Route kRoutes[];
  static const Route* find(std::string_view path);

  http::Response digital_link(const http::Request& r);
  http::Response start_page(const http::Request& r);
  http::Response page(const http::Request& r);
  http::Response verify(const http::Request& r);
  http::Response receipt(const http::Request& r);
  http::Response lots(const http::Request& r);
  http::Response checkpoint(const http::Request& r);
  http::Response health(const http::Request& r);
  http::Response metrics(const http::Request& r);

  http::Response verdict_of(const http::Request& r, const Gtin& gtin, const LotNumber& lot);
  http::Response file(const http::Request& r, std::string_view name);

  LotSource& source_;
  const Clock& clock_;
  Answers answers_;
  PageFiles page_;
  std::string origin_;
  Metrics metrics_;
};

// Which of the two an Accept header wants: true for JSON. Nothing if it wants neither.
std::optional<bool> wants_json(std::string_view accept);

}  // namespace lotmark::api
