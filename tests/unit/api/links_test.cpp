// The file of producers' links: what it gives, and every way in which it is refused.
#include "api/link/links.h"

#include <gtest/gtest.h>

#include "tests/unit/api/api_fixture.h"

namespace lotmark::link {
namespace {

// One entry; `more` replaces or adds lines.
std::string entry(std::string_view key, std::string_view more = "") {
  return "[[links]]\nkey = \"" + std::string(key) +
         "\"\ntype = \"gs1:pip\"\nhref = \"https://a.example/\"\ntitle = \"T\"\n" +
         std::string(more) + "\n";
}

// With one line of its own.
std::string with(std::string_view line) {
  std::string text = "[[links]]\n";
  const auto name = line.substr(0, line.find(' '));
  for (const std::string_view usual : {"key = \"/01/09521141123454\"", "type = \"gs1:pip\"",
                                       "href = \"https://a.example/\"", "title = \"T\""}) {
    if (!usual.starts_with(name)) text.append(usual).append("\n");
  }
  return text.append(line).append("\n");
}

std::string faults(std::string_view text) {
  const auto links = Links::parse(text, "links.toml");
  EXPECT_FALSE(links) << text.substr(0, 300);
  return links ? "" : links.error().text;
}

std::vector<std::string> paths_of(const Links& links, const char* asked) {
  const auto link = gs1::read_link_path(asked);
  EXPECT_TRUE(link) << asked;
  std::vector<std::string> out;
  for (const Level& l : links.levels(*link)) out.push_back(l.path + " " + l.targets->front().title);
  return out;
}

TEST(Links, NoneOfAnEmptyFile) {
  const auto links = Links::parse("", "links.toml");
  ASSERT_TRUE(links) << links.error().text;
  EXPECT_EQ(links->size(), 0u);
  EXPECT_TRUE(links->levels(*gs1::read_link_path("/01/09521141123454/10/A")).empty());
  EXPECT_TRUE(Links::parse("links = []\n", "links.toml"));
}

TEST(Links, LevelsComeFromTheFinestUpToTheKeyThenItsPrefixes) {
  const std::string text =
      "[[links]]\nkey = \"/01/09521141123454\"\ntype = \"gs1:pip\"\nhref = "
      "\"https://a.example/\"\ntitle = \"key\"\n"
      "[[links]]\nkey = \"/01/09521141123454/10/A%2f1\"\ntype = \"gs1:pip\"\nhref = "
      "\"https://a.example/\"\ntitle = "
      "\"lot\"\n"
      "[[links]]\nkey = \"/01/09521141123454/10/A%2F1/21/7\"\ntype = \"gs1:pip\"\nhref = "
      "\"https://a.example/\"\n"
      "title = \"item\"\n"
      "[[links]]\nkey = \"/01/0952*\"\ntype = \"gs1:pip\"\nhref = \"https://a.example/\"\ntitle = "
      "\"short\"\n"
      "[[links]]\nkey = \"/01/0952114112345*\"\ntype = \"gs1:pip\"\nhref = "
      "\"https://a.example/\"\ntitle = \"long\"\n";
  const auto links = Links::parse(text, "links.toml");
  ASSERT_TRUE(links) << links.error().text;
  EXPECT_EQ(links->size(), 5u);
  using Paths = std::vector<std::string>;
  const std::string key = "/01/09521141123454";
  EXPECT_EQ(paths_of(*links, "/01/09521141123454/10/A%2F1/21/7"),
            (Paths{key + "/10/A%2F1/21/7 item", key + "/10/A%2F1 lot", key + " key", key + " long",
                   key + " short"}));
  EXPECT_EQ(paths_of(*links, "/01/09521141123454/10/A%2F1/21/8"),
            (Paths{key + "/10/A%2F1 lot", key + " key", key + " long", key + " short"}));
  EXPECT_EQ(paths_of(*links, "/01/09521141123454/10/B"),
            (Paths{key + " key", key + " long", key + " short"}));
  EXPECT_EQ(paths_of(*links, "/01/09521141123454/21/7"),
            (Paths{key + " key", key + " long", key + " short"}));
  EXPECT_EQ(paths_of(*links, "/01/09521141123669"), (Paths{"/01/09521141123669 short"}));
  EXPECT_TRUE(paths_of(*links, "/01/04006381333931").empty());
  EXPECT_TRUE(paths_of(*links, "/414/9521141123454").empty());
}

TEST(Links, WhatIsSaidWithoutACoarserQualifierIsFoundTooBehindWhatNamesIt) {
  std::string text;
  for (const char* key : {"/22/V/10/L/21/S", "/10/L/21/S", "/22/V/21/S", "/21/S", "/22/V/10/L",
                          "/10/L", "/22/V", "", "/22/W/10/L", "/22/V/10/M"}) {
    text += "[[links]]\nkey = \"/01/09521141123454" + std::string(key) +
            "\"\ntype = \"gs1:pip\"\nhref = \"https://a.example/\"\ntitle = \"T\"\n";
  }
  const auto links = Links::parse(text, "links.toml");
  ASSERT_TRUE(links) << links.error().text;
  const std::string key = "/01/09521141123454";
  const auto paths = [&](const char* qualifiers) {
    std::string out;
    for (const auto& path : paths_of(*links, (key + qualifiers).c_str()))
      out += path.substr(key.size(), path.size() - key.size() - 1);
    return out;
  };
  EXPECT_EQ(paths("/22/V/10/L/21/S"),
            "/22/V/10/L/21/S /10/L/21/S /22/V/21/S /21/S /22/V/10/L /10/L /22/V  ");
  EXPECT_EQ(paths("/22/V/10/L"), "/22/V/10/L /10/L /22/V  ");
  EXPECT_EQ(paths("/10/L"), "/10/L  ") << "a variant that the label does not say is not found";
  EXPECT_EQ(paths("/22/X/10/L"), "/10/L  ");
}

TEST(Links, EveryPartOfALinkIsRead) {
  const auto links = Links::parse(entry("/01/09521141123454",
                                        "language = [\"en\", \"zh-CN\"]\nmedia_type = "
                                        "\"text/html\"\ncontext = \"CN\"\ndefault = true"),
                                  "links.toml");
  ASSERT_TRUE(links) << links.error().text;
  const auto levels = links->levels(*gs1::read_link_path("/01/09521141123454"));
  ASSERT_EQ(levels.size(), 1u);
  const Target expected{"https://ref.gs1.org/voc/pip",
                        "https://a.example/",
                        "T",
                        {"en", "zh-CN"},
                        "text/html",
                        {"CN"},
                        true};
  EXPECT_EQ(levels[0].targets->front(), expected);
  EXPECT_EQ(links->contexts(), std::vector<std::string>{"CN"});
}

TEST(Links, AllFaultsComeAtOnceWithTheirLines) {
  const std::string f = faults(
      "colour = 1\n[[links]]\nkey = \"/01/09521141123455\"\ntype = \"gs1:nonsense\"\nhref = "
      "\"ftp://a\"\n"
      "title = \"\"\nlanguage = \"english\"\n[[links]]\nsize = 3\n[[links]]\nkey = "
      "\"/01/09521141123454\"\n"
      "type = \"gs1:pip\"\nhref = \"https://a.example/\"\ntitle = 7\ndefault = \"yes\"\n");
  for (const char* expected :
       {"links.toml:1: colour: unknown key", "links.toml:3: key: ",
        "links.toml:4: type: is no link type", "links.toml:5: href: must begin with https://",
        "links.toml:6: title: ", "links.toml:7: language: ", "links.toml:8: key: is missing",
        "links.toml:8: type: is missing", "links.toml:8: href: is missing",
        "links.toml:8: title: is missing", "links.toml:9: size: unknown key",
        "links.toml:14: title: must be a text", "links.toml:15: default: must be true or false"}) {
    EXPECT_NE(f.find(expected), std::string::npos) << expected << "\nin\n" << f;
  }
  EXPECT_EQ(std::count(f.begin(), f.end(), '\n'), 12) << f;
}

TEST(Links, WhatIsWrongWithALineIsRefused) {
  const std::string_view bad[] = {
      "key = 7",
      "key = \"\"",
      "key = \"/\"",
      "key = \"01/09521141123454\"",
      "key = \"/01/9521141123454\"",
      "key = \"/01/09521141123454/\"",
      "key = \"/01/09521141123454/21/S/10/L\"",
      "key = \"/01/09521141123454?17=281231\"",
      "key = \"https://a.example/01/09521141123454\"",
      "key = \"/way/01/09521141123454\"",
      "key = \"/10/L\"",
      "key = \"/01/*\"",
      "key = \"*\"",
      "key = \"/01/*952\"",
      "key = \"/01/095*\"",
      "key = \"/01/09521141123454*\"",
      "key = \"/01/0952x*\"",
      "key = \"/00/0952*\"",
      "key = \"/01/0952**\"",
      "type = \"pip\"",
      "type = \"gs1:\"",
      "type = \"gs1:Pip\"",
      "type = \"gs1:defaultLink\"",
      "type = \"gs1:defaultLinkMulti\"",
      "type = \"https://ref.gs1.org/voc/nonsense\"",
      "type = \"schema:url\"",
      "type = \"https://\"",
      "type = \"https://a.example/x#y\"",
      "href = \"\"",
      "href = \"/page\"",
      "href = \"//a.example/\"",
      "href = \"javascript:alert(1)\"",
      "href = \"data:text/html,x\"",
      "href = \"HTTPS://a.example/\"",
      "href = \" https://a.example/\"",
      "href = \"https://\"",
      "href = \"https:///x\"",
      "href = \"https://:80/\"",
      "href = \"https://user@a.example/\"",
      "href = \"https://user:pass@a.example/\"",
      "href = \"https://{lot}/\"",
      "href = \"https://{lot}.example/\"",
      "href = \"https://a.example{lot}\"",
      "href = \"https://a.example:{lot}/\"",
      "href = \"https://a_b.example/\"",
      "href = \"https://a.example\\\\@b.example/\"",
      "href = \"https://a.example/\\r\\nX: y\"",
      "href = \"https://a.example/a b\"",
      "href = \"https://a.example/<\"",
      "href = \"https://a.example/{\"",
      "href = \"https://a.example/}\"",
      "href = \"https://a.example/{}\"",
      "href = \"https://a.example/{{lot}}\"",
      "href = \"https://a.example/{colour}\"",
      "href = \"https://a.example/{99999}\"",
      "href = \"https://a.example/%\"",
      "href = \"https://a.example/%4\"",
      "href = \"https://a.example/%zz\"",
      "href = \"https://a.example/%{lot}\"",
      "href = \"https://a.example/#a#b\"",
      "href = \"https://a.example/\u00e9\"",
      "href = [\"https://a.example/\"]",
      "title = \"\"",
      "title = \"a\\nb\"",
      "title = \"a\\u0000b\"",
      "language = \"e\"",
      "language = \"eng\"",
      "language = \"zh-Hans\"",
      "language = \"zh_CN\"",
      "language = [1]",
      "language = {}",
      "media_type = \"html\"",
      "media_type = \"text/\"",
      "media_type = \"/html\"",
      "media_type = \"text/html;charset=utf-8\"",
      "media_type = \"text/html\\r\\nX: y\"",
      "context = \"\"",
      "context = \"a b\"",
      "context = [[\"a\"]]",
      "default = 1",
      "hreflang = \"en\"",
  };
  for (const auto line : bad)
    EXPECT_NE(faults(with(line)).find("links.toml:"), std::string::npos) << line;
  for (const char* text : {"links = 1\n", "[links]\nkey = \"x\"\n", "links = [1]\n",
                           "[[links]]\nkey = = 1\n", "\xff\xfe", "[[links]]\nkey = \"\xff\"\n"}) {
    EXPECT_NE(faults(text).find("links.toml:"), std::string::npos) << text;
  }
}

TEST(Links, WhatIsRightWithALineIsTaken) {
  const std::string_view good[] = {
      "key = \"/01/09521141123454/235/X\"",
      "key = \"/01/0952*\"",
      "type = \"https://ref.gs1.org/voc/epil\"",
      "type = \"https://gs1.org/voc/epil\"",
      "type = \"https://terms.example/voc/recycling\"",
      "href = \"http://a.example\"",
      "href = \"https://a.example:8443/{gtin}/{lot}/{serial}/{cpv}/{10}?a=%20b&c={21}#{gtin}\"",
      "href = \"https://[2001:db8::1]/x\"",
      "title = \"\u75ab\u82d7\"",
      "language = []",
      "media_type = \"application/vnd.x+json\"",
      "context = [\"CN\", \"CN\", \"patient\"]",
      "default = false",
  };
  for (const auto line : good) {
    const auto links = Links::parse(with(line), "links.toml");
    EXPECT_TRUE(links) << line << "\n" << links.error().text;
  }
}

TEST(Links, KeysOtherThanGtinsNeedADefault) {
  EXPECT_NE(
      faults(entry("/414/9521141123454")).find("no default link at /414/9521141123454 or above"),
      std::string::npos);
  EXPECT_TRUE(Links::parse(entry("/414/9521141123454", "default = true"), "f"));
  EXPECT_TRUE(Links::parse(
      entry("/414/9521141123454/254/1") + entry("/414/9521141123454", "default = true"), "f"));
  EXPECT_FALSE(Links::parse(
      entry("/414/9521141123454/254/1", "default = true") + entry("/414/9521141123454"), "f"));
  EXPECT_TRUE(Links::parse(entry("/01/09521141123454"), "f"));
  const std::string finer =
      "[[links]]\nkey = \"/414/9521141123454\"\ntype = \"gs1:pip\"\nhref = "
      "\"https://a.example/{254}\"\ntitle = \"T\"\n"
      "default = true\n";
  EXPECT_NE(faults(finer).find("a default link names only values of its key"), std::string::npos);
}

TEST(Links, TheSameLinkTwiceAndTooManyOfOneKeyAreFaults) {
  EXPECT_NE(faults(entry("/01/09521141123454") + entry("/01/09521141123454")).find("twice"),
            std::string::npos);
  std::string many;
  for (std::size_t i = 0; i <= kLinksOfKeyMax; ++i)
    many += with("title = \"T" + std::to_string(i) + "\"");
  EXPECT_NE(faults(many).find("more than 64 links"), std::string::npos);
}

TEST(Links, SizesHaveLimits) {
  EXPECT_EQ(Links::parse(std::string(kLinksFileMax + 1, '#'), "f").code(), Errc::kTooLarge);
  EXPECT_FALSE(Links::parse(with("title = \"" + std::string(kTitleMax + 1, 'a') + "\""), "f"));
  EXPECT_FALSE(
      Links::parse(with("href = \"https://a.example/" + std::string(kHrefMax, 'a') + "\""), "f"));
  EXPECT_FALSE(
      Links::parse(with("key = \"/01/09521141123454/10/" + std::string(9000, 'a') + "\""), "f"));
  EXPECT_FALSE(
      Links::parse("links = " + std::string(5000, '[') + std::string(5000, ']') + "\n", "f"));
  std::string tables = "links = [";
  for (std::size_t i = 0; i <= kLinksMax; ++i) tables += "{},";
  EXPECT_NE(faults(tables + "]\n").find("more than 100000"), std::string::npos);
}

TEST(Links, ContextsHaveALimit) {
  std::string text;
  for (std::size_t i = 0; i <= kContextsMax; ++i) {
    text += entry("/01/09521141123454/10/" + std::to_string(i),
                  "context = \"c" + std::to_string(i) + "\"");
  }
  EXPECT_NE(faults(text).find("more than 256 different ones"), std::string::npos);
}

TEST(Links, OfManyFaultsAHundredAreTold) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "[[links]]\n";
  const std::string f = faults(text);
  EXPECT_EQ(std::count(f.begin(), f.end(), '\n'), 100);
  EXPECT_NE(f.find("and 700 more faults"), std::string::npos) << f.substr(f.size() - 60);
}

TEST(Links, AFileIsReadByItsName) {
  const api::test::TempDir dir;
  const auto file = dir.write("links.toml", entry("/01/09521141123454"));
  const auto links = Links::read(file);
  ASSERT_TRUE(links) << links.error().message();
  EXPECT_EQ(links->size(), 1u);
  EXPECT_EQ(Links::read(dir.path() / "none.toml").code(), Errc::kIo);
  EXPECT_EQ(Links::read({})->size(), 0u);
  EXPECT_EQ(Links::read("/dev/zero").code(), Errc::kTooLarge);
  const auto bad = Links::read(dir.write("bad.toml", "x = 1\n"));
  EXPECT_EQ(bad.code(), Errc::kConfig);
  EXPECT_TRUE(bad.error().text.starts_with((dir.path() / "bad.toml").string() + ":1: x"))
      << bad.error().text;
}

TEST(Links, ValuesInAnHrefCannotLeaveTheirPlace) {
  Target t;
  t.href = "https://a.example/x/{lot}?s={21}";
  const auto href = [&](std::string lot, std::string serial) {
    gs1::Link asked;
    asked.key = {"01", "09521141123454"};
    asked.qualifiers = {{"10", std::move(lot)}, {"21", std::move(serial)}};
    return href_of(t, asked);
  };
  EXPECT_EQ(href("a/../b?c#d", "e&f=g%"), "https://a.example/x/a%2F..%2Fb%3Fc%23d?s=e%26f%3Dg%25");
  EXPECT_EQ(href("..", "1"), std::nullopt);
  EXPECT_EQ(href("1", "."), std::nullopt);
  EXPECT_EQ(href("...", "1"), "https://a.example/x/...?s=1");
  EXPECT_EQ(href("{lot}", "1"), "https://a.example/x/%7Blot%7D?s=1");
}

TEST(LinkTypes, AreNamedShortOrWhole) {
  EXPECT_EQ(whole_type("gs1:pip"), "https://ref.gs1.org/voc/pip");
  for (const char* same :
       {"https://ref.gs1.org/voc/pip", "https://gs1.org/voc/pip", "https://www.gs1.org/voc/pip"}) {
    EXPECT_EQ(whole_type(same), "https://ref.gs1.org/voc/pip");
  }
  EXPECT_EQ(whole_type("https://terms.example/x"), "https://terms.example/x");
  for (const char* none :
       {"", "pip", "gs1:", "gs1:a/b", "gs1:a b", "GS1:pip", "https://", "http:///x", "ftp://a/b",
        "https://a.example/\"", "https://a.example/\r\nx"}) {
    EXPECT_EQ(whole_type(none), std::nullopt) << none;
  }
  EXPECT_EQ(whole_type("https://a.example/" + std::string(500, 'a')), std::nullopt);
  for (const char* name : {"activityIdeas", "pip", "traceability", "certificationInfo", "epcis",
                           "whatsInTheBox", "dpp"}) {
    EXPECT_TRUE(is_gs1_link_type(name)) << name;
  }
  for (const char* name : {"", "PIP", "zzz", "defaultLink", "linkType"})
    EXPECT_FALSE(is_gs1_link_type(name)) << name;
}

}  // namespace
}  // namespace lotmark::link
