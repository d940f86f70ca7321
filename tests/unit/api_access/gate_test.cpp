// Requests as a handler would get them, or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "api/access/gate.h"
#include "api/access/issue.h"
#include "core/crypto/key_file.h"

namespace lotmark::api::access::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Time kGateTime = Time(Millis(1'790'000'000'000));
constexpr RateLimiter::Instant kGateInstant{std::chrono::hours(5)};

class GateTest : public ::testing::Test {
 protected:
  GateTest() {
    TokenIssuer issuer;
    issuer.issuer = "https://i";
    issuer.audience = "https://a";
    tokens_ = *TokenJudge::make({issuer});
    signer_ = *signer_openssl(new_scalar().view());
    const std::string set = key_set_json({&signer_->public_key(), 1});
    EXPECT_TRUE(tokens_.set_keys("https://i", *KeySet::read(as_bytes(set))));
    open();
  }
  void open() {
    CallerRules callers;
    callers.certificates = {{"mei/desk", {}, "mei", {AccessRole::kRegulator}}};
    auto gate = Gate::make(*Callers::make(callers, tokens_), rules_);
    ASSERT_TRUE(gate);
    gate_ = std::make_unique<Gate>(*std::move(gate));
  }
  std::string token(RoleSet roles) {
    return *issue_token(
        {"https://i", "https://a", "erp", "hualin", roles, kGateTime, kGateTime + Millis(60'000)},
        *signer_);
  }
  static http::Request call(const std::string& path, const std::string& token = {},
                            const std::string& method = "GET") {
    http::Request r;
    r.method = method;
    r.path = path;
    r.remote = "203.0.113.7";
    if (!token.empty()) r.headers["authorization"] = "Bearer " + token;
    return r;
  }
  Gate::Passed enter(const http::Request& r) {
    auto passed = gate_->enter(r, kGateTime, kGateInstant);
    if (passed.record) log_.push_back(*passed.record);
    return passed;
  }
  int status(const http::Request& r) {
    const auto passed = enter(r);
    return passed.refusal ? passed.refusal->status : 200;
  }

  int look(const http::Request& head) {
    const auto passed = gate_->look_at(head, kGateTime, kGateInstant);
    return passed.refusal ? passed.refusal->status : 200;
  }

  TokenJudge tokens_;
  std::unique_ptr<Signer> signer_;
  GateRules rules_;
  std::vector<AccessRecord> log_;
  std::unique_ptr<Gate> gate_;
};

TEST_F(GateTest, ConsumersComeInAndLeaveNoTrace) {
  EXPECT_EQ(status(call("/01/09506000134352/10/A")), 200);
  EXPECT_EQ(status(call("/v1/lots")), 200);
  EXPECT_EQ(status(call("/events", {}, "OPTIONS")), 200);
  EXPECT_EQ(status(call("/nothing")), 404);
  EXPECT_THAT(log_, IsEmpty());
}

TEST_F(GateTest, WhoMayReadDoesAndIsWrittenDown) {
  const auto passed = enter(call("/events", token({AccessRole::kReader, AccessRole::kCapture})));
  EXPECT_FALSE(passed.refusal);
  EXPECT_EQ(passed.caller.organisation, "hualin");
  EXPECT_EQ(passed.decision.granted, RoleSet{AccessRole::kReader});
  ASSERT_THAT(log_, SizeIs(1));
  EXPECT_EQ(log_[0].caller, "token:erp@https://i");
  EXPECT_EQ(log_[0].organisation, "hualin");
  EXPECT_EQ(log_[0].roles, "capture reader");
  EXPECT_EQ(log_[0].route, "/events");
  EXPECT_EQ(log_[0].address, "203.0.113.7");
  EXPECT_EQ(log_[0].status, 0);
}

TEST_F(GateTest, RefusalsAreWrittenDownToo) {
  EXPECT_EQ(status(call("/events/7")), 401);
  EXPECT_EQ(status(call("/events/7", token({AccessRole::kAgency}))), 403);
  EXPECT_EQ(status(call("/events/7", "a.b.c")), 401);
  ASSERT_THAT(log_, SizeIs(3));
  EXPECT_EQ(log_[0].status, 401);
  EXPECT_EQ(log_[0].caller, "address:203.0.113.7");
  EXPECT_EQ(log_[1].status, 403);
  EXPECT_EQ(log_[1].caller, "token:erp@https://i");
  EXPECT_EQ(log_[2].status, 401);
  EXPECT_THAT(log_[2].why, HasSubstr("header"));
  EXPECT_EQ(log_[2].target, "/events/7");
}

TEST_F(GateTest, TheQueryIsWrittenDownButNoCredentials) {
  auto r = call("/events", token({AccessRole::kReader}));
  r.query = "EQ_bizStep=shipping";
  EXPECT_EQ(status(r), 200);
  EXPECT_EQ(log_.at(0).target, "/events?EQ_bizStep=shipping");
  EXPECT_EQ(log_.at(0).time, kGateTime);
  r.headers["authorization"] = "Bearer secret.secret.secret";
  EXPECT_EQ(status(r), 401);
  EXPECT_THAT(log_.at(1).why, ::testing::Not(HasSubstr("secret")));
}

TEST_F(GateTest, LongPathsAreCutInTheLog) {
  const std::string path = "/events/" + std::string(4000, 'x');
  EXPECT_EQ(status(call(path)), 401);
  EXPECT_EQ(log_.at(0).target, kept_target(path));
  EXPECT_EQ(log_.at(0).target.size(), AccessRecord::kTargetMax);
}

TEST_F(GateTest, BadTokensAreRefusedOnOpenRoutesAsWell) {
  const auto passed = enter(call("/v1/lots", "a.b.c"));
  ASSERT_TRUE(passed.refusal);
  EXPECT_EQ(passed.refusal->status, 401);
  EXPECT_THAT(passed.refusal->headers.at("WWW-Authenticate"), HasSubstr("invalid_token"));
}

TEST_F(GateTest, AnUnknownKeyIsTold) {
  const auto other = *signer_openssl(new_scalar().view());
  const auto foreign = *issue_token({"https://i",
                                     "https://a",
                                     "erp",
                                     "hualin",
                                     {AccessRole::kReader},
                                     kGateTime,
                                     kGateTime + Millis(60'000)},
                                    *other);
  const auto passed = enter(call("/events", foreign));
  EXPECT_TRUE(passed.key_unknown);
  EXPECT_EQ(passed.refusal->status, 401);
  EXPECT_FALSE(enter(call("/events", "a.b.c")).key_unknown);
}

TEST_F(GateTest, WhoAsksTooOftenIsToldWhenToComeAgain) {
  rules_.nobody = {.per_second = 0.1, .burst = 2, .clients_max = 10};
  open();
  EXPECT_EQ(status(call("/v1/lots")), 200);
  EXPECT_EQ(status(call("/events")), 401);
  const auto passed = enter(call("/v1/lots"));
  ASSERT_TRUE(passed.refusal);
  EXPECT_EQ(passed.refusal->status, 429);
  EXPECT_EQ(passed.refusal->headers.at("Retry-After"), "10");
  EXPECT_EQ(status(call("/events")), 429);
  EXPECT_EQ(log_.back().status, 429);
  EXPECT_EQ(status(call("/v1/lots", token({AccessRole::kReader}))), 200) << "known by name";
}

TEST_F(GateTest, TheKnownAreLimitedWhereverTheyCallFrom) {
  rules_.known = {.per_second = 1, .burst = 3, .clients_max = 10};
  open();
  const std::string mine = token({AccessRole::kReader});
  for (int i = 0; i < 5; ++i) {
    auto r = call("/events", mine);
    r.remote = "203.0.113." + std::to_string(i);
    EXPECT_EQ(status(r), i < 3 ? 200 : 429);
  }
  http::Request other = call("/events");
  other.peer_name = "mei/desk";
  EXPECT_EQ(status(other), 200);
}

TEST_F(GateTest, AFloodOfBadTokensKeepsOutNoGoodOneOfThatAddress) {
  rules_.failures = {.per_second = 0.1, .burst = 5, .clients_max = 10};
  open();
  const std::string known = token({AccessRole::kReader});
  EXPECT_EQ(status(call("/events", known)), 200);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(call("/events", "a.b.c")), 401);
  EXPECT_EQ(status(call("/events", "a.b.c")), 429);
  EXPECT_EQ(status(call("/events", known)), 200);
  EXPECT_EQ(status(call("/events", token({AccessRole::kReader}))), 200) << "a new one too";
  EXPECT_EQ(status(call("/events", "a.b.c")), 429) << "still";
}

TEST_F(GateTest, WhatAFloodOfBadTokensMayCostHasABound) {
  rules_.failures = {.per_second = 0.1, .burst = 5, .clients_max = 10};
  rules_.second_looks = {.per_second = 0.1, .burst = 3, .clients_max = 1};
  open();
  const std::string known = token({AccessRole::kReader});
  EXPECT_EQ(status(call("/events", known)), 200);
  for (int i = 0; i < 5 + 3; ++i) EXPECT_EQ(status(call("/events", "a.b.c")), i < 5 ? 401 : 429);
  EXPECT_EQ(status(call("/events", token({AccessRole::kReader}))), 429) << "unread, so not known";
  EXPECT_EQ(status(call("/events", known)), 200) << "held before, so read";
  EXPECT_EQ(log_[log_.size() - 2].why, "credentials that did not hold, too often");
  EXPECT_EQ(status(call("/v1/lots")), 200) << "without credentials there is nothing to check";
  auto elsewhere = call("/events", token({AccessRole::kReader}));
  elsewhere.remote = "203.0.113.8";
  EXPECT_EQ(status(elsewhere), 200);
}

TEST_F(GateTest, WhoSendsTooMuchIsToldWhenToComeAgain) {
  rules_.bodies = {.per_second = 1, .burst = 10, .clients_max = 10};
  open();
  auto r = call("/capture", token({AccessRole::kCapture}), "POST");
  r.body = Bytes(6 * 1024, 'x');
  EXPECT_EQ(status(r), 200);
  const auto passed = enter(r);
  ASSERT_TRUE(passed.refusal);
  EXPECT_EQ(passed.refusal->status, 429);
  EXPECT_EQ(passed.refusal->headers.at("Retry-After"), "2");
  EXPECT_THAT(std::string(as_text(passed.refusal->body)), HasSubstr("epcisException"));
  EXPECT_EQ(log_.back().why, "too much");
  EXPECT_EQ(status(call("/events", token({AccessRole::kReader}))), 200) << "without a body";
  auto other = call("/capture", {}, "POST");
  other.body = Bytes(9 * 1024, 'x');
  EXPECT_EQ(status(other), 401) << "another one's budget";
}

TEST_F(GateTest, AHeadTakesTheCallAndItsBodyNoneMore) {
  rules_.known = {.per_second = 0.1, .burst = 2, .clients_max = 10};
  rules_.nobody = {.per_second = 0.1, .burst = 2, .clients_max = 10};
  open();
  auto good = call("/capture", token({AccessRole::kCapture}), "POST");
  good.judged_as = 100;
  EXPECT_EQ(look(good), 200);
  EXPECT_EQ(look(good), 200);
  EXPECT_EQ(look(good), 429) << "bodies of none have come";
  good.body = Bytes(100, 'x');
  EXPECT_EQ(status(good), 200);
  EXPECT_EQ(status(good), 200);
  auto nobody = call("/capture", {}, "POST");
  nobody.judged_as = 100;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look(nobody), i < 2 ? 401 : 429);
}

TEST_F(GateTest, AHeadTakesWhatItAnnouncesAndGetsBackWhatDoesNotCome) {
  rules_.bodies = {.per_second = 1, .burst = 10, .clients_max = 10};
  open();
  auto r = call("/capture", token({AccessRole::kCapture}), "POST");
  r.judged_as = 11 * 1024;
  EXPECT_EQ(look(r), 429) << "more than there ever is";
  r.judged_as = 6 * 1024;  // of a chunked body: its limit
  EXPECT_EQ(look(r), 200);
  EXPECT_EQ(look(r), 429) << "the first is still under way";
  r.body = Bytes(2 * 1024, 'x');
  EXPECT_EQ(status(r), 200);
  EXPECT_EQ(look(r), 200) << "of the ten, two were used";
  EXPECT_EQ(look(r), 429);
}

TEST_F(GateTest, WhoMayNotSendABodyIsNotChargedForIt) {
  rules_.bodies = {.per_second = 1, .burst = 10, .clients_max = 10};
  open();
  auto r = call("/capture", {}, "POST");
  r.judged_as = 9 * 1024;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(look(r), 401);
}

TEST_F(GateTest, ATokenIsOneHoweverItsHeaderIsSpelt) {
  rules_.failures = {.per_second = 0.1, .burst = 5, .clients_max = 10};
  rules_.second_looks = {.per_second = 0.001, .burst = 1, .clients_max = 1};
  rules_.known = {.per_second = 1e6, .burst = 1e6, .clients_max = 10};
  open();
  const std::string mine = token({AccessRole::kReader});
  const std::string others = token({AccessRole::kReader});
  EXPECT_EQ(status(call("/events", others)), 200);
  auto r = call("/events");
  for (std::size_t blanks = 1; blanks <= 8200; ++blanks) {
    r.headers["authorization"] =
        (blanks < 4100 ? "bearer" : "BEARER") + std::string(1 + blanks % 4100, ' ') + mine;
    ASSERT_EQ(status(r), 200);
  }
  for (int i = 0; i < 6; ++i) status(call("/events", "a.b.c"));
  EXPECT_EQ(status(call("/events", "a.b.d")), 429) << "no second looks are left";
  EXPECT_EQ(status(call("/events", others)), 200) << "still known to have held";
}

TEST_F(GateTest, WhatTheServerRefusesIsWrittenDownWhereItIsPrivate) {
  const auto head = call("/capture", {}, "POST");
  const auto record = gate_->refused_by_server(head, kGateTime, 408, "late");
  ASSERT_TRUE(record);
  EXPECT_EQ(record->caller, "address:203.0.113.7");
  EXPECT_EQ(record->route, "/capture");
  EXPECT_EQ(record->status, 408);
  EXPECT_EQ(record->why, "late");
  EXPECT_FALSE(gate_->refused_by_server(call("/v1/lots"), kGateTime, 408, "late"));
  EXPECT_FALSE(gate_->refused_by_server({}, kGateTime, 400, "no head"));
}

TEST_F(GateTest, HealthIsWatchedFromHereHoweverOften) {
  rules_.nobody = {.per_second = 0.1, .burst = 1, .clients_max = 10};
  open();
  for (const char* path : {"/healthz", "/metrics", "/healthz", "/metrics"}) {
    auto r = call(path);
    r.remote = "127.0.0.1";
    EXPECT_EQ(status(r), 200) << path;
  }
  EXPECT_EQ(status(call("/metrics")), 403);
  EXPECT_EQ(status(call("/healthz")), 429);
}

TEST(GateRulesTest, AreLookedAtBeforeTheyAreUsed) {
  const TokenJudge none;
  for (const auto rates : {&GateRules::nobody, &GateRules::known, &GateRules::failures,
                           &GateRules::second_looks, &GateRules::bodies}) {
    GateRules rules;
    (rules.*rates).burst = 0;
    auto callers = Callers::make({}, none);
    ASSERT_TRUE(callers);
    EXPECT_EQ(Gate::make(*std::move(callers), rules).code(), Errc::kConfig);
  }
}

}  // namespace
}  // namespace lotmark::api::access::test
