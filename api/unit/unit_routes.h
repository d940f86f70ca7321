// The addresses of single units: /v1/verify with a serial, and /v1/marks. Whoever asks is judged before (access/gate.h).
#pragma once

#include "api/link/resolver.h"
#include "api/unit/mark_intake.h"
#include "api/unit/unit_answers.h"

namespace lotmark::api {

// What a server has of single units; each null where it has none. All outlive who is handed them.
struct UnitParts {
  UnitSource* source = nullptr;
  Sightings* sightings = nullptr;
  MarkLine* marks = nullptr;
};

// Any thread.
class UnitRoutes {
 public:
  UnitRoutes(Answers& answers, const Clock& clock, const UnitParts& parts)
      : answers_(answers, clock, parts.source, parts.sightings),
        sightings_(parts.sightings),
        intake_(parts.marks) {}

  struct Answered {
    std::string_view route;  // a template, for metrics
    http::Response response;
  };
  // Nothing: the path is none of these.
  std::optional<Answered> handle(const http::Request& request, const access::Caller& caller);
  // A GTIN's Digital Link with lot and serial, where its caller would like JSON best; else nothing.
  std::optional<Answered> handle_link(const http::Request& request, const access::Caller& caller,
                                      const link::Resolver& resolver);

  std::string metrics_text() const { return sightings_ ? sightings_->metrics_text() : ""; }

 private:
  http::Response verify(const http::Request& request, const access::Caller& caller);

  UnitAnswers answers_;
  Sightings* sightings_;
  MarkIntake intake_;
};

}  // namespace lotmark::api
