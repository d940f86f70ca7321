// Every address of the API. One table of routes in routes.cpp, what is told of lots in lot_routes.cpp; each answers GET, HEAD and OPTIONS. What is EPCIS's has a
// table of its own (epcis/epcis_api.h).
#pragma once

#include "api/accept.h"
#include "api/access/access_control.h"
#include "api/answers.h"
#include "api/link/resolver.h"
#include "api/metrics.h"
#include "api/page_files.h"
#include "api/unit/unit_routes.h"
#include "core/http/server.h"

namespace lotmark::api {

namespace epcis {
class EpcisApi;
}
namespace records {
class RecordsApi;
}

class Routes {
 public:
  // Source, clock and `epcis` outlive this. `origin` is the URL that codes carry, for links ("https://lot.example");
  // `links` those of producers; `events` the address of EPCIS events below origin, empty for none; `epcis` null: no events
  // are served. `access` null: nobody has credentials. `records` null: no records are served; else it outlives this too.
  // `units`: what there is of single units.
  Routes(LotSource& source, const Clock& clock, PageFiles page, std::string origin,
         link::Links links = {}, std::string events = {}, epcis::EpcisApi* epcis = nullptr,
         std::unique_ptr<access::AccessControl> access = nullptr,
         records::RecordsApi* records = nullptr, const UnitParts& units = {})
      : source_(source),
        clock_(clock),
        answers_(source, clock),
        page_(std::move(page)),
        origin_(std::move(origin)),
        epcis_(epcis),
        records_(records),
        resolver_(std::move(links),
                  {origin_, page_.find("index.html") != nullptr, std::move(events)}),
        access_(access ? std::move(access) : access::AccessControl::closed(clock)),
        units_(answers_, clock, units) {}

  // Any thread. Nothing is looked at before the gate.
  http::Response handle(const http::Request& request);
  // Any thread. Of a head whose body is still to come: the gate's refusal, or nothing.
  std::optional<http::Response> judge_head(const http::Request& head);
  // Any thread, never waits: the answer to what the server refuses itself (http::ServerOptions::refusal), counted and, where
  // the route is private, logged.
  http::Response refuse(const http::Request& head, int status, const Error& error);
  // The template of its route, which a log may have: its path may name a unit.
  static std::string logged_as(const http::Request& request);

 private:
  struct Route;
  static const Route kRoutes[];
  static const Route kAnyKey;
  static const Route* find(std::string_view path);
  static std::string_view counted_as(const Route* route, const access::Decision& decision);

  http::Response digital_link(const http::Request& r);
  http::Response resolver_description(const http::Request& r);
  http::Response lot_page(const http::Request& r);
  http::Response start_page(const http::Request& r);
  http::Response page(const http::Request& r);
  http::Response verify(const http::Request& r);
  http::Response receipt(const http::Request& r);
  http::Response lots(const http::Request& r);
  http::Response checkpoint(const http::Request& r);
  http::Response openapi(const http::Request& r);
  http::Response docs(const http::Request& r);
  http::Response health(const http::Request& r);
  http::Response metrics(const http::Request& r);

  // What answers who was let in. EPCIS routes that nobody serves are 501.
  http::Response let_in(const http::Request& r, const access::Gate::Passed& passed,
                        const Route* route, std::string_view& name);
  http::Response caught(const http::Request& r, const access::Gate::Passed& passed,
                        const Route* route, std::string_view& name);
  http::Response own(const http::Request& r, const Route* route);
  Result<std::optional<link::KnownLot>> known_lot(const gs1::Link& link);
  http::Response verdict_of(const http::Request& r, const Gtin& gtin, const LotNumber& lot);
  http::Response file(const http::Request& r, std::string_view name);

  LotSource& source_;
  const Clock& clock_;
  Answers answers_;
  PageFiles page_;
  std::string origin_;
  epcis::EpcisApi* epcis_;
  records::RecordsApi* records_;
  link::Resolver resolver_;
  std::unique_ptr<access::AccessControl> access_;
  UnitRoutes units_;
  Metrics metrics_;
};

}  // namespace lotmark::api
