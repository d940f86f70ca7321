#include "api/link/choose.h"

#include <algorithm>

#include "api/accept.h"

namespace lotmark::link {

namespace {

constexpr int kUnsaid = 1;  // above what does not fit, below every weight that a caller gives

bool same_word(std::string_view a, std::string_view b) {
  const auto small = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  return std::ranges::equal(a, b, {}, small, small);
}

int context_rank(const Target& t, const Ask& ask) {
  if (t.contexts.empty()) return kUnsaid;
  if (!ask.context) return 0;
  const auto asked = [&](const std::string& c) { return same_word(c, *ask.context); };
  return std::ranges::any_of(t.contexts, asked) ? kUnsaid + 1 : 0;
}

int language_rank(const Target& t, const Ask& ask) {
  if (ask.accept_language.empty()) return 0;
  int best = t.languages.empty() ? kUnsaid : 0;
  for (const auto& language : t.languages) {
    best = std::max(best, 2 * api::language_quality(ask.accept_language, language));
  }
  return best;
}

int media_rank(const Target& t, const Ask& ask) {
  if (ask.accept.empty()) return 0;
  return t.media_type.empty() ? kUnsaid : 2 * api::quality_of(ask.accept, t.media_type);
}

int acceptable(const Target& t, const Ask& ask) { return media_rank(t, ask) > 0; }

template <class Rank>
void keep_best(std::vector<Offer>& offers, const Ask& ask, Rank rank) {
  int best = 0;
  for (const Offer& o : offers) best = std::max(best, rank(*o.target, ask));
  std::erase_if(offers, [&](const Offer& o) { return rank(*o.target, ask) < best; });
}

}  // namespace

std::vector<Offer> best_of(std::vector<Offer> offers, const Ask& ask) {
  keep_best(offers, ask, context_rank);
  keep_best(offers, ask, acceptable);
  keep_best(offers, ask, language_rank);
  keep_best(offers, ask, media_rank);
  return offers;
}

}  // namespace lotmark::link
