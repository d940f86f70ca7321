#include <gtest/gtest.h>

#include "edge-agent/source/llrp/session.h"
#include "tests/unit/edge_agent/llrp/reader_model.h"

namespace lotmark::agent::llrp {
namespace {

using namespace test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using enum MessageType;

constexpr std::uint64_t kReaderTime = 1'767'600'000'000'000;

// A session and a reader that talk until neither has anything to say.
class SessionTest : public testing::Test {
 protected:
  Status connect(ReaderModel& reader, const SessionOptions& options = {}) {
    session_ = std::make_unique<Session>(options, now_);
    return pump(reader, reader.connect(kReaderTime));
  }
  Status pump(ReaderModel& reader, Bytes from_reader) {
    for (;;) {
      if (const auto s = session_->feed(from_reader, now_); !s) return s.error();
      for (auto& n : session_->take_news()) news_.push_back(std::move(n));
      const Bytes out = session_->take_output();
      if (out.empty()) return {};
      from_reader = reader.take(out);
    }
  }
  template <class T>
  std::vector<T> news() const {
    std::vector<T> out;
    for (const auto& n : news_) {
      if (const auto* t = std::get_if<T>(&n)) out.push_back(*t);
    }
    return out;
  }

  Mono now_{seconds(1000)};
  std::unique_ptr<Session> session_;
  std::vector<News> news_;
};

TEST_F(SessionTest, ANewReaderIsConfiguredAndRuns) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  EXPECT_TRUE(session_->ready());
  EXPECT_EQ(reader.asked, (std::vector{kGetReaderCapabilities, kSetReaderConfig, kGetRospecs,
                                       kAddRospec, kEnableRospec, kEnableEventsAndReports}));
  EXPECT_EQ(reader.rospecs, (std::map<std::uint32_t, int>{{rospec_id({}), 2}}));
  EXPECT_EQ(reader.keepalive_ms, 10000u);
  ASSERT_EQ(news<Accepted>().size(), 1u);
  EXPECT_EQ(news<Accepted>()[0].time, (Stamp{true, kReaderTime}));
  ASSERT_EQ(news<Ready>().size(), 1u);
  EXPECT_FALSE(news<Ready>()[0].resumed);
  EXPECT_EQ(news<Ready>()[0].reader.firmware, "5.1");
}

TEST_F(SessionTest, ARospecThatRunsIsLeftRunningAndWhatWasHeldComes) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  reader.disconnect();
  EXPECT_TRUE(reader.see({.epc = "00000000000000000000AAAA"}).empty());
  reader.asked.clear();
  news_.clear();
  ASSERT_TRUE(connect(reader));
  EXPECT_EQ(reader.asked, (std::vector{kGetReaderCapabilities, kSetReaderConfig, kGetRospecs,
                                       kEnableEventsAndReports, kGetReport}));
  EXPECT_TRUE(news<Ready>().at(0).resumed);
  ASSERT_EQ(news<Seen>().size(), 1u);
  EXPECT_EQ(to_hex(ByteView(news<Seen>()[0].reports.tags.at(0).epc)), "00000000000000000000aaaa");
}

TEST_F(SessionTest, RospecsOfOthersGiveWay) {
  ReaderModel reader;
  reader.rospecs = {{7, 2}, {rospec_id({}), 2}};
  ASSERT_TRUE(connect(reader));
  EXPECT_EQ(reader.rospecs, (std::map<std::uint32_t, int>{{rospec_id({}), 2}}));
}

TEST_F(SessionTest, OursIsEnabledOrStartedWhereItStands) {
  for (const auto& [state, request] : {std::pair{0, kEnableRospec}, std::pair{1, kStartRospec}}) {
    ReaderModel reader;
    reader.rospecs = {{rospec_id({}), state}};
    ASSERT_TRUE(connect(reader));
    EXPECT_EQ(reader.asked, (std::vector{kGetReaderCapabilities, kSetReaderConfig, kGetRospecs,
                                         request, kEnableEventsAndReports}));
  }
}

