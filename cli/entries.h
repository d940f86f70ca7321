// What an operator puts on the chain by way of a node: revocations, recalls, enrolments.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "cli/node/profile.h"
#include "cli/output.h"
#include "core/wire/enums.h"

namespace lotmark::cli {

class Control;

struct RevokeArguments {
  ProfileChoice profile;
  std::string kid;
  std::string reason = "compromised";
  std::string text;
  std::optional<std::uint64_t> from;  // nothing: the next block as the node holds the chain
  bool self = false;                  // the operator's own key revokes itself
};
Exit run_revoke(const RevokeArguments& arguments, Output& out);
Exit run_revocations(const ProfileChoice& profile, Output& out);

struct RecallArguments {
  ProfileChoice profile;
  std::string gtin;
  std::string lot;  // empty: the whole product
  std::string reason;
};
Exit run_recall_open(const RecallArguments& arguments, Output& out);
Exit run_recall_close(const RecallArguments& arguments, Output& out);
Exit run_recall_list(const ProfileChoice& profile, Output& out);

struct EnrolArguments {
  ProfileChoice profile;
  std::string name;
  std::string public_key;    // 04 and 128 hex digits
  std::string organisation;  // empty: the node's own
  std::string site;
  std::vector<std::string> channels;     // name:unit:exp
  std::vector<std::string> calibration;  // channel=certificate,YYYYMMDD,offset,accuracy
  std::string predecessor;
};
Exit run_enrol_device(const EnrolArguments& arguments, Output& out);
Exit run_enrol_start(const EnrolArguments& arguments, Output& out);
Exit run_enrol_operator(const EnrolArguments& arguments, Output& out);

// What became of what this node was given.
Exit run_submissions(const ProfileChoice& profile, Output& out);

std::uint64_t now_ms();

// A table of these fields of each row of a list.
void show_rows(const nlohmann::json& list, const std::vector<std::string>& columns, Output& out);

// The enumerator of that name; usage with all of them if there is none.
template <class E>
Result<E> word_of(const std::string& text, const char* option) {
  std::string words;
  for (std::int64_t i = 0; i < kEnumCount<E>; ++i) {
    const E value = static_cast<E>(i);
    if (text == name(value)) return value;
    words += (words.empty() ? "" : ", ") + std::string(name(value));
  }
  return fail(Errc::kUsage, std::string(option) + " is one of " + words);
}

// Hands a payload to the node, which signs it, or a signed object; says its id.
Exit submit(const Control& control, const std::string& type, Bytes payload, Output& out);
Exit submit_signed(const Control& control, Bytes object, Output& out);

}  // namespace lotmark::cli
