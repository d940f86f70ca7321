// Files that are found whole or not at all.
#include "core/base/whole_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

namespace lotmark {
namespace {

namespace fs = std::filesystem;

class WholeFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "whole_file.XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    file = folder / "f";
  }
  void TearDown() override { fs::remove_all(folder); }

  std::string held() const {
    std::ifstream in(file, std::ios::binary);
    std::stringstream all;
    all << in.rdbuf();
    return all.str();
  }
  std::size_t names() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  unsigned rights() const {
    struct stat st {};
    EXPECT_EQ(::stat(file.c_str(), &st), 0);
    return st.st_mode & 0777;
  }

  fs::path folder, file;
};

TEST_F(WholeFile, TakesTheNameWithTheRightsAskedFor) {
  ASSERT_TRUE(write_whole(file, as_bytes("one")));
  EXPECT_EQ(held(), "one");
  EXPECT_EQ(rights(), kOwnerOnly);
  ASSERT_TRUE(write_whole(file, as_bytes("two"), kReadByAll));
  EXPECT_EQ(held(), "two");
  EXPECT_EQ(rights(), kReadByAll);
  EXPECT_EQ(names(), 1u);
}

TEST_F(WholeFile, ANewFileIsRefusedWhereTheNameIsTaken) {
  ASSERT_TRUE(write_new(file, as_bytes("one")));
  EXPECT_EQ(write_new(file, as_bytes("two")).code(), Errc::kConflict);
  EXPECT_EQ(held(), "one");
  EXPECT_EQ(names(), 1u);
}

TEST_F(WholeFile, WhatAnEarlierCrashLeftIsWrittenOverAndLentNothing) {
  const fs::path elsewhere = folder / "elsewhere";
  std::ofstream(elsewhere) << "not ours";
  fs::create_symlink(elsewhere, file.string() + ".part");
  ASSERT_TRUE(write_whole(file, as_bytes("one")));
  EXPECT_EQ(held(), "one");
  EXPECT_FALSE(fs::is_symlink(file));
  std::ifstream in(elsewhere);
  std::string word;
  std::getline(in, word);
  EXPECT_EQ(word, "not ours");
}

TEST_F(WholeFile, AWriteThatEndsShortLeavesTheOldFile) {
  ASSERT_TRUE(write_whole(file, as_bytes("old")));
  rlimit was{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &was), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = was;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status done = write_whole(file, Bytes(5000, 7));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &was), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(done.code(), Errc::kIo);
  EXPECT_EQ(held(), "old");
  EXPECT_EQ(names(), 1u);
}

TEST_F(WholeFile, ANameThatCannotBeTakenIsNamedInTheError) {
  fs::create_directory(file);
  const Status done = write_whole(file, as_bytes("one"));
  ASSERT_EQ(done.code(), Errc::kIo);
  EXPECT_NE(done.error().text.find(file.string()), std::string::npos);
  EXPECT_EQ(names(), 1u);
  EXPECT_EQ(write_whole(folder / "none" / "f", as_bytes("one")).code(), Errc::kIo);
}

}  // namespace
}  // namespace lotmark
