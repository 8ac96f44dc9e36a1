// ---- batches of any size ----

// Fewer events than a vector holds, or events that the outputs may cover: they are copied first.
inline void copied(const float* events, float* outputs, std::size_t n) noexcept {
  float last[widest * n_inputs] = {}, result[widest * n_outputs];
  std::memcpy(last, events, n * n_inputs * sizeof(float));
  block<1>(last, result);
  std::memcpy(outputs, result, n * n_outputs * sizeof(float));
}

inline std::uintptr_t address(const float* at) noexcept { return reinterpret_cast<std::uintptr_t>(at); }

// Events and outputs that share memory, in an order in which no output covers an event that is still to come.
CODESIGN_RARE void overlapping(const float* events, float* outputs, std::size_t n) noexcept {
  constexpr std::size_t lanes = widest;
  const auto some = [&](std::size_t first, std::size_t count) {
    copied(events + first * n_inputs, outputs + first * n_outputs, count);
  };
  const auto forwards = [&](std::size_t first, std::size_t end) {
    for (; first < end; first += lanes) some(first, end - first < lanes ? end - first : lanes);
  };
  const auto backwards = [&](std::size_t first, std::size_t end) {
    for (; first + lanes < end; end -= lanes) some(end - lanes, lanes);
    some(first, end - first);
  };
  // The first event that its outputs do not begin before, or behind: from there on they go the other way.
  std::size_t turn = 0;
  if constexpr (n_outputs > n_inputs) {
    while (turn < n && address(outputs + turn * n_outputs) < address(events + turn * n_inputs)) ++turn;
    backwards(turn, n);
    forwards(0, turn);
  } else {
    while (turn < n && address(outputs + turn * n_outputs) > address(events + turn * n_inputs)) ++turn;
    if (turn > 0) --turn;  // its outputs stay within it, or behind all events
    forwards(turn, n);
    backwards(0, turn);
  }
}

inline void batch(const float* events, float* outputs, std::size_t n) noexcept {
  constexpr std::size_t lanes = widest, large = lanes * block_vectors;
  if (address(outputs) < address(events + n * n_inputs) && address(events) < address(outputs + n * n_outputs))
    return overlapping(events, outputs, n);
  std::size_t done = 0;
  const auto blocks_of = [&](auto vectors, std::size_t step) {
    for (; done + step <= n; done += step) block<vectors>(events + done * n_inputs, outputs + done * n_outputs);
    // What is left goes into one more block that overlaps the last, if it fills half of it: faster than smaller blocks.
    if (n < step || (n - done) * 2 <= step) return;
    block<vectors>(events + (n - step) * n_inputs, outputs + (n - step) * n_outputs);
    done = n;
  };
  blocks_of(std::integral_constant<int, block_vectors>(), large);
  blocks_of(std::integral_constant<int, 1>(), lanes);
  if (n - done <= lanes / 4) {
    for (; done < n; ++done) one(events + done * n_inputs, outputs + done * n_outputs);
    return;
  }
  copied(events + done * n_inputs, outputs + done * n_outputs, n - done);
}