TEST_F(SessionTest, AReaderThatHoldsNothingIsNotAskedTo) {
  ReaderModel reader({.holds_reports = false});
  ASSERT_TRUE(connect(reader));
  EXPECT_EQ(reader.asked.back(), kEnableRospec);
}

TEST_F(SessionTest, KeepalivesAreAnsweredWithTheirId) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  ASSERT_TRUE(pump(reader, reader_message(kKeepalive, 77, {})));
  EXPECT_EQ(reader.keepalives_answered, std::vector<std::uint32_t>{77});
}

TEST_F(SessionTest, ThreeKeepalivesMissingAndTheReaderIsGone) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader, {{}, milliseconds(1000)}));
  EXPECT_EQ(session_->deadline(), now_ + seconds(3));
  EXPECT_TRUE(session_->tick(now_ + milliseconds(2999)));
  now_ += milliseconds(2999);
  ASSERT_TRUE(pump(reader, reader.keepalive()));
  EXPECT_TRUE(session_->tick(now_ + milliseconds(2999)));
  EXPECT_EQ(session_->tick(now_ + seconds(3)).code(), Errc::kUnavailable);
}

TEST_F(SessionTest, AReaderThatDoesNotAnswerIsGivenUpAtEachStep) {
  ReaderModel reader;
  session_ = std::make_unique<Session>(SessionOptions{}, now_);
  Bytes next = reader.connect(kReaderTime);
  for (int steps = 0; !session_->ready(); ++steps) {
    ASSERT_LT(steps, 10);
    EXPECT_TRUE(session_->tick(now_ + milliseconds(9999)));
    EXPECT_EQ(session_->tick(now_ + seconds(10)).code(), Errc::kUnavailable);
    now_ += seconds(5);
    ASSERT_TRUE(session_->feed(next, now_));
    next = reader.take(session_->take_output());
  }
}

TEST_F(SessionTest, ARefusalSaysWhatAndWhy) {
  for (const auto type :
       {kGetReaderCapabilities, kSetReaderConfig, kGetRospecs, kAddRospec, kEnableRospec}) {
    ReaderModel reader;
    reader.refuse[type] = 101;
    const auto s = connect(reader);
    ASSERT_EQ(s.code(), Errc::kUsage);
    EXPECT_NE(s.error().text.find("status 101 not this reader"), std::string::npos);
    EXPECT_FALSE(session_->ready());
  }
}

TEST_F(SessionTest, AReaderThatServesAnotherIsNoReader) {
  ReaderModel reader({.connection_status = 2});
  EXPECT_EQ(connect(reader).code(), Errc::kConflict);
  EXPECT_TRUE(reader.asked.empty());
}

TEST_F(SessionTest, AReaderThatFailsIsNoReaderOfAnybody) {
  ReaderModel reader({.connection_status = 3});
  EXPECT_EQ(connect(reader).code(), Errc::kUnavailable);
  EXPECT_TRUE(reader.asked.empty());
}

TEST_F(SessionTest, NothingIsAskedBeforeTheReaderSpoke) {
  session_ = std::make_unique<Session>(SessionOptions{}, now_);
  EXPECT_TRUE(session_->take_output().empty());
  EXPECT_EQ(session_->tick(now_ + seconds(10)).code(), Errc::kUnavailable);
}

TEST_F(SessionTest, AnotherClientsAttemptIsRemarkedAndNoMore) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  ASSERT_TRUE(pump(reader, connection_event(kReaderTime, true, 4)));
  EXPECT_TRUE(session_->ready());
  EXPECT_EQ(news<Remark>().size(), 1u);
}

TEST_F(SessionTest, TheReadersWordThatItEndsIsTheEnd) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  const Bytes body = event_body(1, true, ParameterType::kConnectionClose, {});
  EXPECT_EQ(pump(reader, reader_message(kReaderEventNotification, 1, body)).code(),
            Errc::kUnavailable);
}

