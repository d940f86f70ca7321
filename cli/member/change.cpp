#include "cli/member/change.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include "cli/ca/tables.h"
#include "cli/files.h"

#include "core/base/hex.h"
#include "core/crypto/p256.h"
#include "core/crypto/sha256.h"
#include "core/wire/codec.h"
#include "core/wire/receipt.h"

namespace lotmark::cli {

namespace {

namespace fs = std::filesystem;

// Opens the file's one table for `read`; all its faults are one error.
template <class T, class Read>
Result<T> from_toml(const std::string& file, const Read& read) {
  Faults faults;
  T out{};
  try {
    const toml::table table = toml::parse_file(file);
    out = read(TableReader(table, "", faults));
  } catch (const toml::parse_error& e) {
    faults.add(e.source().begin.line, "", std::string(e.description()));
  }
  if (!faults.empty()) return faults.error(file);
  return out;
}

PublicKey need_key(TableReader& t) {
  const GivenKey key = given_key(t);
  if (!t.has("public_key")) t.fault("public_key", "is missing");
  return key.value_or(PublicKey{});
}

Result<Member> read_member_file(const std::string& file) {
  return from_toml<Member>(file, [](TableReader t) {
    Member m;
    m.public_key = need_key(t);
    m.kid = key_id(m.public_key);
    m.roles = read_roles(t);
    m.organisation = t.need_text("organisation");
    m.area = t.text("area");
    m.prefixes = read_prefixes(t);
    m.products = t.texts("reviews");
    t.refuse_others();
    return m;
  });
}

Result<PublicKey> read_key_of(const std::string& file) {
  return from_toml<PublicKey>(file, [](TableReader t) {
    const PublicKey key = need_key(t);
    t.refuse_others();
    return key;
  });
}

// A line is named by its file, beside the programme's, or by its hash.
Result<Programme> read_programme_file(const std::string& file) {
  LM_ASSIGN(auto plan, from_toml<ProgrammePlan>(
                           file, [](TableReader t) { return read_programme(std::move(t)); }));
  for (const auto& line : plan.lines) {
    if (const auto hash = fixed_from_hex<Digest>(line)) {
      plan.body.lines.push_back(*hash);
      continue;
    }
    LM_ASSIGN(auto bytes, read_file(fs::path(file).parent_path() / line, 64u << 10));
    LM_TRY(read_line_file(bytes));
    plan.body.lines.push_back(sha256(bytes));
  }
  return plan.body;
}

Result<std::size_t> find_member(const Membership& m, const std::string& who) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < m.members.size(); ++i) {
    if (to_hex(m.members[i].kid) == who || m.members[i].organisation == who) found.push_back(i);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) return fail(Errc::kNotFound, "no member " + who);
  return fail(Errc::kConflict, who + " has several members: name one by its kid");
}

Status renew(Membership& m, const std::string& word) {
  const auto at = word.find('=');
  if (at == word.npos) return fail(Errc::kUsage, "--renew " + word + ": OLD=FILE is expected");
  LM_ASSIGN(auto i, find_member(m, word.substr(0, at)));
  LM_ASSIGN(m.members[i].public_key, read_key_of(word.substr(at + 1)));
  m.members[i].kid = key_id(m.members[i].public_key);
  return {};
}

std::string words(const std::vector<Role>& roles) {
  std::string out;
  for (Role r : roles) out += (out.empty() ? "" : ", ") + std::string(name(r));
  return out;
}

std::uint64_t supervising(const Membership& m) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(m.members, [](const Member& x) { return x.has(Role::kSupervising); }));
}

std::string list(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& t : texts) out += (out.empty() ? "" : " ") + t;
  return out.empty() ? "none" : out;
}

void compare(std::vector<std::string>& out, const std::string& of, const std::string& what,
             const std::string& before, const std::string& after) {
  if (before != after) out.push_back("~ " + of + ": " + what + " " + before + " -> " + after);
}

