// ---- batches of any size ----

inline void batch(const float* events, float* outputs, std::size_t n) noexcept {
  constexpr std::size_t lanes = widest, large = lanes * block_vectors;
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
  float last[lanes * n_inputs] = {}, result[lanes * n_outputs];
  std::memcpy(last, events + done * n_inputs, (n - done) * n_inputs * sizeof(float));
  block<1>(last, result);
  std::memcpy(outputs + done * n_outputs, result, (n - done) * n_outputs * sizeof(float));
}
