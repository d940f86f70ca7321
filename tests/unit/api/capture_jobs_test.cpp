// A capture's job is shown to who captured and to admins; and a file that takes private.db's place is read at once.
#include "ledger-node/capture/event_store.h"
#include "tests/unit/api/site.h"

namespace lotmark::api::test {
namespace {

class CaptureJobs : public Site {
 protected:
  // The address of the job.
  std::string capture(const http::Headers& by, int n) {
    const auto answer =
        send("POST", "/capture", by, document({event("urn:x:" + std::to_string(n), n)}));
    EXPECT_EQ(answer.status, 202) << as_text(answer.body);
    const auto at = answer.headers.at("location");
    return at.substr(at.find("/capture"));
  }
  std::size_t jobs_of(const http::Headers& who) {
    return json_of(send("GET", "/capture", who)).size();
  }
};

TEST_F(CaptureJobs, AreShownToWhoCapturedAndToAdmins) {
  const auto token_of_erp = token({access::AccessRole::kCapture});
  const auto one = capture(certificate("yunhe/C"), 1);
  const auto two = capture(token_of_erp, 2);
  EXPECT_EQ(send("GET", one, certificate("yunhe/C")).status, 200);
  EXPECT_EQ(send("GET", two, token_of_erp).status, 200);
  EXPECT_EQ(send("GET", one, token_of_erp).status, 404);
  EXPECT_EQ(send("GET", two, certificate("yunhe/C")).status, 404);
  EXPECT_EQ(send("GET", one, certificate("yunhe/Y")).status, 404) << "another one that captures";
  for (const auto& job : {one, two})
    EXPECT_EQ(send("GET", job, certificate("yunhe/A")).status, 200);
  EXPECT_EQ(jobs_of(certificate("yunhe/C")), 1u);
  EXPECT_EQ(jobs_of(token_of_erp), 1u);
  EXPECT_EQ(jobs_of(certificate("yunhe/Y")), 0u);
  EXPECT_EQ(jobs_of(certificate("yunhe/A")), 2u);
}

TEST_F(CaptureJobs, PagesOfAListHaveTheCallersAlone) {
  for (int n = 0; n < 6; ++n) capture(certificate(n % 2 == 0 ? "yunhe/C" : "yunhe/Y"), n);
  const auto page = send("GET", "/capture?perPage=2", certificate("yunhe/C"));
  EXPECT_EQ(json_of(page).size(), 2u);
  const auto link = page.headers.at("link");
  const auto rest =
      send("GET", link.substr(link.find("/capture"), link.find('>') - link.find("/capture")),
           certificate("yunhe/C"));
  EXPECT_EQ(json_of(rest).size(), 1u);
}

TEST_F(CaptureJobs, OnesOfAnUnknownOwnerAreAnAdmins) {
  const auto job = capture(certificate("yunhe/C"), 1);
  auto db = *store::Database::open(folder.private_db());
  ASSERT_TRUE(db.exec("UPDATE capture_job SET owner = ''"));
  EXPECT_EQ(send("GET", job, certificate("yunhe/C")).status, 404);
  EXPECT_EQ(send("GET", job, certificate("yunhe/A")).status, 200);
}

TEST_F(CaptureJobs, OneCallerCannotTakeAllTheNamesOfQueries) {
  const auto named = [](int n) {
    return R"({"name":"q)" + std::to_string(n) + R"(","query":{"eventType":["ObjectEvent"]}})";
  };
  for (int n = 0; n < 100; ++n)
    ASSERT_EQ(send("POST", "/queries", certificate("yunhe/R"), named(n)).status, 201) << n;
  const auto more = send("POST", "/queries", certificate("yunhe/R"), named(100));
  EXPECT_EQ(more.status, 413) << as_text(more.body);
  EXPECT_EQ(send("POST", "/queries", certificate("yunhe/G"), named(100)).status, 201);
  EXPECT_EQ(send("DELETE", "/queries/q0", certificate("yunhe/R")).status, 204);
  EXPECT_EQ(send("POST", "/queries", certificate("yunhe/R"), named(101)).status, 201);
}

TEST(ReaderPoolTest, AFilePutInPlaceOfAnotherIsRead) {
  node::test::Folder here, restored;
  const auto count = [](epcis::ReaderPool& pool) {
    return *pool.with([](node::EventReader& r) -> Result<std::size_t> {
      LM_ASSIGN(const auto events, r.behind(0, 10));
      return events.size();
    });
  };
  const auto capture = [](const std::filesystem::path& file, int n) {
    auto store = *node::EventStore::open(file);
    ASSERT_TRUE(store->capture(
        node::test::request_of({node::test::observed("urn:x:" + std::to_string(n), n, n)}),
        Time(Millis(1))));
  };
  ASSERT_TRUE(node::EventStore::open(here.private_db()));
  epcis::ReaderPool pool(here.private_db());
  EXPECT_EQ(count(pool), 0u);
  capture(restored.private_db(), 1);
  for (const char* more : {"-wal", "-shm"})
    std::filesystem::remove(here.private_db().string() + more);
  std::filesystem::rename(restored.private_db(), here.private_db());
  EXPECT_EQ(count(pool), 1u) << "a reader that was kept is of the file of before";
  capture(here.private_db(), 2);
  EXPECT_EQ(count(pool), 2u);
}

}  // namespace
}  // namespace lotmark::api::test
