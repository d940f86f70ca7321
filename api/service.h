// The running API: replica, routes and server, put together.
#pragma once

#include "api/chain_lots.h"
#include "api/config.h"
#include "api/epcis/epcis_api.h"
#include "api/records/records_api.h"
#include "api/routes.h"
#include "api/unit/unit_files.h"

namespace lotmark::api {

class Service {
 public:
  // Answers requests when it returns. `clock` outlives it.
  static Result<std::unique_ptr<Service>> start(const ApiConfig& config, const Clock& clock);
  std::string url() const { return server_->url(); }

 private:
  Service() = default;
  Status open_epcis(const ApiConfig& config, const Clock& clock);
  Status open_units(const ApiConfig& config);
  // Null where nothing of it is configured.
  Result<std::unique_ptr<access::AccessControl>> open_access(const ApiConfig& config,
                                                             const Clock& clock);
  std::unique_ptr<ChainLots> lots_;
  std::unique_ptr<epcis::ReaderPool> readers_;
  std::unique_ptr<epcis::Keeper> keeper_;
  std::unique_ptr<epcis::EpcisApi> epcis_;
  std::unique_ptr<records::RecordsApi> records_;
  std::unique_ptr<access::AccessSink> access_line_;
  std::unique_ptr<UnitFiles> units_;
  std::unique_ptr<Sightings> sightings_;
  std::unique_ptr<epcis::MarkLine> mark_line_;
  std::unique_ptr<Routes> routes_;
  std::optional<http::Server> server_;  // last: stops first
};

}  // namespace lotmark::api
