#include "tests/scenario/lot/network.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace lotmark::test {

namespace {

void write(const std::filesystem::path& file, ByteView bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

std::unique_ptr<Signer> again(const Party& p) {
  for (unsigned s = 1; s < 256; ++s) {  // Party keys are small scalars
    auto signer = signer_openssl(party_scalar(static_cast<std::uint8_t>(s)));
    if (signer && (*signer)->kid() == p.kid()) return std::move(*signer);
  }
  return nullptr;
}

}  // namespace

Network::Network(Consortium& consortium, const std::filesystem::path& folder,
                 std::vector<node::CalibrationEntry> calibration, const Configure& configure)
    : c_(consortium) {
  std::filesystem::create_directories(folder);
  write(folder / "anchor.cbor", c_.anchor);
  write(folder / "line.cbor", c_.line_bytes);
  for (const Party* p : {&c_.enterprise, &c_.east, &c_.west, &c_.supervisors[0], &c_.supervisors[1],
                         &c_.supervisors[2]}) {
    node::NodeConfig config;
    config.name = p->name;
    config.organisation = p->organisation;
    config.anchor = folder / "anchor.cbor";
    config.data_dir = folder / p->name;
    config.primary = c_.supervisors[0].kid();
    config.lines = {folder / "line.cbor"};
    config.calibration = calibration;
    if (configure) configure(*p, config);
    auto core = node::NodeCore::open(config, again(*p));
    EXPECT_TRUE(core) << p->name << ": " << core.error().message();
    nodes_[p->kid()] = std::move(*core);
  }
}

Network::~Network() = default;

node::Reply Network::carry(const KeyId& from, const node::Outgoing& out) {
  node::Reply reply;
  reply.status = 503;
  reply.error = fail(Errc::kNetwork, "cut off");
  const auto target = nodes_.find(out.to);
  if (target == nodes_.end() || cut_.contains(out.to) || cut_.contains(from)) return reply;
  if (const auto hand = impersonated_.find(out.to); hand != impersonated_.end())
    return hand->second(from, out);
  node::Call call{out.method, out.path, out.body, {}};
  auto token = nodes_.at(from)->authorize(out.to, call, c_.clock.now());
  EXPECT_TRUE(token);
  call.authorization = *token;
  return target->second->peer(call, c_.clock.now());
}

void Network::advance(Millis by, Millis step) {
  constexpr Millis kLong{4000};  // nodes forget within 5 s who answered
  for (Millis gone{0}; gone < by; gone += step) {
    c_.clock.advance(step);
    tick_all();
    if (step > kLong) tick_all();  // whoever heard from nobody for so long did so just now
  }
}

void Network::tick_all() {
  for (auto& [kid, core] : nodes_) {
    if (impersonated_.contains(kid)) continue;
    for (const auto& out : core->tick(c_.clock.now())) core->complete(out, carry(kid, out));
  }
}

node::Reply Network::send(const Party& by, const Party& at, const std::string& method,
                          const std::string& path, Bytes body) {
  node::Call call{method, path, std::move(body), {}};
  auto token = node::make_authorization(*by.signer, c_.chain, at.kid(), call, c_.clock.now());
  EXPECT_TRUE(token);
  call.authorization = *token;
  return node(at).peer(call, c_.clock.now());
}

void Network::impersonate(const Party& party, Answer answer) {
  impersonated_[party.kid()] = std::move(answer);
}

std::vector<node::Publication> Network::publish(const std::string& topic, ByteView payload) {
  std::vector<node::Publication> answers;
  for (auto& [kid, core] : nodes_) {
    for (const auto& filter : core->subscriptions()) {
      if (!bus::matches(filter, topic)) continue;
      for (auto& a : core->messages({{topic, to_bytes(payload)}}, c_.clock.now()))
        answers.push_back(std::move(a));
      break;
    }
  }
  return answers;
}

node::Reply Network::control_raw(const Party& at, const Party& by, const std::string& method,
                                 const std::string& path, Bytes body) {
  node::Call call{method, path, std::move(body), {}};
  auto token = node::make_authorization(*by.signer, c_.chain, at.kid(), call, c_.clock.now());
  EXPECT_TRUE(token);
  call.authorization = *token;
  return node(at).control(call, c_.clock.now());
}

nlohmann::json Network::control(const Party& at, const Party& by, const std::string& method,
                                const std::string& path, const nlohmann::json& body) {
  const Bytes bytes = body.is_null() ? Bytes() : to_bytes(as_bytes(body.dump()));
  const auto reply = control_raw(at, by, method, path, bytes);
  EXPECT_TRUE(reply.ok()) << method << " " << path << ": " << reply.status << " "
                          << as_text(reply.body);
  return nlohmann::json::parse(as_text(reply.body), nullptr, false);
}

}  // namespace lotmark::test
