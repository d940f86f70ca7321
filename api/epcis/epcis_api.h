// The REST binding of EPCIS 2.0 (GS1 EPCIS 2.0 section 12, ISO/IEC 19987) over an organisation's captured events.
// docs/operate/api.md says which parts of it are served.
#pragma once

#include "api/access/roles.h"
#include "api/chain_places.h"
#include "api/epcis/event_json.h"
#include "api/epcis/node_line.h"
#include "api/epcis/reader_pool.h"

namespace lotmark::api::epcis {

struct EpcisOptions {
  std::string origin;  // "https://lot.example": begins absolute links
  CaptureLimits capture{10'000, 16 * 1024 * 1024};
  std::vector<std::string> prefixes{};  // GS1 company prefixes that are known, for EPC URNs
  std::size_t page = 30;                // events a page where nothing is asked
  std::size_t page_max = 1'000;
  Bytes anchor{};  // from which proofs of events must hold before they are given
};

// Who asks, as far as capture jobs and named queries go by it: a job is shown to who captured, a query is ended by who made
// it, and either by an admin.
struct Client {
  std::string id{};  // empty: nobody asked who it is
  bool admin = false;

  // Whose jobs alone it is shown; nothing: everybody's.
  std::optional<std::string_view> sees_only() const {
    return id.empty() || admin ? std::nullopt : std::optional<std::string_view>(id);
  }
  bool may_see(std::string_view owner) const { return !sees_only() || *sees_only() == owner; }
};

// Any thread.
class EpcisApi {
 public:
  // All outlive it. `keeper` null: nothing is captured here.
  EpcisApi(ReaderPool& readers, Keeper* keeper, ChainPlaces& chain, const Clock& clock,
           EpcisOptions options)
      : readers_(readers),
        keeper_(keeper),
        chain_(chain),
        clock_(clock),
        options_(std::move(options)) {}

  // Nothing: the path is none of EPCIS's. `sight`: what of the events its caller may see: those of the organisation, all
  // of these there are here, with `own` or `all`; with `shared`, none yet, because nothing is shared.
  std::optional<http::Response> handle(const http::Request& request, const access::Sight& sight,
                                       const Client& client = {});

 private:
  struct Asked;
  struct Route;
  static const Route kRoutes[];

  http::Response root(const Asked& asked);
  http::Response post_capture(const Asked& asked);
  http::Response capture_jobs(const Asked& asked);
  http::Response capture_job(const Asked& asked);
  http::Response post_event(const Asked& asked);
  http::Response events(const Asked& asked);
  http::Response event(const Asked& asked);
  http::Response event_type_events(const Asked& asked);
  http::Response resources(const Asked& asked);
  http::Response resource(const Asked& asked);
  http::Response resource_events(const Asked& asked);
  http::Response export_events(const Asked& asked);
  http::Response event_proof(const Asked& asked);
  // corrupt, said in the log, if the file does not hold from the anchor.
  Result<Bytes> checked_proof(Bytes file, std::uint64_t block) const;

  http::Response queries(const Asked& asked);
  http::Response post_query(const Asked& asked);
  http::Response query(const Asked& asked);
  http::Response delete_query(const Asked& asked);
  http::Response query_events(const Asked& asked);
  http::Response subscriptions(const Asked& asked);
  http::Response post_subscription(const Asked& asked);
  http::Response subscription(const Asked& asked);
  http::Response delete_subscription(const Asked& asked);
  http::Response delete_token(const Asked& asked);

  using Parameters = std::vector<std::pair<std::string, std::string>>;
  http::Response hidden_event(const std::vector<node::StoredEvent>& events) const;
  http::Response answer_query(const Asked& asked, Parameters parameters);
  // A page of a query's events. `paging` has perPage and nextPageToken; `bound` is what a token belongs to beside the
  // request's path and parameters.
  http::Response answer_parsed(const Asked& asked, const lotmark::epcis::SimpleQuery& query,
                               const Parameters& paging, std::string_view query_name,
                               std::string_view bound);
  Result<http::Headers> chain_headers(node::EventReader& reader, const node::StoredEvent& event);
  Result<Json> job_json(node::EventReader& reader, const node::CaptureJob& job);
  Result<Json> places_json(node::EventReader& reader, std::uint64_t first, std::uint64_t last);
  Result<std::optional<ChainPlaces::Place>> place_of(const node::EventRecord& record);
  void finish(const Route* route, http::Response& response) const;

  ReaderPool& readers_;
  Keeper* keeper_;
  ChainPlaces& chain_;
  const Clock& clock_;
  EpcisOptions options_;
};

}  // namespace lotmark::api::epcis
