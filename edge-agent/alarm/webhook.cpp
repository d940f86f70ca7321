// lotmark-edge-webhook: sends what is on standard input to a URL. A program of its own, so that the agent carries no
// HTTP client, and one that hangs can be ended.
#include <curl/curl.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

namespace {

constexpr std::size_t kInputMax = 64 * 1024;
constexpr long kConnectSeconds = 5;
constexpr long kSeconds = 10;

constexpr const char* kExamples =
    "Examples:\n"
    "  echo '{\"alarm\":\"too-warm\"}' | lotmark-edge-webhook https://alerts.acme.example/hook\n"
    "\n"
    "Exit: 0 answered with 2xx, 1 not sent or another answer, 2 usage.";

std::size_t ignore(char*, std::size_t size, std::size_t count, void*) { return size * count; }

bool read_input(std::string& out) {
  out.resize(kInputMax + 1);
  out.resize(std::fread(out.data(), 1, out.size(), stdin));
  return out.size() <= kInputMax;
}

// Without what is secret in many of them: names, paths, questions.
std::string host_of(const std::string& url) {
  const std::string_view rest = std::string_view(url).substr(url.find("//") + 2);
  const auto host = rest.substr(0, rest.find_first_of("/?#"));
  return std::string(host.substr(host.rfind('@') + 1));  // all of it where there is none
}

// Empty if it was taken.
std::string post(const std::string& url, const std::string& ca, const std::string& body) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return "no memory";
  const std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"), curl_slist_free_all);
  char why[CURL_ERROR_SIZE] = "";
  CURL* c = curl.get();
  curl_easy_setopt(c, CURLOPT_URL, url.c_str());
  curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_USERAGENT, "lotmark-edge-webhook/" LOTMARK_VERSION);
  curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.c_str());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, ignore);
  curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(c, CURLOPT_TIMEOUT, kSeconds);
  curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
  if (!ca.empty()) curl_easy_setopt(c, CURLOPT_CAINFO, ca.c_str());
  const CURLcode result = curl_easy_perform(c);
  if (result != CURLE_OK) return *why != '\0' ? why : curl_easy_strerror(result);
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  return status >= 200 && status < 300 ? "" : "answered " + std::to_string(status);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App cli{"Sends an alarm to a webhook"};
  cli.footer(kExamples);
  cli.set_version_flag("--version", "lotmark-edge-webhook " LOTMARK_VERSION);
  std::string url;
  std::string ca;
  cli.add_option("url", url, "https://..., or http://127.0.0.1:... for trials")->required();
  cli.add_option("--ca", ca, "trusted CA, PEM file; default: the system's");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return cli.exit(e) == 0 ? 0 : 2;
  }
  if (!url.starts_with("https://") && !url.starts_with("http://127.0.0.1:")) {
    std::cerr << "lotmark-edge-webhook: " << url << ": must begin with https://\n";
    return 2;
  }
  std::string body;
  if (!read_input(body)) {
    std::cerr << "lotmark-edge-webhook: the input is above 64 KiB\n";
    return 2;
  }
  const std::string why = post(url, ca, body);
  if (why.empty()) return 0;
  std::cerr << "lotmark-edge-webhook: " << host_of(url) << ": " << why << "\n";
  return 1;
}
