// GS1's own documents, where they are beside the repository: github.com/gs1/EPCIS of 2023-05-16, folder JSON.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "tests/unit/epcis_door/documents.h"

namespace lotmark::epcis::test {
namespace {

const std::string kGs1 = LOTMARK_SOURCE_DIR "/../shared/data/epcis/";

std::vector<std::filesystem::path> files_under(const std::string& folder) {
  std::vector<std::filesystem::path> out;
  if (!std::filesystem::exists(kGs1 + folder)) return out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kGs1 + folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::ranges::sort(out);
  return out;
}

// One has two different eventIDs in an event, which a schema never gets to see.
const std::string kTwoIds = "AssociationEvent-h.jsonld";
// One says the type of a property in its @context (no namespace).
const std::string kCoercion = "Example-TransactionEvents-2020_07_03y.jsonld";

TEST(EpcisDoorSamples, AllAreValid) {
  const auto files = files_under("samples");
  if (files.empty()) GTEST_SKIP() << "GS1's documents are not at " << kGs1;
  EXPECT_EQ(files.size(), 47u);
  for (const auto& file : files) {
    const auto body = file_text(file);
    const auto outcome = read_document(body);
    const auto fault = fault_of(outcome);
    if (file.filename() == kTwoIds) {
      EXPECT_EQ(fault.path, "/epcisBody/eventList/0/eventID");
      continue;
    }
    if (file.filename() == kCoercion && fault.path == "/@context") continue;
    ASSERT_EQ(fault.status, 0) << file << ": " << fault.path << " " << fault.detail;
    const auto& captured = std::get<Captured>(outcome);
    for (const auto& [index, wrong] : captured.faults)
      ADD_FAILURE() << file << ": " << wrong.path << " " << wrong.detail;
    EXPECT_FALSE(captured.events.empty()) << file;
    for (const auto& sent : captured.events) {
      EXPECT_NE(body.find(sent.bytes), std::string::npos);
      EXPECT_EQ(Json::parse(sent.bytes), sent.value) << file;
    }
  }
}

TEST(EpcisDoorSamples, TheInvalidOnesAreRefusedAtTheirPlace) {
  const std::map<std::string, std::vector<std::string>> kAt = {
      {"Combination_of_events_with_missing_mandatory_fields.json", {"/0", "/1"}},
      {"Combination_of_non_standard_bizStep_and_disposition.json",
       {"/0/bizStep", "/1/disposition"}},
      {"ObjectEvent_with_ilmd_field_without_namespace.json", {"/0/ilmd/materialType"}},
      {"ObjectEvent_with_invalid_certificationInfo.json", {"/0/certificationInfo/0"}},
      {"ObjectEvent_with_non_standard_bizStep.json", {"/0/bizStep"}},
      {"ObjectEvent_with_non_standard_disposition.json", {"/0/disposition"}},
      {"ObjectEvent_with_unknown_field_in_quantityList.json", {"/0/quantityList/0/weight"}},
      {"ObjectEvent_without_identifier_list.json", {"/0"}}};
  const auto files = files_under("invalid");
  if (files.empty()) GTEST_SKIP() << "GS1's documents are not at " << kGs1;
  EXPECT_EQ(files.size(), kAt.size());
  for (const auto& file : files) {
    const auto outcome = read_document(file_text(file));
    ASSERT_EQ(fault_of(outcome).status, 0) << file;
    const auto& captured = std::get<Captured>(outcome);
    EXPECT_TRUE(captured.events.empty()) << file;
    std::vector<std::string> at;
    for (const auto& [index, fault] : captured.faults) {
      EXPECT_EQ(fault.status, 400) << file;
      EXPECT_EQ(fault.type, "epcisException:ValidationException") << file;
      at.push_back(fault.path.substr(std::string("/epcisBody/eventList").size()));
    }
    EXPECT_EQ(at, kAt.at(file.filename())) << file;
  }
}

}  // namespace
}  // namespace lotmark::epcis::test