std::string title(const Member& m) {
  return "member " + m.organisation + " (" + words(m.roles) + ") " + to_hex(m.kid);
}

void compare_members(std::vector<std::string>& out, const Membership& a, const Membership& b) {
  for (const auto& m : a.members) {
    if (b.find(m.kid) == nullptr) out.push_back("- " + title(m));
  }
  for (const auto& m : b.members) {
    const Member* before = a.find(m.kid);
    if (before == nullptr) {
      out.push_back("+ " + title(m) + " prefixes " + list(m.prefixes) + ", reviews " +
                    list(m.products));
      continue;
    }
    const std::string of = "member " + m.organisation + " " + to_hex(m.kid);
    compare(out, of, "organisation", before->organisation, m.organisation);
    compare(out, of, "roles", words(before->roles), words(m.roles));
    compare(out, of, "area", before->area, m.area);
    compare(out, of, "prefixes", list(before->prefixes), list(m.prefixes));
    compare(out, of, "reviews", list(before->products), list(m.products));
  }
}

void compare_programmes(std::vector<std::string>& out, const Membership& a, const Membership& b) {
  for (const auto& p : a.programmes) {
    if (b.programme(p.id) == nullptr) out.push_back("- programme " + p.id);
  }
  for (const auto& p : b.programmes) {
    const Programme* before = a.programme(p.id);
    if (before == nullptr) out.push_back("+ programme " + p.id);
    const Programme none;
    const auto now = to_json(p);
    const auto was = to_json(before != nullptr ? *before : none);
    for (const auto& [key, value] : now.items()) {
      if (before == nullptr) out.push_back("+ programme " + p.id + ": " + key + " " + value.dump());
      else compare(out, "programme " + p.id, key, was.at(key).dump(), value.dump());
    }
  }
}

}  // namespace

Result<Membership> changed(const Membership& in_force, const ChangeArguments& change) {
  Membership m = in_force;
  ++m.epoch;
  m.enrolments.clear();
  for (const auto& word : change.renew) LM_TRY(renew(m, word));
  for (const auto& who : change.remove) {
    LM_ASSIGN(auto i, find_member(m, who));
    m.members.erase(m.members.begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (const auto& file : change.add) {
    LM_ASSIGN(auto member, read_member_file(file));
    if (m.find(member.kid) != nullptr)
      return fail(Errc::kConflict, file + ": that key is a member's already");
    m.members.push_back(std::move(member));
  }
  for (const auto& id : change.drop_programme) {
    if (std::erase_if(m.programmes, [&](const Programme& p) { return p.id == id; }) == 0)
      return fail(Errc::kNotFound, "no programme " + id);
  }
  for (const auto& file : change.programme) {
    LM_ASSIGN(auto programme, read_programme_file(file));
    std::erase_if(m.programmes, [&](const Programme& p) { return p.id == programme.id; });
    m.programmes.push_back(std::move(programme));
  }
  if (change.quorum != 0) m.quorum = change.quorum;
  if (const auto n = supervising(m); m.quorum > n || 2 * m.quorum <= n) {
    return fail(Errc::kStatementQuorum,
                "--quorum " + std::to_string(m.quorum) + " of " + std::to_string(n) +
                    " supervising members: must be more than half, and no more than all");
  }
  std::ranges::sort(m.members, {}, &Member::kid);
  std::ranges::sort(m.programmes, {}, &Programme::id);
  return m;
}

std::vector<std::string> differences(const Membership& before, const Membership& after) {
  std::vector<std::string> out;
  const auto quorum = [](const Membership& m) {
    return std::to_string(m.quorum) + " of " + std::to_string(supervising(m));
  };
  compare(out, "quorum", "", quorum(before), quorum(after));
  compare_members(out, before, after);
  compare_programmes(out, before, after);
  return out;
}

}  // namespace lotmark::cli
