// What the tests of codesign_reader.hpp run:
//   predict FILE EVENTS OUT          float32 events to outputs, one by one and then as a batch
//   many CORPUS                      length-prefixed texts; prints the outputs of one event, or the error, line by line
//   fuzz FILE SEED COUNT SECONDS     mutations of a valid file until COUNT are done or SECONDS are over
#include "codesign_reader.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

using codesign::JsonNetwork;

static_assert(noexcept(std::declval<const JsonNetwork&>().predict(nullptr, nullptr)), "predict must not throw");
static_assert(noexcept(std::declval<const JsonNetwork&>().predict(nullptr, 0, nullptr)), "predict must not throw");

static std::string slurp(const char* path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

static std::vector<float> one_by_one(const JsonNetwork& net, const std::vector<float>& x) {
  const std::size_t n = x.size() / net.n_inputs();
  std::vector<float> y(n * net.n_outputs());
  for (std::size_t i = 0; i < n; ++i) net.predict(x.data() + i * net.n_inputs(), y.data() + i * net.n_outputs());
  return y;
}

static std::vector<float> at_once(const JsonNetwork& net, const std::vector<float>& x) {
  const std::size_t n = x.size() / net.n_inputs();
  std::vector<float> y(n * net.n_outputs());
  net.predict(x.data(), n, y.data());
  return y;
}

static int predict(const char* file, const char* events, const char* out) {
  const JsonNetwork net = JsonNetwork::from_file(file);
  const std::string bytes = slurp(events);
  std::vector<float> x(bytes.size() / sizeof(float));
  std::memcpy(x.data(), bytes.data(), x.size() * sizeof(float));
  std::ofstream stream(out, std::ios::binary);
  for (const std::vector<float>& y : {one_by_one(net, x), at_once(net, x)}) {
    stream.write(reinterpret_cast<const char*>(y.data()), static_cast<std::streamsize>(y.size() * sizeof(float)));
  }
  return stream ? 0 : 1;
}

static std::vector<float> events_for(const JsonNetwork& net, std::size_t n) {
  std::vector<float> x(n * net.n_inputs());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5) * 0.25f;
  return x;
}

static int many(const char* corpus) {
  const std::string bytes = slurp(corpus);
  for (std::size_t at = 0; at + 4 <= bytes.size();) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at, 4);
    const std::string text = bytes.substr(at + 4, length);
    at += 4 + length;
    try {
      const JsonNetwork net = JsonNetwork::from_text(text);
      for (const float value : one_by_one(net, events_for(net, 1))) std::printf("%.9g ", static_cast<double>(value));
      std::printf("\n");
    } catch (const std::runtime_error& error) {
      std::string line = error.what();
      for (char& letter : line) letter = letter == '\n' ? ' ' : letter;
      std::printf("error: %s\n", line.c_str());
    }
  }
  return 0;
}

static std::string mutated(const std::string& valid, std::mt19937& random) {
  static const char* const pieces[] = {"NaN", "-Infinity", "1e999", "3.5e38", "-3.4e38", "1e-999", "-0", "0", "1.", "01", "1e",
                                       "[1]", "\"x\"", "null", "true", "{}", "99999999999999999999", "[[[[[[[[[[[[[[[[", "\\u12"};
  const auto below = [&random](std::size_t n) { return n == 0 ? 0 : static_cast<std::size_t>(random()) % n; };
  std::string text = valid;
  for (std::size_t left = 1 + below(3); left > 0; --left) {
    const std::size_t at = below(text.size()), length = 1 + below(below(4) == 0 ? 400 : 6);
    switch (below(6)) {
      case 0: if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8))); break;
      case 1: text.resize(at); break;
      case 2: text.erase(at, length); break;
      case 3: text.insert(at, text.substr(below(text.size() + 1), length)); break;
      case 4: text.insert(at, pieces[below(sizeof pieces / sizeof *pieces)]); break;
      default: {
        const std::size_t start = text.find_first_of("-0123456789", at);
        if (start == std::string::npos) break;
        const std::size_t end = std::min(text.find_first_not_of("-+.eE0123456789", start), text.size());
        text.replace(start, end - start, pieces[below(sizeof pieces / sizeof *pieces)]);
      }
    }
  }
  return text;
}

static int fuzz(const char* file, unsigned seed, unsigned long count, double seconds) {
  const std::string valid = slurp(file);
  std::mt19937 random(seed);
  unsigned long done = 0, accepted = 0;
  const auto start = std::chrono::steady_clock::now();
  for (; done < count && std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() < seconds; ++done) {
    const std::string text = mutated(valid, random);
    try {
      const JsonNetwork net = JsonNetwork::from_text(text);
      ++accepted;
      const std::vector<float> x = events_for(net, 11), one = one_by_one(net, x), batch = at_once(net, x);
      for (std::size_t i = 0; i < one.size(); ++i) {
        if (one[i] != batch[i] && !(std::isnan(one[i]) && std::isnan(batch[i]))) {
          std::fprintf(stderr, "mutation %lu: %g, in a batch %g\n%s\n", done, double(one[i]), double(batch[i]), text.c_str());
          return 1;
        }
      }
    } catch (const std::runtime_error& error) {
      if (std::strncmp(error.what(), "codesign: ", 10) != 0) throw;
    }
  }
  std::printf("%lu %lu\n", done, accepted);
  return 0;
}

int main(int count, char** words) {
  const std::string mode = count > 1 ? words[1] : "";
  try {
    if (mode == "predict" && count == 5) return predict(words[2], words[3], words[4]);
    if (mode == "many" && count == 3) return many(words[2]);
    if (mode == "fuzz" && count == 6) {
      return fuzz(words[2], static_cast<unsigned>(std::atoi(words[3])), std::strtoul(words[4], nullptr, 10), std::atof(words[5]));
    }
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 3;
  }
  return 2;
}