TEST_F(SessionTest, OverflowAntennaAndExceptionAreTold) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  for (const auto& [event, value] : std::initializer_list<std::pair<ParameterType, Bytes>>{
           {ParameterType::kReportBufferOverflow, {}},
           {ParameterType::kAntennaEvent, {0, 0, 2}},
           {ParameterType::kReaderException, {0, 2, 'n', 'o'}},
           {ParameterType::kReportBufferLevelWarning, {90}}}) {
    ASSERT_TRUE(pump(
        reader, reader_message(kReaderEventNotification, 1, event_body(1, true, event, value))));
  }
  EXPECT_EQ(news<Overflow>().size(), 1u);
  ASSERT_EQ(news<AntennaChange>().size(), 1u);
  EXPECT_EQ(news<AntennaChange>()[0].antenna, 2);
  ASSERT_EQ(news<Remark>().size(), 2u);
  EXPECT_EQ(news<Remark>()[0].text, "no");
}

TEST_F(SessionTest, WhatAReportLeavesOutIsAsBefore) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  const Bytes full = report_body({{.antenna = 3, .rssi = -61, .micros = 5}});
  const Bytes bare = from_hex("00f000118d000000000000000000000001").value();
  ASSERT_TRUE(pump(reader, reader_message(kRoAccessReport, 1, full)));
  ASSERT_TRUE(pump(reader, reader_message(kRoAccessReport, 2, bare)));
  const auto tag = news<Seen>().at(1).reports.tags.at(0);
  EXPECT_EQ(tag.antenna, 3);
  EXPECT_EQ(tag.rssi_dbm, -61);
  EXPECT_EQ(tag.last_seen, (Stamp{true, 5}));
}

TEST_F(SessionTest, VendorsMessagesAndStrayAnswersArePassedOver) {
  ReaderModel reader;
  session_ = std::make_unique<Session>(SessionOptions{}, now_);
  ASSERT_TRUE(session_->feed(reader.connect(kReaderTime), now_));
  ASSERT_TRUE(session_->feed(reader_message(kCustom, 1, {0, 0, 0x65, 0x1a, 1}), now_));
  ASSERT_TRUE(
      session_->feed(reader_message(kGetReaderCapabilitiesResponse, 999, status_body(9)), now_));
  ASSERT_TRUE(session_->feed(reader_message(kAddRospecResponse, 1, status_body(9)), now_));
  ASSERT_TRUE(pump(reader, reader.take(session_->take_output())));
  EXPECT_TRUE(session_->ready());
}

TEST_F(SessionTest, AnErrorMessageEndsTheSetUpButNotTheRun) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  ASSERT_TRUE(pump(reader, reader_message(kErrorMessage, 1, status_body(109, "unsupported"))));
  EXPECT_NE(news<Remark>().at(0).text.find("unsupported"), std::string::npos);
  session_ = std::make_unique<Session>(SessionOptions{}, now_);
  EXPECT_EQ(pump(reader, reader_message(kErrorMessage, 1, status_body(109))).code(), Errc::kUsage);
}

TEST_F(SessionTest, AMessageThatIsNoneEndsTheConnection) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  EXPECT_EQ(pump(reader, from_hex("ffffffffffffffffffff").value()).code(), Errc::kFieldRange);
}

TEST_F(SessionTest, LeavingIsAnsweredAndTheRospecStays) {
  ReaderModel reader;
  ASSERT_TRUE(connect(reader));
  session_->close(now_);
  ASSERT_TRUE(pump(reader, {}));
  EXPECT_TRUE(session_->closed());
  EXPECT_EQ(reader.asked.back(), kCloseConnection);
  EXPECT_EQ(reader.rospecs.at(rospec_id({})), 2);
}

}  // namespace
}  // namespace lotmark::agent::llrp
