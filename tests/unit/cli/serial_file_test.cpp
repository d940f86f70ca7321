// Files of serials as the tool reads them: what is refused is named by file and line.
#include "cli/serial_file.h"

#include <gtest/gtest.h>

#include "tests/must.h"
#include "tests/unit/cli/run.h"

namespace lotmark::cli::test {
namespace {

class SerialFiles : public testing::Test {
 protected:
  // The serials; or the error, with "FILE" in the file's place.
  std::vector<std::string> read(const std::string& content, const std::string& column = {}) {
    write(dir_ / "f", content);
    const SerialFileOptions options{dir_ / "f", column};
    auto file = SerialFile::open(options);
    if (!file) return {said(file.error())};
    std::vector<std::string> out;
    while (true) {
      auto serial = file->next();
      if (!serial) return {said(serial.error())};
      if (!*serial) return out;
      out.push_back(**serial);
    }
  }
  std::string checked(const std::string& content, const std::string& column = {}) {
    write(dir_ / "f", content);
    const auto count = check_serial_file({dir_ / "f", column});
    return count ? std::to_string(*count) : said(count.error());
  }
  std::string said(const Error& error) const {
    std::string text = error.message();
    const std::string name = dir_ / "f";
    if (const auto at = text.find(name); at != std::string::npos)
      text.replace(at, name.size(), "FILE");
    return text;
  }
  using List = std::vector<std::string>;
  TempDir dir_;
};

TEST_F(SerialFiles, OneALineHoweverLinesEnd) {
  EXPECT_EQ(read("A\nB\nC\n"), (List{"A", "B", "C"}));
  EXPECT_EQ(read("A\r\nB"), (List{"A", "B"}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "A\n"),
            (List{"A"}));
  EXPECT_EQ(read("A,B\n"), (List{"A,B"}));  // a comma is of the set
  EXPECT_EQ(read(""), List{});
}

TEST_F(SerialFiles, AColumnOfCsvByNameOrNumber) {
  const std::string csv = "lot,serial\nL1,A\nL1,\"B\"\n\"L,1\",\"C\"\n";
  EXPECT_EQ(read(csv, "serial"), (List{"A", "B", "C"}));
  EXPECT_EQ(read("L1,A\nL1,B\n", "2"), (List{"A", "B"}));
  EXPECT_EQ(read("\xef\xbb\xbfserial\nA\n", "serial"), (List{"A"}));
  EXPECT_EQ(read("serial\n\"A\"\"B\"\n", "serial"), (List{"A\"B"}));
  EXPECT_EQ(read(csv, "Serial"), List{"usage: FILE line 1: no column \"Serial\" is named there"});
  EXPECT_EQ(read("lot,serial\nL1\n", "serial"),
            List{"usage: FILE line 2: has 1 fields, the serial is number 2"});
  EXPECT_EQ(read("lot,serial\nL1,\"A\n", "serial"),
            List{"usage: FILE line 2: its quotes are not those of CSV"});
  EXPECT_EQ(read("a,b\n1,A\"\n", "b"), List{"usage: FILE line 2: its quotes are not those of CSV"});
  EXPECT_EQ(read("1,A\n", "0"), List{"usage: FILE line 1: no column \"0\" is named there"});
}

TEST_F(SerialFiles, WhatIsNoSerialIsNamedByLine) {
  EXPECT_EQ(
      read("A\nB C\n"),
      List{"field-range: FILE line 2: \"B C\" is no serial: 1 to 20 characters of GS1's set"});
  EXPECT_EQ(read("A\n\nB\n"),
            List{"field-range: FILE line 2: \"\" is no serial: 1 to 20 characters of GS1's set"});
  EXPECT_EQ(read(std::string(20, 'A') + "\n"), List{std::string(20, 'A')});
  EXPECT_TRUE(read(std::string(21, 'A') + "\n").front().starts_with("field-range: FILE line 1"));
  EXPECT_EQ(read(std::string(5000, 'A')), List{"too-large: FILE line 1: longer than 4096 bytes"});
}

TEST_F(SerialFiles, OneThatStandsThereTwiceIsNamedByBothLines) {
  EXPECT_EQ(checked("A\nB\nC\nB\n"),
            "list-duplicate: FILE line 4: serial B stands in line 2 already");
  EXPECT_EQ(checked("lot,serial\n1,A\n2,A\n", "serial"),
            "list-duplicate: FILE line 3: serial A stands in line 2 already");
  EXPECT_EQ(checked("A\nB\n"), "2");
  EXPECT_EQ(checked(""), "usage: FILE holds no serial");
}

TEST_F(SerialFiles, AFileThatIsNoneIsSaid) {
  EXPECT_EQ(SerialFile::open({dir_ / "none", {}}).code(), Errc::kIo);
  EXPECT_EQ(SerialFile::open({dir_.path().string(), {}}).code(), Errc::kIo);
}

}  // namespace
}  // namespace lotmark::cli::test
