// Compares {{ name }} in C++ with {{ n_vectors }} events, bit for bit: words in, codes out, as the firmware has them.
#include <cstdio>
#include <fstream>
#include <vector>

#include "{{ name }}{{ "_words" if words else "" }}.hpp"

namespace emulator = {{ name }};

int main(int argc, char** argv) {
  std::ifstream file(argc > 1 ? argv[1] : "vectors.txt");
  std::vector<emulator::input_t> events;
  std::vector<long long> expected;
  long long words[emulator::n_inputs];
  while (file >> words[0]) {
    for (int i = 1; i < emulator::n_inputs; ++i) file >> words[i];
    events.resize(events.size() + emulator::n_inputs);
    emulator::input_t* event = events.data() + events.size() - emulator::n_inputs;
{% if words %}
    emulator::from_words(words, event);
{% else %}
    for (int i = 0; i < emulator::n_inputs; ++i) event[i] = emulator::input_t(words[i]);
{% endif %}
    for (int i = 0; i < emulator::n_outputs; ++i) {
      long long code = 0;
      file >> code;
      expected.push_back(code);
    }
  }
  const std::size_t n = events.size() / emulator::n_inputs;
  std::vector<emulator::output_t> batch(expected.size()), single(expected.size());
  emulator::emulate(events.data(), batch.data(), n);
  for (std::size_t event = 0; event < n; ++event)
    emulator::emulate(events.data() + event * emulator::n_inputs, single.data() + event * emulator::n_outputs);
  std::size_t mismatches = 0;
  for (std::size_t event = 0; event < n; ++event) {
    bool agrees = true;
    for (std::size_t i = event * emulator::n_outputs; i < (event + 1) * emulator::n_outputs; ++i)
      agrees = agrees && batch[i] == expected[i] && single[i] == expected[i];
    mismatches += !agrees;
  }
  const bool passed = mismatches == 0 && n == {{ n_vectors }};
  std::printf("%s: %zu of %zu events agree\n", passed ? "PASS" : "FAIL", n - mismatches, n);
  return passed ? 0 : 1;
}
