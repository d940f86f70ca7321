// The running API: replica, routes and server, put together.
#pragma once

#include "api/chain_lots.h"
#include "api/config.h"
#include "api/routes.h"

namespace lotmark::api {

class Service {
 public:
  // Answers requests when it returns. `clock` outlives it.
  static Result<std::unique_ptr<Service>> start(const ApiConfig& config, const Clock& clock);
  std::string url() const { return server_->url(); }

 private:
  Service() = default;
  std::unique_ptr<ChainLots> lots_;
  std::unique_ptr<Routes> routes_;
  std::optional<http::Server> server_;  // last: stops first
};

}  // namespace lotmark::api
